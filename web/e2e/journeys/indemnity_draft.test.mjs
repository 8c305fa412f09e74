// An application for the indemnity as it is begun: while the injury lasts, left and
// taken up on another device; and one of cycles of therapy, stop by stop.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cases, elena, roberto } from './indemnity.mjs'

for (const scripts of [true, false]) {
  test(`a draft during the injury, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    const here = await elena(t, `${cases}/nuova`, { scripts })
    await here.tick('Infortunio')
    await here.tick('No, non ancora')
    await here.dates('Primo giorno', '2026-11-16')
    await here.dates('Ultimo giorno', '2026-11-20')
    await here.press('Controlla', { status: 422 })
    await here.sees('l’ultimo giorno deve essere oggi o nei prossimi giorni')
    await here.dates('Ultimo giorno', '2026-11-27')
    await here.press('Controlla')
    await here.sees('Puoi fare domanda quando il periodo è finito')
    await here.sees('Si può inviare dal 28 novembre 2026 fino al 7 dicembre 2026, ore 23:59')
    await here.press('Inizia la domanda')
    const tasks = here.path()
    await here.sees('Completata in 1 parte su 10')
    await here.follow('Attività professionale')
    await here.tick('Sì')
    await here.press('Salva e continua')
    await here.sees('Altre coperture', 'h1')
    await here.tick('No')
    await here.press('Salva ed esci')
    await here.sees('Bozza salvata')

    const there = await elena(t, tasks, { scripts: !scripts })
    await there.sees('Completata in 3 parti su 10')
    await there.sees('Stima dell’indennità e del punteggio')
    await there.page.setViewportSize({ width: 360, height: 800 })
    await there.follow('Date e giorni')
    await there.dates('Ultimo giorno', '2026-11-15')
    await there.press('Salva e continua', { status: 422 })
    await there.sees('L’ultimo giorno viene prima del primo')
    await there.dates('Ultimo giorno', '2026-11-22')
    await there.press('Salva e continua')
    await there.open(tasks)
    await there.sees('mercoledì 2 dicembre 2026, ore 23:59')
    await there.follow('Elimina la bozza')
    await there.press('Elimina la bozza')
    await there.sees('Bozza eliminata')
    await here.open(tasks, { status: 404 })
  })
}

test('the stops of a cycle, one by one and without JavaScript', async (t) => {
  const member = await roberto(t, `${cases}/nuova`, { scripts: false })
  await member.tick(/^Cicli di terapia/)
  await member.tick('Sì')
  await member.dates('Primo giorno', '2026-11-02')
  await member.dates('Ultimo giorno', '2026-11-19')
  await member.press('Controlla')
  await member.press('Inizia la domanda')
  const tasks = member.path()
  await member.follow('Date e giorni')
  for (const [from, to] of [['2026-11-02', '2026-11-05'], ['2026-11-16', '2026-11-19']]) {
    await member.follow('Aggiungi un altro periodo')
    await member.dates('Primo giorno di stop', from)
    await member.dates('Ultimo giorno di stop', to)
    await member.press('Salva il periodo')
  }
  assert.equal(await member.fact('Giorni totali'), '8')
  await member.follow(/^Modifica il periodo dal 16/)
  await member.press('Togli questo periodo')
  await member.misses('16/11/2026')
  await member.open(tasks.replace('/compila', '/elimina'))
  await member.press('Elimina la bozza')
})
