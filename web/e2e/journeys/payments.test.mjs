// The contribution from the session to the bank account and back, lived by those who
// make it: a citizen, two psychologists and three people of INPS. Money is booked,
// confirmed, invoiced and paid; a payment comes back and is repaired; a session is
// disputed. The clock is moved.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { clock, site } from '../harness.mjs'
import { agenda, approver, bill, bills, book, citizen, code, giulia, inps, marco, officer, payer, told, twice } from './people.mjs'

const iban = '/professionisti/dati/iban'
const credits = '/professionisti/pagamenti'
const runs = `${inps}/pagamenti`
const outcomeColumns = 'end_to_end;esito;importo;valuta;riferimento;motivo'

const maria = 'RSSMRA85C52H501N'

// The calendar of the journey. An IBAN of the first morning may be paid from the
// evening on which its sessions are confirmed.
const sessions = ['2026-11-24', '2026-11-25']
const confirmed = '2026-11-25T18:00:00+01:00'
const firstRun = '2026-11-26T10:00:00+01:00'
const answered = '2026-11-27T17:00:00+01:00'
const secondRun = '2026-12-01T10:00:00+01:00'
const repaid = '2026-12-02T17:00:00+01:00'

// What Marco's bank knows of him, in the registers of the demo.
const account = readFileSync(join(process.env.PORTAL_DATA_DIR, 'registers', 'conti.csv'), 'utf8').match(/\bIT[^,]*(?=,RZZMRC)/)[0]
const otherAccount = 'IT60X0542811101000000123456'

