// A call that is ranked and not yet paid is sampled: one officer says how many, another
// has chance draw them, and nobody of the public learns a name. Without JavaScript, on a
// narrow screen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from '../harness.mjs'
import { approver, desk, done, officer } from './welfare.mjs'

const plainly = { scripts: false, width: 360 }
const controls = `${desk}/controlli`
const why = 'Una domanda basta: sono tre.'
const month = 'settembre 2026'

test('the sample of a call', async (t) => {
  let sample

  await t.test('is proposed by one, who cannot draw it', async (t) => {
    const silvia = await officer(t, controls, plainly)
    await silvia.follow(/^Proponi il campione/, { within: `tr:has-text("${month}")` })
    await silvia.tick('Un numero di domande')
    await silvia.fill('Quante domande', '0')
    await silvia.fill('Motivo della misura', why)
    await silvia.press('Proponi il campione', { status: 422 })
    assert.equal(await silvia.page.getByLabel('Motivo della misura').inputValue(), why)
    await silvia.fill('Quante domande', '1')
    await silvia.press('Proponi il campione')
    await done(silvia, 'Campione proposto')
    await silvia.misses('Conferma ed estrai')
    sample = silvia.path()
  })

  await t.test('is drawn by another', async (t) => {
    const franco = await approver(t, sample, plainly)
    await franco.tick('Conferma ed estrai')
    await franco.press('Registra la decisione')
    await done(franco, 'Campione estratto')
  })

  await t.test('is a check to make, and finds all in order', async (t) => {
    const silvia = await officer(t, sample, plainly)
    await silvia.follow(/^ENPAP-/)
    await silvia.tick('Regolare')
    await silvia.press('Registra l’esito', { status: 422 })
    await silvia.sees('Scrivi che cosa è emerso')
    await silvia.fill('Che cosa è emerso', 'La struttura conferma i giorni.')
    await silvia.press('Registra l’esito')
    await done(silvia, 'Esito del controllo registrato')
  })

  await t.test('is everybody’s to draw again, without names', async (t) => {
    const anybody = await visit(t, plainly)
    await anybody.open('/indennita-malattia-infortunio/controlli')
    await anybody.follow(new RegExp(month))
    await anybody.sees('Come si estrae')
    for (const name of ['Basile', 'Caruso', 'Orlando']) await anybody.misses(name)
  })
})
