// A pregnancy at risk. The one that was interrupted is an application, for which the
// act of the local health authority is enough; the one that ended in a birth is none, and
// the page says whose it is. On a phone, without JavaScript.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, begin, cases, certificate, declare, elena, identify, mailed, photograph, scan, send } from './indemnity.mjs'

const phone = { scripts: false, width: 360 }
const interrupted = 'Gravidanza a rischio, poi interrotta'
const birth = 'Gravidanza a rischio, seguita dal parto'

test('a pregnancy at risk that was interrupted', async (t) => {
  let tasks

  await t.test('is an application with the act of the ASL', async (t) => {
    const member = await elena(t, cases, phone)
    tasks = await begin(member, { cause: interrupted, first: '2026-10-26', last: '2026-11-20', sees: 'basta il provvedimento della ASL che ti ha fatto sospendere il lavoro' })
    await member.follow('Date e giorni')
    await member.misses('Data di nascita')
    await member.dates('Giorno dell’interruzione', '2026-10-25')
    await member.press('Salva e continua', { status: 422 })
    await member.sees('Il giorno dell’interruzione deve essere dopo il primo giorno e non dopo oggi')
    await member.dates('Giorno dell’interruzione', '2026-11-12')
    await member.press('Salva e continua')
    await member.sees('Come documento sanitario basta il provvedimento della ASL.')
    await certificate(member, { kind: 'Provvedimento della ASL', issued: '2026-10-26', from: '2026-10-26', to: '2026-11-12', file: await scan(member, 'provvedimento', 'Protocollo 1') })
    await member.sees('Mancano 8 giorni: dal 13 al 20 novembre 2026')
    await certificate(member, { kind: 'Certificato di prosecuzione', issued: '2026-11-13', from: '2026-11-13', to: '2026-11-20', file: await photograph(member, 'dopo', 'Prognosi di otto giorni') })
    await member.sees('Ogni giorno del periodo ha un certificato.')
  })

  await t.test('is sent, and nothing that is told of it tells what it is about', async (t) => {
    const member = await elena(t, `${tasks}/documento`, phone)
    await identify(member, await scan(member, 'carta', 'Carta d’identità'))
    await answer(member)
    await declare(member)
    await member.sees('12 novembre 2026')
    const sentAs = await send(member)
    const mail = await mailed(`domanda ricevuta, protocollo ${sentAs}`)
    assert.doesNotMatch(mail, /gravidanza|ASL|SRRLNE/i)
  })
})

for (const scripts of [true, false]) {
  test(`one that ended in a birth is none, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    const member = await elena(t, `${cases}/nuova`, { scripts, width: 360 })
    await member.tick(birth)
    await member.tick('Sì')
    await member.dates('Primo giorno', '2026-10-26')
    await member.dates('Ultimo giorno', '2026-11-20')
    await member.press('Controlla')
    await member.sees('Questo periodo è tutelato dalla maternità')
    await member.sees('questa indennità non si può chiedere')
    assert.equal(await member.offers('Inizia la domanda'), false, 'an application for a maternity can be begun')

    const tasks = await begin(member, { cause: interrupted, first: '2026-11-21', over: false })
    await member.follow('Tipo di evento')
    await member.tick(birth)
    await member.press('Salva e continua')
    await member.sees('Questo periodo è tutelato dalla maternità')
    await member.open(tasks)
    await member.follow('Elimina la bozza')
    await member.press('Elimina la bozza')
  })
}
