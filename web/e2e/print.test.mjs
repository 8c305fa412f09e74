// What comes out of the printer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './harness.mjs'

test('the card with the code prints on one sheet, large or small', async (t) => {
  const citizen = await visit(t)
  await citizen.login('cittadina', { to: '/contributo-psicoterapia/domande' })
  await citizen.follow(/^Visualizza/, { within: 'main' })
  await citizen.follow(/^Stampa la scheda/)
  for (const format of ['A4', 'A6']) {
    assert.equal(await sheets(citizen.page, format), 1, `on ${format}`)
  }
})

// sheets counts the pages of a PDF by their objects.
async function sheets(page, format) {
  const pdf = await page.pdf({ format })
  return pdf.toString('latin1').match(/\/Type \/Page\b/g).length
}
