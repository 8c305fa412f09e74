// An application that its member withdraws, and the other one that they send in its
// place while there is time. The clock is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock } from '../harness.mjs'
import { answer, begin, cases, certificate, declare, giulia, identify, mailed, photograph, send } from './indemnity.mjs'
import { told, twice } from './people.mjs'

const phone = { scripts: false, width: 360 }
const [first, last] = ['2026-11-12', '2026-11-20']
const afterTheTerm = '2026-12-01T10:00:00+01:00'

test('an application that is withdrawn', async (t) => {
  let withdrawn, at

  await t.test('was sent, by somebody who owes and reads so', async (t) => {
    const member = await giulia(t, cases, phone)
    withdrawn = await apply(member)
    await member.follow('Vai alla domanda')
    at = member.path()
  })

  await t.test('is withdrawn only by who says so twice, without JavaScript', async (t) => {
    const member = await giulia(t, at, phone)
    await member.follow('Ritira la domanda')
    await member.sees(`Vuoi ritirare la domanda ${withdrawn}?`, 'h1')
    await member.sees('Puoi inviarne un’altra solo entro il 30 novembre 2026')
    await member.follow('Tieni la domanda')
    await member.misses('Ritirata')
    await member.follow('Ritira la domanda')
    await twice(member, 'Ritira la domanda')
    await member.sees('Domanda ritirata')
    await member.sees('Hai ritirato la domanda il 23 novembre 2026.')
    assert.equal(await member.offers('Ritira la domanda'), false, 'what was withdrawn can be withdrawn')
    await member.open(`${at}/ritira`, { status: 409 })
    await member.open(`${at}/ricevuta`)
    await member.sees(withdrawn)
  })

  await t.test('is told by mail and in the portal', async (t) => {
    const member = await giulia(t)
    await told(member, 'ENPAP: domanda ritirata')
    await member.sees(withdrawn)
    const mail = await mailed(`La domanda ${withdrawn}`)
    assert.match(mail, /Subject: ENPAP: domanda ritirata/)
  })

  await t.test('leaves its days to another, until the term', async (t) => {
    const member = await giulia(t)
    const other = await apply(member)
    assert.notEqual(other, withdrawn)
    await member.open(cases)
    await member.sees('Ritirata', `tr:has-text("${withdrawn}")`)
    await member.sees('Inviata', `tr:has-text("${other}")`)
    await begun(member, 'Questi giorni sono già in un’altra domanda')
    await clock(afterTheTerm)
    const later = await giulia(t)
    await later.follow(/^Visualizza/, { within: `tr:has-text("${other}")` })
    await later.follow('Ritira la domanda')
    await later.sees('Non puoi inviarne un’altra: il termine è passato il 30 novembre 2026.')
  })
})

// apply sends an application for the days.
async function apply(member) {
  await begin(member, { cause: 'Infortunio', first, last, sees: 'Dai nostri dati non risulti in regola' })
  await member.follow('Certificati medici')
  await certificate(member, { kind: 'Certificato iniziale', issued: first, from: first, to: last, file: await photograph(member, 'prognosi', 'Prognosi di nove giorni') })
  await member.follow('Continua')
  await identify(member, await photograph(member, 'patente', 'Patente'))
  await answer(member)
  await declare(member)
  return send(member)
}

// begun asks for the days once more, and is told why not.
async function begun(member, why) {
  await member.open(`${cases}/nuova`)
  await member.tick('Infortunio')
  await member.tick('Sì')
  await member.dates('Primo giorno', first)
  await member.dates('Ultimo giorno', last)
  await member.press('Controlla', { status: 422 })
  await member.sees(why)
}
