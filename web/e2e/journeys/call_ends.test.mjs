// The other ends of an application: excluded, forfeited, inadmissible, paid and revoked.
// Those who examine and decide have no JavaScript; who approves has a telephone. The clock
// is moved.

import { test } from 'node:test'
import { clock } from '../harness.mjs'
import { cases, elena, giulia, roberto } from './indemnity.mjs'
import { told } from './people.mjs'
import { approve, approver, desk, done, find, numbered, officer, propose, take } from './welfare.mjs'

const plain = { scripts: false }
const phone = { scripts: false, width: 360 }
const silvia = (t) => officer(t, desk, plain)
const franco = (t) => approver(t, desk, phone)

// opens has who applied open their application by its number.
async function opens(member, number) {
  await member.open(cases)
  await member.follow(/^Visualizza/, { within: `tr:has-text("${number}")` })
}

test('an application of who was no member ends excluded', async (t) => {
  const number = await numbered(t, 'Roberto Vitale', 'ottobre 2026')
  await t.test('as the checks lead to it', async (t) => {
    const s = await silvia(t)
    const at = await take(s, number)
    await find(s, at, 'V2', { verdict: 'Non verificata', read: { 'Iscrizione attiva': 'No' }, note: 'Cancellato dall’albo in luglio.' })
    for (const check of ['V1', 'V6', 'V7']) await find(s, at, check)
    await find(s, at, 'V14', { verdict: 'Non applicabile', note: 'Non riguarda questa domanda.' })
    await propose(s, at, 'Esclusa', 'Nel periodo non risulti iscritto.')
    await approve(await franco(t), number)
  })
  await t.test('and is read by who applied', async (t) => {
    const member = await roberto(t)
    await told(member, 'ENPAP: c’è una novità sulla tua domanda')
    await opens(member, number)
    await member.sees('Esclusa')
    await member.follow('Leggi la lettera')
    await member.sees('La domanda è esclusa.')
    await member.sees('Nel periodo non risulti iscritto.')
    await member.sees('articolo 2 del bando')
  })
})

test('an application without a document ends inadmissible', async (t) => {
  const number = await numbered(t, 'Giulia Bianchi', 'novembre 2026')
  await t.test('after who approves has sent it back once', async (t) => {
    const s = await silvia(t)
    const at = await take(s, number)
    await find(s, at, 'V1', { verdict: 'Non verificata', read: { 'Documento di riconoscimento': 'Manca' }, note: 'Le due foto sono di altro.' })
    await propose(s, at, 'Inammissibile')
    const f = await franco(t)
    await f.open(`${desk}/approvazioni`)
    await f.follow(number)
    await f.tick('Rimanda con motivazione')
    await f.press('Registra la decisione', { status: 422 })
    await f.tick('Rimanda con motivazione')
    await f.fill(/^Motivazione/, 'Scrivi che cosa c’è nelle foto.')
    await f.press('Registra la decisione')
    await done(f, 'Proposta rimandata')
    await s.open(`${at}/esito`)
    await s.sees('Scrivi che cosa c’è nelle foto.')
    await propose(s, at, 'Inammissibile', 'Le foto mostrano una tessera sanitaria.')
    await approve(f, number)
  })
  await t.test('and is read by who applied', async (t) => {
    const member = await giulia(t)
    await opens(member, number)
    await member.sees('Inammissibile')
    await member.follow('Leggi la lettera')
    await member.sees('Le foto mostrano una tessera sanitaria.')
  })
})

test('an application whose member does not answer ends forfeited', async (t) => {
  const number = await numbered(t, 'Elena Serra', 'ottobre 2026')
  await t.test('by two people, never by itself', async (t) => {
    await clock('2026-12-02T23:59:30+01:00')
    const member = await elena(t)
    await opens(member, number)
    await member.sees('Rispondi alla richiesta')
    await clock('2026-12-03T09:00:00+01:00')
    const s = await silvia(t)
    const at = await take(s, number)
    await s.open(`${desk}/domande`)
    await s.sees('Prossimo passo: proponi la decadenza')
    await s.open(`${at}/richieste`)
    await s.follow(/^Richiesta di documenti/)
    await s.sees('La domanda non decade da sola')
    await s.follow('Proponi la decadenza')
    await propose(s, at, 'Decaduta')
    await approve(await franco(t), number)
  })
  await t.test('and is read by who applied', async (t) => {
    const member = await elena(t)
    await opens(member, number)
    await member.sees('Decaduta')
    await member.follow('Leggi la lettera')
    await member.sees('La domanda è decaduta.')
  })
})

test('an indemnity that was paid is revoked, and owed back', async (t) => {
  const number = await numbered(t, 'Roberto Vitale', 'luglio 2026')
  await t.test('is paid', async (t) => {
    const member = await roberto(t)
    await opens(member, number)
    await member.sees('Pagata')
  })

  await t.test('is examined again, and its revocation proposed by one and approved by another', async (t) => {
    const s = await silvia(t)
    await take(s, number)
    await s.follow('Controlla su segnalazione')
    await s.fill('Motivo del controllo', 'Una segnalazione dell’Ordine.')
    await s.press('Apri il controllo')
    await s.tick('Irregolare')
    await s.fill('Che cosa è emerso', 'In quei giorni ha lavorato.')
    await s.tick(/^Una dichiarazione non è vera/)
    await s.press('Registra l’esito')
    await done(s, 'Esito del controllo registrato')
    await s.follow('Proponi la revoca')
    await s.fill('Testo per chi ha fatto la domanda', 'In quei giorni hai lavorato.')
    await s.press('Controlla la lettera')
    await s.press('Proponi la revoca')
    await done(s, 'Revoca proposta')
    await approve(await franco(t), number)
  })

  await t.test('is read by who owes it back', async (t) => {
    const member = await roberto(t)
    await opens(member, number)
    await member.sees('Revocata')
    await member.follow('Leggi la lettera')
    await member.sees('L’indennità è revocata.')
    await member.sees('In quei giorni hai lavorato.')
    await member.sees(/Roberto Vitale restituisce 600,00 € entro/)
    await member.sees(/Paga con un bonifico a .*, IBAN IT/)
    const s = await silvia(t)
    await s.open(`${desk}/recuperi`)
    await s.sees(/Roberto Vitale[^]*600,00 €/)
  })
})
