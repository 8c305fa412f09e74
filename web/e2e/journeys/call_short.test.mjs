// A call that can pay one of two. Its appropriation is cut by two people; the heirs of
// Salvatore are ranked first, and one of them is paid her share; Giulia is suitable, and
// nothing is left for her. A scenario shows what would be. The clock is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock } from '../harness.mjs'
import { cases, give, giulia, scan } from './indemnity.mjs'
import { come, told } from './people.mjs'
import { approve, approver, desk, done, find, hear, numbered, officer, orders, pay, propose, rank, take } from './welfare.mjs'

const anna = (t, to = '/area-personale', options) => come(t, 'erede', 'erede', to, options)
const call = `${desk}/bandi/2026-11`

test('a call that can pay one of two', async (t) => {
  const theirs = await numbered(t, 'Salvatore Esposito', 'novembre 2026')
  const hers = await numbered(t, 'Giulia Bianchi', 'novembre 2026')
  let ranking

  await t.test('has its appropriation cut by one', async (t) => {
    const silvia = await officer(t, call)
    await silvia.follow('Prepara una nuova versione')
    await silvia.press('Prepara una nuova versione')
    await silvia.follow(/^Modifica.*[Ss]tanziamento/)
    await silvia.fill('Stanziamento', '2.000,00')
    await silvia.press(/^Salva/)
    await silvia.sees('2.000,00 €')
    await silvia.follow(/^Proponi/)
    await silvia.press(/^Proponi/)
    await done(silvia, 'Bozza proposta')
  })

  await t.test('has what was cut released by another', async (t) => {
    const franco = await approver(t, call)
    await franco.follow('Approva o rimanda')
    await franco.sees('1 valore cambia')
    await franco.tick('Approva le modifiche')
    await franco.press('Registra la decisione')
    await done(franco, 'Regole approvate')
  })

  await t.test('has an application of heirs, one of whom answers', async (t) => {
    const widow = await anna(t)
    await widow.follow('La domanda che segui come erede')
    await widow.follow('Rispondi alla richiesta')
    await widow.follow(/^Carica:/)
    await give(widow, await scan(widow, 'dichiarazione', 'Dichiarazione sostitutiva, con la data'))
    await widow.press('Salva e controlla la risposta')
    await widow.press('Invia la risposta')
    await widow.sees('Risposta inviata', 'h1')
  })

  await t.test('has both examined and found suitable', async (t) => {
    const [silvia, franco] = [await officer(t), await approver(t)]
    let at = await take(silvia, theirs)
    await silvia.open(`${at}/richieste`)
    await silvia.follow(/^Richiesta di documenti/)
    await silvia.tick('Accetta la risposta')
    await silvia.press('Salva la valutazione')
    for (const check of ['V1', 'V6', 'V7', 'V17', 'V18']) await find(silvia, at, check)
    await propose(silvia, at, 'Idonea')
    await approve(franco, theirs)
    at = await take(silvia, hers)
    for (const check of ['V1', 'V6', 'V7']) await find(silvia, at, check)
    await propose(silvia, at, 'Idonea')
    await approve(franco, hers)
  })

  await t.test('is ranked by three', async (t) => {
    await clock('2026-12-14T10:00:00+01:00')
    ranking = await rank(t, '2026-11', { scripts: false })
  })

  await t.test('is tried with more money', async (t) => {
    const franco = await approver(t, ranking)
    await franco.follow('Prova uno scenario')
    await franco.fill('Stanziamento', '20.000,00')
    await franco.press('Calcola lo scenario', { status: 422 })
    await franco.fill('Che cosa deve mostrare', 'Se lo stanziamento bastasse.')
    await franco.press('Calcola lo scenario')
    await franco.awaits('È uno scenario')
    await franco.sees('Se lo stanziamento bastasse.')
    await franco.sees('20.000,00 €')
    await franco.sees(hers)
    await franco.sees('Uguale riga per riga')
    assert.equal(await franco.offers('Proponi per l’approvazione'), false, 'a scenario may be proposed')
  })

  await t.test('tells who is left out why, and who was the last in', async (t) => {
    const member = await giulia(t)
    await member.open(cases)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${hers}")` })
    await member.sees('Idonea, risorse esaurite')
    await member.follow('Vedi il tuo posto in graduatoria')
    await member.sees('2 su 2')
    await member.sees('Ultima domanda ammessa')
  })

  await t.test('pays an heir her share', async (t) => {
    await clock('2026-12-15T10:00:00+01:00')
    const run = await pay(t, 'novembre 2026')
    await clock('2026-12-17T17:00:00+01:00')
    const all = await orders(t, run)
    assert.equal(all.length, 1, 'others are paid')
    await hear(t, run, all.map((o) => [o, '2026-12-17']))
    const widow = await anna(t)
    await widow.follow('La domanda che segui come erede')
    await widow.follow(/pagamento/i, { within: 'main' })
    await widow.sees('Pagato, con valuta')
    await told(await giulia(t), 'ENPAP: è uscita la graduatoria')
  })
})