test('two sessions from their booking to the bank account', async (t) => {
  let uniqueCode, session, order

  await t.test('wait for who has no IBAN', async (t) => {
    const psychologist = await marco(t, credits)
    await psychologist.sees('Senza IBAN verificato puoi prenotare e confermare, ma INPS non può pagarti.')
    await psychologist.follow('Inserisci l’IBAN', { within: 'main' })
    await psychologist.fill('IBAN', otherAccount.replace('60', '61'))
    await psychologist.press('Continua', { status: 422 })
    await psychologist.sees('le due cifre di controllo non corrispondono')
    await give(psychologist, account)
    await psychologist.sees('Da verificare')
    await psychologist.misses(account)
  })

  await t.test('are booked against a code, and the citizen is told', async (t) => {
    const holder = await citizen(t)
    await holder.follow(/^Visualizza/, { within: 'main' })
    uniqueCode = await holder.reads(code)
    const psychologist = await marco(t, agenda)
    for (const day of sessions) await book(psychologist, uniqueCode, maria, day)
    await told(holder, 'INPS: nuovo appuntamento')
  })

  await t.test('have an account that INPS asks the bank about, and verifies', async (t) => {
    const chiara = await officer(t, `${inps}/iban`)
    await verify(chiara, 'Marco Rizzo', 'L’intestatario corrisponde quasi')
    const psychologist = await marco(t, iban)
    await psychologist.sees('potremo pagare dal 25 novembre 2026')
    await told(psychologist, 'INPS: il tuo IBAN è verificato')
  })

  await t.test('are confirmed by who held them, and by the citizen', async (t) => {
    await clock(confirmed)
    const psychologist = await marco(t, agenda)
    for (const _ of sessions) {
      await psychologist.open(agenda)
      await psychologist.follow(/^Conferma/, { within: 'table' })
      session = psychologist.path().split('/')[3]
      await psychologist.tick(/^Dichiaro/)
      await twice(psychologist, 'Conferma seduta')
      await psychologist.sees('Seduta confermata')
    }
    const holder = await citizen(t)
    await told(holder, 'INPS: appuntamento confermato')
    await holder.open(`/contributo-psicoterapia/sedute/${session}`)
    await holder.follow('Confermo: ho fatto questa seduta')
    await holder.press('Confermo: ho fatto questa seduta')
    await holder.sees('Abbiamo registrato che hai fatto la seduta')
  })

  await t.test('are invoiced, each with a number of its own', async (t) => {
    const psychologist = await marco(t, bills)
    await invoice(psychologist, '1/2026')
    await invoice(psychologist, '2/2026', { wrong: '1/2026' })
    await psychologist.open(bills)
    await psychologist.sees('2 fatture')
    await psychologist.open(credits)
    await psychologist.sees('2 sedute')
    const holder = await citizen(t)
    await told(holder, 'INPS: saldo aggiornato')
    await holder.open(`/contributo-psicoterapia/sedute/${session}`)
    await holder.sees(/Fattura n\. [12]\/2026/)
  })

  let run
  await t.test('are in a run that one prepares and proposes', async (t) => {
    await clock(firstRun)
    await settleOthers(t)
    run = await prepare(t, 'novembre 2026', 'Lazio')
  })

  await t.test('are in a run that a second approves and a third sends', async (t) => {
    await approveAndSend(t, run)
    const psychologist = await marco(t, `${agenda}/${session}`)
    await psychologist.sees('INPS ha disposto il pagamento: la banca lo sta eseguendo.')
  })

  await t.test('are in the file for the bank', async (t) => {
    const orders = await file(t, run)
    order = orders.find((o) => o.iban === account)
    assert.equal(order.amount, '100.00', 'Marco is due two sessions')
    assert.ok(orders.length > 1, 'nobody else is paid')
  })

  await t.test('come back, while the others are paid', async (t) => {
    await clock(answered)
    const orders = await file(t, run)
    const matteo = await payer(t, run)
    const lines = orders.map((o) => (o.id === order.id ? returned(o) : paid(o, '2026-11-27')))
    await answer(matteo, run, [...lines, paid({ id: 'PSI00000-999999', amount: '1.00' }, '2026-11-27')], { status: 422 })
    await matteo.sees('Niente è stato registrato')
    await matteo.sees('Nessun pagamento del lotto ha questo identificativo')
    await answer(matteo, run, lines)
    await matteo.sees('La banca ha risposto per tutti i pagamenti.')
    await matteo.sees('1 restituito')
    await answer(matteo, run, lines)
    await matteo.sees('Era stato registrato')
  })

  await t.test('are paid to who has an account that holds', async (t) => {
    const psychologist = await giulia(t, credits)
    await told(psychologist, 'INPS: pagamento di novembre 2026')
    await psychologist.open(credits)
    await psychologist.follow('novembre 2026', { within: 'table:has-text("27/11/2026")' })
    await psychologist.sees('INPS ha pagato con valuta del 27 novembre 2026.')
    await psychologist.follow(/^\d\d\/\d\d\/2026/, { within: 'table' })
    await psychologist.sees('Pagata')
  })

  await t.test('are a task of who has not, without JavaScript', async (t) => {
    const psychologist = await marco(t, credits, { scripts: false })
    await told(psychologist, 'INPS: un pagamento è tornato indietro')
    await psychologist.open(`${agenda}/${session}`)
    await psychologist.sees('Pagamento respinto')
    await psychologist.follow('Inserisci l’IBAN', { within: 'main' })
    await psychologist.sees('Rifiutato')
    await give(psychologist, otherAccount)
    const chiara = await officer(t, `${inps}/iban`)
    await verify(chiara, 'Marco Rizzo')
  })
})

test('what came back is paid by the next run, without JavaScript', async (t) => {
  const scripts = false
  let run
  await t.test('is prepared, approved and sent by three', async (t) => {
    await clock(secondRun)
    run = await prepare(t, 'novembre 2026', 'Lazio', { scripts })
    await approveAndSend(t, run, { scripts })
  })

  await t.test('is paid', async (t) => {
    await clock(repaid)
    const orders = await file(t, run, { scripts })
    assert.deepEqual(orders.map((o) => [o.iban, o.amount]).filter(([to]) => to === otherAccount), [[otherAccount, '100.00']])
    const matteo = await payer(t, run, { scripts })
    await answer(matteo, run, orders.map((o) => paid(o, '2026-12-02')))
    await matteo.sees('La banca ha risposto per tutti i pagamenti.')
  })

  await t.test('leads from the old payment to the new one and back', async (t) => {
    const psychologist = await marco(t, credits, { scripts })
    await psychologist.sees('02/12/2026')
    await psychologist.sees('Respinto dalla banca')
    await psychologist.follow('novembre 2026', { within: 'tr:has-text("Respinto dalla banca")' })
    await psychologist.sees('conto chiuso (AC04)')
    const before = psychologist.path()
    await psychologist.follow('vedi il nuovo pagamento')
    await psychologist.sees('INPS ha pagato con valuta del 2 dicembre 2026.')
    await psychologist.follow('vedi quello respinto')
    assert.equal(psychologist.path(), before)
    await psychologist.follow(/^\d\d\/\d\d\/2026/, { within: 'table' })
    await psychologist.sees('Pagata')
    await told(psychologist, 'INPS: pagamento di novembre 2026')
  })
})

