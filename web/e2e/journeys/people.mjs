// The people of a journey, and what more than one of them does. Each comes with a
// browser of their own.

import assert from 'node:assert/strict'
import { site, visit } from '../harness.mjs'

// code is the shape of a code.
export const code = /\b[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}\b/

export const files = '/contributo-psicoterapia/domande'
export const agenda = '/professionisti/sedute'
export const bills = '/professionisti/fatture'
export const inps = '/gestione/inps'

// come brings a persona to a page.
export async function come(t, persona, profile, to, options) {
  const visitor = await visit(t, options)
  await visitor.login(persona, { profile, to })
  return visitor
}

export const citizen = (t, options) => come(t, 'cittadina', 'cittadino', files, options)
export const marco = (t, to, options) => come(t, 'psicologo-nuovo', 'psicoterapeuta', to, options)
export const giulia = (t, to, options) => come(t, 'psicologa', 'psicoterapeuta', to, options)
export const officer = (t, to = inps, options) => come(t, 'inps-istruttore', 'inps', to, options)
export const approver = (t, to = inps, options) => come(t, 'inps-approvatore', 'inps', to, options)
export const publisher = (t, to = inps, options) => come(t, 'inps-dirigente', 'inps', to, options)
export const payer = (t, to, options) => come(t, 'inps-pagamenti', 'inps', to, options)

// told finds a message in the inbox and reads it.
export async function told(visitor, subject) {
  await visitor.open('/messaggi')
  await visitor.awaits(subject)
  await visitor.follow(subject, { within: 'main' })
  await visitor.sees(subject, 'h1')
}

// twice sends a form a first time behind its page, and then presses its button.
export async function twice(visitor, name) {
  const form = visitor.page.locator('main form').filter({ has: visitor.page.getByRole('button', { name, exact: typeof name === 'string' }) })
  const fields = await form.evaluate((f) => [f.action, [...new FormData(f)]])
  const sent = await visitor.page.request.post(fields[0], { data: new URLSearchParams(fields[1]).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin', Origin: site.portal } })
  assert.equal(sent.status(), 200, `${name}: ${sent.url()}`)
  await visitor.press(name)
}

// book books a session on a day with somebody's code and fiscal code.
export async function book(psychologist, uniqueCode, personalCode, day) {
  psychologist.keepsSecret(uniqueCode.replaceAll(' ', ''))
  await psychologist.open(`${agenda}/nuova`)
  await psychologist.fill(/^Codice univoco/, uniqueCode)
  await psychologist.fill(/^Codice fiscale/, personalCode)
  await psychologist.press('Verifica il codice')
  await psychologist.dates('Data', day)
  await psychologist.fill(/^Ora/, '9:30')
  await psychologist.fill(/^Importo/, '50,00')
  await psychologist.press('Prenota la seduta')
  await psychologist.sees('Seduta prenotata')
}

// bill sends the invoice whose page is open, after a number that was used where one is
// given.
export async function bill(psychologist, number, day, { wrong } = {}) {
  await psychologist.dates('Data fattura', day)
  if (wrong) {
    await psychologist.fill('Numero fattura', wrong)
    await psychologist.press('Continua', { status: 422 })
    await psychologist.sees(`Hai già usato il numero ${wrong} nel ${day.slice(0, 4)}`)
  }
  await psychologist.fill('Numero fattura', number)
  await psychologist.press('Continua')
  await twice(psychologist, 'Invia i dati della fattura')
  await psychologist.sees('Dati della fattura inviati')
}
