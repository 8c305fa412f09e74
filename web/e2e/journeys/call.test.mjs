// A call, lived by seven: Giulia, who applies, two officers, who approves, who publishes,
// who pays, and an auditor. She withdraws an application for a longer one, owes
// contributions, sent a paper that cannot be read, and answers in the last minute of the
// fifteenth day. The call is ranked and published, she is paid, the payment comes back, it
// is paid again. The clock is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, site } from '../harness.mjs'
import { answer, begin, cases, certificate, declare, giulia, give, identify, scan, send, text } from './indemnity.mjs'
import { told } from './people.mjs'
import { approve, approver, auditor, desk, done, fellow, find, hear, look, numbered, officer, orders, pay, propose, rank, runs, take } from './welfare.mjs'

// The calendar of the journey.
const asked = '2026-11-24T11:00:00+01:00'
const dayAfter = '2026-11-25T08:30:00+01:00'
const lastMinute = '2026-12-09T23:59:00+01:00'
const morning = '2026-12-10T09:00:00+01:00'
const over = '2026-12-14T10:00:00+01:00'
const approved = '2026-12-15T10:00:00+01:00'
const firstAnswer = '2026-12-17T17:00:00+01:00'
const secondRun = '2026-12-21T10:00:00+01:00'
const secondAnswer = '2026-12-23T17:00:00+01:00'

const otherAccount = 'IT60X0542811101000000123456'

let own, number, at

test('an application from its sending to its approval', async (t) => {
  let request

  await t.test('is sent again, longer, after the shorter one was withdrawn', async (t) => {
    const shorter = await numbered(t, 'Giulia Bianchi', 'novembre 2026')
    const member = await giulia(t)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${shorter}")` })
    await member.follow('Ritira la domanda')
    await member.press('Ritira la domanda')
    await member.sees('Ritirata')
    await begin(member, { cause: 'Infortunio', first: '2026-10-12', last: '2026-11-22', sees: 'Puoi fare domanda' })
    await member.follow('Certificati medici')
    await certificate(member, { kind: 'Certificato iniziale', issued: '2026-10-12', from: '2026-10-12', to: '2026-11-22', file: await scan(member, 'prognosi', 'Prognosi di quarantadue giorni') })
    await member.follow('Continua')
    await identify(member, await scan(member, 'patente', 'Patente'))
    await answer(member)
    await declare(member)
    number = await send(member)
    await member.open(cases)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${number}")` })
    own = member.path()
  })

  await t.test('is examined check by check, and lacks a paper that can be read', async (t) => {
    await clock(asked)
    const silvia = await officer(t)
    at = await take(silvia, number)
    await silvia.sees('Completa prima: V1, V6, V7')
    await silvia.sees('Il debito si compensa con l’indennità')
    await silvia.open(`${at}/verifiche/V1`)
    await look(silvia, 'patente.pdf')
    await find(silvia, at, 'V1', { verdict: 'Non verificata', read: { 'Documento di riconoscimento': 'Scaduto, incompleto o illeggibile' }, ask: /patente\.pdf/, note: 'Il retro non si legge.' })
    await find(silvia, at, 'V6')
    await find(silvia, at, 'V7')
  })

  await t.test('waits for a paper, to which the member has fifteen days', async (t) => {
    const silvia = await officer(t, `${at}/richieste`)
    await silvia.follow('Chiedi documenti')
    await silvia.sees('Termine: 9 dicembre 2026, ore 23:59')
    await silvia.press('Vedi l’anteprima')
    await silvia.sees('Vuoi inviare questa richiesta di documenti?')
    await silvia.press('Invia la richiesta')
    await silvia.sees('In attesa di risposta')
    await silvia.open(at)
    await silvia.sees('Documenti richiesti')
    await silvia.press('Lascia la domanda')
  })

  await t.test('owes less than it is worth: the debt is set off, without a term', async (t) => {
    const silvia = await officer(t, `${at}/richieste`)
    await silvia.follow('Chiedi la regolarizzazione')
    await silvia.sees('Si trattengono 331,00 €')
    await silvia.sees('Non serve un termine.')
    await silvia.press('Comunica la compensazione')
    await done(silvia, 'Compensazione comunicata')
  })

  await t.test('is read the day after', async (t) => {
    await clock(dayAfter)
    const member = await giulia(t, own)
    await told(member, 'ENPAP: rispondi entro il 9 dicembre 2026')
    await member.open(own)
    await member.follow('Rispondi alla richiesta')
    request = member.path()
    await member.sees('9 dicembre 2026')
    await member.open(`${own}/calcolo`)
    await member.sees('Debito da compensare: 331,00 €')
    const silvia = await officer(t, `${at}/richieste`)
    await silvia.follow(/^Richiesta di documenti/)
    assert.match(await silvia.fact('Aperta nel portale'), /25 novembre 2026|25\/11\/2026/)
  })

  await t.test('is answered in the last minute of the fifteenth day', async (t) => {
    await clock(lastMinute)
    const member = await giulia(t, request)
    await member.follow(/^Carica:/)
    await give(member, await scan(member, 'patente-intera', 'Patente, fronte e retro'))
    await member.sees('patente-intera.pdf')
    await member.press('Salva e controlla la risposta')
    await member.press('Invia la risposta')
    await member.sees('Risposta inviata', 'h1')
    await member.sees(/9 dicembre 2026[^]*23:59/)
  })

  await t.test('has its answer laid beside what was asked, and accepted', async (t) => {
    await clock(morning)
    const silvia = await officer(t, `${at}/richieste`)
    await silvia.sees('Prossimo passo: valuta la risposta')
    await silvia.follow(/^Richiesta di documenti/)
    await silvia.sees('patente.pdf')
    await silvia.sees('patente-intera.pdf')
    await silvia.tick('Accetta la risposta')
    await silvia.press('Salva la valutazione')
    await done(silvia, 'Risposta accettata')
    await find(silvia, at, 'V1', { read: { 'Documento di riconoscimento': 'Valido' } })
    await silvia.open(at)
    await silvia.misses('Completa prima')
  })

  await t.test('is proposed by one', async (t) => {
    const silvia = await officer(t, at)
    await propose(silvia, at, 'Idonea')
    const member = await giulia(t, own)
    await member.misses('Idonea')
  })

  await t.test('is approved by another, and its letter is read', async (t) => {
    const franco = await approver(t, `${desk}/approvazioni`)
    await approve(franco, number)
    const member = await giulia(t, own)
    await member.sees('Idonea')
    await member.follow('Leggi la lettera')
    await member.sees('la domanda entra nella graduatoria del bando')
  })
})

