// Cycles of therapy, on a phone: one stop after the other, each a few days, until there
// are enough of them; the certificate of their end; and the application that counts
// them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, begin, certificate, declare, identify, photograph, roberto, scan, send } from './indemnity.mjs'

const phone = { width: 360, scripts: process.env.SCRIPTS !== 'off' }

test('cycles of therapy', async (t) => {
  let tasks

  await t.test('have stops that do not overlap, and a day may be one', async (t) => {
    const member = await roberto(t, undefined, phone)
    tasks = await begin(member, { cause: /^Cicli di terapia/, first: '2026-11-02', last: '2026-11-20', sees: 'il certificato di fine terapia con l’elenco dei giorni di stop' })
    await member.follow('Date e giorni')
    await member.sees('Servono almeno 8 giorni in tutto.')
    await stop(member, '2026-11-02', '2026-11-04')
    await stop(member, '2026-11-04', '2026-11-06', { status: 422 })
    await member.sees('Questi giorni sono già in un altro periodo dell’elenco')
    await member.dates('Primo giorno di stop', '2026-11-10')
    await member.dates('Ultimo giorno di stop', '2026-11-12')
    await member.press('Salva il periodo')
    assert.equal(await member.fact('Giorni totali'), '6')
    await stop(member, '2026-11-18')
    assert.equal(await member.fact('Giorni totali'), '7')
  })

  await t.test('are corrected from the keyboard', async (t) => {
    const member = await roberto(t, `${tasks}/periodo`)
    await member.follow(/^Modifica il periodo dal 18/)
    await member.page.getByRole('group', { name: 'Primo giorno di stop' }).getByLabel('Giorno').focus()
    for (const part of ['18', '11', '2026', '20', '11', '2026']) {
      await member.page.keyboard.press('Control+A')
      await member.page.keyboard.type(part)
      await member.page.keyboard.press('Tab')
    }
    await member.enter()
    assert.equal(await member.fact('Giorni totali'), '9')
  })

  await t.test('are proved by the certificate of their end', async (t) => {
    const member = await roberto(t, tasks, phone)
    await member.follow('Certificati medici')
    await member.sees('Senza questo la domanda è inammissibile')
    await certificate(member, { kind: 'Certificato di fine terapia', issued: '2026-11-19', file: await scan(member, 'fine', 'Giorni di stop') })
    await member.sees('È stato rilasciato prima dell’ultimo giorno di stop')
    await member.follow('Modifica fine.pdf')
    await member.dates('Data del certificato', '2026-11-20')
    await member.press('Salva')
    await member.misses('È stato rilasciato prima dell’ultimo giorno di stop')
    await member.follow('Aggiungi un certificato')
    await member.tick('Certificato di fine terapia')
    await member.dates('Data del certificato', '2026-11-20')
    const twice = await photograph(member, 'doppio', 'Giorni di stop')
    await member.attach('File del documento', twice.name, twice.type, twice.content)
    await member.press('Carica')
    await member.follow('Elimina doppio.jpg')
    await member.press('Elimina')
    await member.sees('doppio.jpg non c’è più')
    await member.follow('Continua')
    await identify(member, await scan(member, 'passaporto', 'Passaporto'))
  })

  await t.test('are counted, and sent', async (t) => {
    const member = await roberto(t, `${tasks}/attivita`, phone)
    await answer(member)
    await declare(member)
    await member.sees('dal 10 al 12 novembre 2026')
    await member.sees('Giorni che potrebbero essere pagati')
    await send(member)
    await member.follow('Vai alla domanda')
    await member.follow('Calcolo e punteggio')
    await member.unfold('Giorni pagati')
    await member.sees('Ultimo giorno di stop')
    await member.sees('Giorni riconosciuti')
  })
})

// stop adds a stop to the list of a cycle.
async function stop(member, from, to, options) {
  await member.follow('Aggiungi un altro periodo')
  await member.dates('Primo giorno di stop', from)
  if (to) await member.dates('Ultimo giorno di stop', to)
  await member.press('Salva il periodo', options)
}
