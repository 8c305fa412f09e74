// A member asks, without JavaScript, that an outcome is looked at again: two officers who
// did not make it answer, and the case is examined once more.

import { test } from 'node:test'
import { cases, giulia } from './indemnity.mjs'
import { told } from './people.mjs'
import { approve, approver, deputy, desk, done, fellow, find, numbered, officer, propose, take } from './welfare.mjs'

const plain = { scripts: false }
const phone = { scripts: false, width: 360 }
const reviews = `${desk}/riesami`

test('a member asks for a re-examination, and it is granted', async (t) => {
  const number = await numbered(t, 'Giulia Bianchi', 'novembre 2026')
  const silvia = await officer(t, desk, plain)
  const at = await take(silvia, number)
  await t.test('of an application that was found inadmissible', async (t) => {
    await find(silvia, at, 'V1', { verdict: 'Non verificata', read: { 'Documento di riconoscimento': 'Manca' }, note: 'Le due foto sono di altro.' })
    await propose(silvia, at, 'Inammissibile')
    await approve(await approver(t), number)
  })

  const member = await giulia(t, cases, phone)
  await t.test('who asks in three steps', async () => {
    await told(member, 'ENPAP: c’è una novità sulla tua domanda')
    await member.open(cases)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${number}")` })
    await member.follow('Leggi la lettera')
    await member.follow('Chiedi il riesame')
    await member.sees('due persone di ENPAP che non hanno deciso l’esito')
    await member.follow('Inizia la richiesta')
    await member.press('Continua', { status: 422 })
    await member.sees('Scegli il motivo della richiesta')
    await member.tick('Un documento c’era, o era valido')
    await member.fill('Spiega che cosa è successo', 'Le foto sono del documento: la prima è il retro.')
    await member.press('Continua')
    await member.follow('Continua')
    await member.sees('Le foto sono del documento')
    await member.press('Invia la richiesta')
    await done(member, 'Richiesta inviata')
    await member.sees('ENPAP non l’ha ancora aperta')
    await member.sees('Ricevuta della richiesta (PDF')
  })
  const review = await member.fact('Protocollo')

  await t.test('who proposed the outcome only reads', async () => {
    await silvia.open(reviews)
    await silvia.follow(review)
    await silvia.sees('Hai verificato, proposto o approvato tu quello che si riesamina')
  })
  const second = await fellow(t, reviews, plain)
  let here
  await t.test('another proposes, and cannot decide', async () => {
    await second.follow(review)
    here = second.path()
    await second.follow('Proponi l’esito')
    await second.tick('Accogliere la richiesta')
    await second.fill('Motivazione', 'Le due foto sono del documento di riconoscimento.')
    await second.press('Proponi l’esito')
    await done(second, 'Esito proposto')
    await second.open(`${here}/decisione`, { status: 409 })
  })
  await t.test('a third decides, with the letter before the eyes', async (t) => {
    const paola = await deputy(t, here, phone)
    await paola.follow('Decidi')
    await paola.sees('La domanda torna in verifica.')
    await paola.tick('Approvo la proposta')
    await paola.press('Conferma la decisione')
    await done(paola, 'Richiesta decisa')
  })
  await t.test('and the case is in review again', async () => {
    await told(member, 'ENPAP: c’è una risposta per te')
    await member.open(cases)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${number}")` })
    await member.sees('In verifica')
    await member.follow('Vedi il riesame')
    await member.sees('Accolta')
    await member.sees('la domanda è di nuovo in verifica')
    await member.sees('Le due foto sono del documento di riconoscimento.')
    await silvia.open(at)
    await silvia.sees('In verifica')
  })
})
