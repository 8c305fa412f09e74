// The main job: a psychologist books a session with a citizen's code, the
// citizen sees the balance move, cancels, and has the money back. Once in a
// browser that runs scripts, once in one that does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cents, now, visit } from './harness.mjs'

const files = '/contributo-psicoterapia/domande'
const code = /\b[0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4} [0-9A-HJKMNP-TV-Z]{4}\b/
const fiscalCode = /\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b/
const price = 50_00

for (const [scripts, ahead] of [
  [true, 19],
  [false, 20],
]) {
  test(`a booked session moves the balance and a cancelled one moves it back, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    const day = dayFromNow(ahead)

    const citizen = await visit(t, { scripts })
    await citizen.login('cittadina', { to: files })
    await citizen.follow(/^Visualizza/, { within: 'main' })
    const sessions = citizen.path()
    const before = await balance(citizen)
    const uniqueCode = await citizen.reads(code)
    citizen.keepsSecret(uniqueCode.replaceAll(' ', ''))
    await citizen.follow(/^Visualizza/, { within: 'table' })
    const personalCode = await citizen.reads(fiscalCode)

    const psychologist = await visit(t, { scripts })
    psychologist.keepsSecret(uniqueCode.replaceAll(' ', ''))
    await psychologist.login('psicologa', { profile: 'psicoterapeuta', to: '/professionisti/sedute' })
    await psychologist.follow('Prenota una seduta')
    await psychologist.fill(/^Codice univoco/, otherThan(uniqueCode))
    await psychologist.fill(/^Codice fiscale/, personalCode)
    await psychologist.press('Verifica il codice', { status: 422 })
    await psychologist.sees('C’è un problema')
    await psychologist.fill(/^Codice univoco/, uniqueCode.toLowerCase())
    await psychologist.fill(/^Codice fiscale/, personalCode)
    await psychologist.press('Verifica il codice')
    await psychologist.fill('Giorno', String(day.getDate()))
    await psychologist.fill('Mese', String(day.getMonth() + 1))
    await psychologist.fill('Anno', String(day.getFullYear()))
    await psychologist.fill(/^Ora/, '7:10')
    await psychologist.fill(/^Importo/, '50,00')
    await psychologist.press('Prenota la seduta')
    await psychologist.sees('Seduta prenotata')
    const booking = psychologist.path()

    await citizen.open(sessions)
    assert.deepEqual(await balance(citizen), { ...before, booked: before.booked + price, left: before.left - price })
    await citizen.follow(new RegExp(`^Visualizza.*${spoken(day)}`))
    await citizen.sees(`Seduta ${ofSpoken(day)}`)
    await citizen.sees('Prenotata')
    await citizen.follow('Annulla seduta')
    await citizen.sees('50,00 € tornano subito disponibili')
    await citizen.press('Annulla seduta')
    await citizen.sees('50,00 € sono di nuovo disponibili')
    await citizen.sees('Annullata')
    assert.match(await citizen.title(), /^Seduta annullata – /)
    assert.equal(await citizen.offers('Annulla seduta'), false, 'a cancelled session can be cancelled again')

    await citizen.open(sessions)
    assert.deepEqual(await balance(citizen), before)

    await psychologist.open(booking)
    await psychologist.sees('Annullata dal beneficiario')
    assert.equal(await psychologist.offers('Conferma seduta'), false, 'a cancelled session can be confirmed')
  })
}

// balance reads the four figures of the tab Sedute, in cents.
async function balance(citizen) {
  const read = async (term) => cents(await citizen.fact(term))
  return {
    awarded: await read('Importo assegnato'),
    held: await read('Importo confermato per sedute già effettuate'),
    booked: await read('Importo confermato per sedute da effettuare'),
    left: await read('Importo residuo'),
  }
}

function dayFromNow(days) {
  const day = now()
  day.setDate(day.getDate() + days)
  return day
}

// spoken is the day as the pages write it: 12 marzo 2026, 1º marzo 2026.
const spoken = (day) =>
  day.toLocaleDateString('it-IT', { day: 'numeric', month: 'long', year: 'numeric' }).replace(/^1 /, '1º ')

// ofSpoken is the same after «del»: del 12 marzo 2026, dell’8 marzo 2026.
const ofSpoken = (day) => ([8, 11].includes(day.getDate()) ? 'dell’' : 'del ') + spoken(day)

// otherThan swaps two characters that differ, which the check character of a
// code gives away.
function otherThan(uniqueCode) {
  const bare = uniqueCode.replaceAll(' ', '')
  for (let i = 0; i + 1 < bare.length; i++) {
    if (bare[i] !== bare[i + 1]) return bare.slice(0, i) + bare[i + 1] + bare[i] + bare.slice(i + 2)
  }
  throw new Error('a code of twelve equal characters')
}
