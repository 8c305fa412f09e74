// What is about to be lost, and is saved in two clicks: a psychologist sees sessions
// with somebody whose code is in its last days, confirms them all at once, and sends
// one invoice for them; the list is empty. Nobody’s browser runs scripts. The clock is
// moved.

import { test } from 'node:test'
import { clock } from '../harness.mjs'
import { bill, book, code, come, files, marco, told } from './people.mjs'

const atRisk = '/professionisti/a-rischio'
const nothing = 'Tutte le tue sedute sono complete'
const scripts = false

const antonio = 'CNTNTN68A20D612T'
const days = ['2026-11-23', '2026-11-24']
const evening = '2026-11-24T18:00:00+01:00'

test('sessions of a code in its last days', async (t) => {
  await t.test('are booked', async (t) => {
    const holder = await come(t, 'cittadino-scadenza', 'cittadino', files, { scripts })
    await holder.follow(/^Visualizza/, { within: 'main' })
    const uniqueCode = await holder.reads(code)
    const psychologist = await marco(t, atRisk, { scripts })
    await psychologist.sees(nothing)
    for (const day of days) await book(psychologist, uniqueCode, antonio, day)
    await told(holder, 'INPS: nuovo appuntamento')
  })

  await t.test('stand on a list with what they are worth and until when', async (t) => {
    await clock(evening)
    const psychologist = await marco(t, atRisk, { scripts })
    await psychologist.sees('2 sedute, 100,00 €')
    await psychologist.sees(/Entro /)
    await psychologist.sees('Da confermare')
  })

  await t.test('are confirmed together', async (t) => {
    const psychologist = await marco(t, atRisk, { scripts })
    await psychologist.follow('Conferma 2 sedute')
    await psychologist.press('Conferma le sedute', { status: 422 })
    await psychologist.sees('Per confermare le sedute devi confermare questa dichiarazione')
    await psychologist.tick(/^Dichiaro/)
    await psychologist.press('Conferma le sedute')
    await psychologist.sees('2 sedute confermate')
  })

  await t.test('have one invoice, and the list is empty', async (t) => {
    const psychologist = await marco(t, atRisk, { scripts })
    await psychologist.sees('Da fatturare')
    await psychologist.misses('Da confermare')
    await psychologist.follow(/^Inserisci fattura/, { within: 'table' })
    await bill(psychologist, '7/2026', evening.slice(0, 10))
    await psychologist.open(atRisk)
    await psychologist.sees(nothing)
    const holder = await come(t, 'cittadino-scadenza', 'cittadino', files, { scripts })
    await told(holder, 'INPS: saldo aggiornato')
  })
})