test('a session that did not take place', async (t) => {
  let session, report

  await t.test('is invoiced, and disputed by the citizen, without JavaScript', async (t) => {
    const psychologist = await giulia(t, bills)
    await invoice(psychologist, 'S-1', { of: 'Maria Rossi' })
    await psychologist.follow(/^\d\d\/\d\d\/2026/, { within: 'table' })
    session = psychologist.path().split('/')[3]
    const holder = await citizen(t, { scripts: false })
    await holder.open(`/contributo-psicoterapia/sedute/${session}`)
    await holder.follow('Segnala un problema')
    await holder.press('Invia la segnalazione', { status: 422 })
    await holder.sees('Scegli il tipo di problema')
    await holder.tick('Non ho fatto questa seduta')
    await holder.fill('Spiega che cosa è successo', 'Quel giorno ero altrove.')
    await twice(holder, 'Invia la segnalazione')
    await holder.sees('Segnalazione inviata', 'h1')
    report = await holder.reads(/INPS-\d{4}-\d+/)
  })

  await t.test('is not paid until INPS has decided', async (t) => {
    const psychologist = await giulia(t, credits)
    await psychologist.sees('Rimborso sospeso')
    await psychologist.sees('Segnalazione aperta')
    await told(psychologist, 'INPS: un appuntamento è in verifica')
    await psychologist.open(`${agenda}/${session}`)
    await psychologist.sees('il pagamento aspetta la decisione di INPS')
    await psychologist.misses('altrove')
  })

  await t.test('is proposed to be annulled by one and decided by another', async (t) => {
    const chiara = await officer(t, `${inps}/segnalazioni`)
    await chiara.follow(report)
    const here = chiara.path()
    await chiara.follow('Proponi l’esito')
    await chiara.tick('Accolta')
    await chiara.fill(/^Motivazione/, 'Il professionista ammette l’errore.')
    await chiara.fill('Risposta al cittadino', 'Hai ragione: abbiamo annullato la seduta.')
    await chiara.press('Vedi l’anteprima')
    await chiara.sees('tornano disponibili per il cittadino')
    await twice(chiara, 'Proponi l’esito')
    await chiara.sees('Esito proposto')
    await chiara.open(`${here}/decisione`, { status: 409 })
    await chiara.sees('Hai fatto tu questa proposta')
    const andrea = await approver(t, here)
    await andrea.follow('Decidi')
    await andrea.tick('Approva')
    await andrea.press('Registra la decisione')
    await andrea.sees('Decisione registrata')
  })

  await t.test('is told to both', async (t) => {
    const holder = await citizen(t)
    await told(holder, `INPS: risposta alla tua richiesta ${report}`)
    await holder.open(`/contributo-psicoterapia/sedute/${session}`)
    await holder.sees('INPS ti ha dato ragione')
    await holder.sees('Annullata da INPS')
    const psychologist = await giulia(t, credits)
    await told(psychologist, 'INPS: appuntamento annullato')
    await psychologist.open(`${agenda}/${session}`)
    await psychologist.sees('Annullata da INPS')
  })
})

// give gives an IBAN and confirms it.
async function give(psychologist, of) {
  await psychologist.fill('IBAN', of)
  await psychologist.press('Continua')
  const change = await psychologist.offers('Cambia il conto')
  await twice(psychologist, change ? 'Cambia il conto' : 'Usa questo conto')
  await psychologist.sees('IBAN inserito')
}

// verify takes an account, hears the bank, and verifies it.
async function verify(chiara, owner, bank = '') {
  await chiara.follow(owner, { within: 'table' })
  await chiara.follow('Prendi in carico')
  await chiara.press('Prendi in carico')
  await chiara.sees(bank)
  await chiara.follow('Verifica')
  await twice(chiara, 'Verifica')
  await chiara.sees('IBAN verificato')
}