test('the ranking of its call', async (t) => {
  let ranking

  await t.test('waits for nobody but who is put aside with a reason', async (t) => {
    await clock(over)
    const silvia = await officer(t, `${desk}/graduatorie/2026-11`)
    await silvia.sees('1 domanda non è conclusa')
    await silvia.follow(/^Escludi/)
    await silvia.press('Escludi la domanda', { status: 422 })
    await silvia.fill('Motivo', 'Manca la firma di un erede.')
    await silvia.press('Escludi la domanda')
    await silvia.sees('Tutte le domande del bando sono concluse')
  })

  await t.test('is made, approved and published by three', async (t) => {
    ranking = await rank(t, '2026-11')
  })

  await t.test('tells the member her place, her points and her amount', async (t) => {
    const member = await giulia(t, own)
    await member.sees('Ammessa al pagamento')
    await member.follow('Vedi il tuo posto in graduatoria')
    await member.sees('1 su 1')
    await member.sees('2.549,00 €')
    await member.sees('331,00 €')
    await member.sees('art. 4')
  })

  await t.test('names nobody to everybody', async (t) => {
    const member = await giulia(t, '/indennita-malattia-infortunio/graduatorie/2026-11')
    await member.sees('Pubblicazione n. 1')
    await member.misses('Bianchi')
    await member.misses(number)
  })

  await t.test('is made again by an auditor and is the same', async (t) => {
    const giorgio = await auditor(t, '/controlli/graduatorie')
    await giorgio.follow(/novembre 2026/)
    await giorgio.sees('Identica')
    await giorgio.sees('Giorgio Pellegrini')
  })
})

test('its payment', async (t) => {
  let run

  await t.test('is prepared, approved and sent by three', async (t) => {
    await clock(approved)
    run = await pay(t, 'novembre 2026')
    const member = await giulia(t, own)
    await member.sees('In pagamento')
    await member.open(`${own}/pagamento`)
    await member.sees('Pagamento disposto: la banca lo esegue')
    await told(member, 'ENPAP: è uscita la graduatoria')
  })

  await t.test('comes back', async (t) => {
    await clock(firstAnswer)
    const [order, ...others] = await orders(t, run)
    assert.equal(order.amount, '2549.00')
    assert.equal(others.length, 0, 'others are paid')
    await hear(t, run, [[order, 'AC04']])
    const member = await giulia(t, own)
    await told(member, 'ENPAP: serve un altro IBAN')
    await member.open(own)
    await member.sees('Pagamento restituito')
    await member.follow('Vai al pagamento')
    await member.sees('conto chiuso (AC04)')
  })

  await t.test('is given another account', async (t) => {
    const member = await giulia(t, `${own}/pagamento`)
    await member.follow('Inserisci un nuovo IBAN')
    await member.fill('IBAN', otherAccount)
    await member.fill('Intestatario', 'Giulia Bianchi')
    await member.press('Continua')
    await member.press('Usa questo IBAN')
    await done(member, 'IBAN inserito')
  })

  await t.test('has its new account verified by another officer', async (t) => {
    const ivan = await fellow(t, `${runs}/conti`)
    await ivan.misses(otherAccount)
    await ivan.follow(number)
    await ivan.follow('Verifica l’IBAN')
    await ivan.tick('L’IBAN è di chi dobbiamo pagare')
    await ivan.press('Registra la decisione')
    await done(ivan, 'IBAN verificato')
  })

  await t.test('is paid by the next run', async (t) => {
    await clock(secondRun)
    run = await pay(t, 'novembre 2026')
    await clock(secondAnswer)
    const [order] = await orders(t, run)
    assert.deepEqual([order.iban, order.amount], [otherAccount, '2549.00'])
    await hear(t, run, [[order, '2026-12-23']])
  })

  await t.test('has a certificate that says what was paid', async (t) => {
    const member = await giulia(t, own)
    await member.sees('Pagata')
    await member.open(`${own}/pagamento`)
    await member.sees('Pagato, con valuta')
    await member.sees('Restituito')
    const link = member.page.getByRole('link', { name: /^Certificazione/ }).first()
    const paper = await member.page.request.get(new URL(await link.getAttribute('href'), site.portal).href)
    const says = text(await paper.body()).replace(/\s+/g, ' ')
    for (const thing of ['Giulia Bianchi', number, '331,00', '2.549,00']) assert.ok(says.includes(thing), `the certificate does not say «${thing}»:\n${says}`)
    await told(member, 'ENPAP: pagamento disposto')
  })
})