// invoice sends the invoice of the first session there is to invoice, of somebody where
// one is named, after a number that was used where one is given.
async function invoice(psychologist, number, { of = '', wrong } = {}) {
  await psychologist.open(`${bills}/nuova`)
  const group = `main form:has-text("${of}")`
  await psychologist.page.locator(group).first().getByRole('checkbox').first().check()
  await psychologist.press(/^Continua con le sedute scelte/, { within: group })
  await bill(psychologist, number, confirmed.slice(0, 10), { wrong })
}

// settleOthers sends back the run that waits from before, if there is one.
async function settleOthers(t) {
  const andrea = await approver(t, runs)
  if (!(await andrea.page.locator('tr:has-text("Proposto")').count())) return
  await andrea.follow(/^Lotto/, { within: 'tr:has-text("Proposto")' })
  await andrea.follow('Decidi sul lotto')
  await andrea.tick('Rimanda con motivazione')
  await andrea.press('Registra la decisione', { status: 422 })
  await andrea.sees('Scrivi perché rimandi il lotto')
  await andrea.tick('Rimanda con motivazione')
  await andrea.fill(/^Motivazione/, 'Aspettiamo le fatture di fine mese.')
  await andrea.press('Registra la decisione')
  await andrea.sees('Il lotto è stato rimandato')
}

// prepare has an officer prepare a run and propose it; it gives the address of the run.
async function prepare(t, month, territory, options) {
  const chiara = await officer(t, runs, options)
  await chiara.follow('Nuovo lotto di pagamento')
  await chiara.choose('Mese', month)
  await chiara.choose('Regione', territory)
  await chiara.press('Mostra che cosa è dovuto')
  await chiara.press('Prepara il lotto')
  await chiara.awaits('Proponi il lotto')
  const run = chiara.path()
  await chiara.follow('Proponi il lotto')
  await twice(chiara, 'Proponi il lotto')
  await chiara.sees('Il lotto aspetta l’approvazione di un’altra persona.')
  assert.equal(await chiara.offers('Decidi sul lotto'), false, 'who proposed a run may approve it')
  return run
}

// approveAndSend has a second person approve a run and a third one send it.
async function approveAndSend(t, run, options) {
  const andrea = await approver(t, run, options)
  await andrea.follow('Decidi sul lotto')
  await andrea.tick('Approva il lotto')
  await twice(andrea, 'Registra la decisione')
  await andrea.sees('Il lotto è approvato.')
  assert.equal(await andrea.offers('Invia alla banca'), false, 'who approved a run may send it')
  const matteo = await payer(t, run, options)
  await matteo.follow('Invia alla banca')
  await twice(matteo, 'Invia alla banca')
  await matteo.sees('Il lotto è stato inviato')
}

// file takes the file of a run for the bank and reads its payments.
async function file(t, run, options) {
  const matteo = await payer(t, run, options)
  const link = matteo.page.getByRole('link', { name: 'Scarica il file per la banca (pain.001)' })
  const taken = await matteo.page.request.get(new URL(await link.getAttribute('href'), site.portal).href)
  assert.equal(taken.status(), 200)
  const xml = await taken.text()
  const all = [...xml.matchAll(/<CdtTrfTxInf>.*?<\/CdtTrfTxInf>/gs)].map(([tx]) => ({
    id: tx.match(/<EndToEndId>(.*?)</)[1],
    amount: tx.match(/<InstdAmt[^>]*>(.*?)</)[1],
    iban: tx.match(/<CdtrAcct>.*?<IBAN>(.*?)</s)[1],
  }))
  const sum = all.reduce((cents, o) => cents + Number(o.amount.replace('.', '')), 0)
  assert.equal(xml.match(/<NbOfTxs>(.*?)</)[1], String(all.length))
  assert.equal(xml.match(/<CtrlSum>(.*?)</)[1], (sum / 100).toFixed(2))
  return all
}

// paid and returned are lines of what the bank answers.
const paid = (o, day) => `${o.id};pagato;${o.amount.replace('.', ',')};${day.split('-').reverse().join('/')};CRO ${o.id};`
const returned = (o) => `${o.id};restituito;${o.amount.replace('.', ',')};;;AC04`

// answer uploads what the bank answers.
async function answer(matteo, run, lines, options) {
  await matteo.open(`${run}/esiti`)
  await matteo.tick('Registra gli esiti')
  await matteo.attach('File della banca', 'esiti.csv', 'text/csv', [outcomeColumns, ...lines].join('\n') + '\n')
  await matteo.press('Carica il file', options)
}
