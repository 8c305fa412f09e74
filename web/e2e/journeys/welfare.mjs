// The people of the welfare service of ENPAP, and what more than one of their journeys
// does: a case is examined, its outcome proposed and approved, a call ranked, a run sent
// to the bank.

import assert from 'node:assert/strict'
import { plain, site } from '../harness.mjs'
import { come } from './people.mjs'

export const desk = '/gestione/enpap'
export const runs = `${desk}/pagamenti`

export const officer = (t, to = desk, options) => come(t, 'welfare-istruttore', 'welfare', to, options)
export const fellow = (t, to = desk, options) => come(t, 'welfare-collega', 'welfare', to, options)
export const approver = (t, to = desk, options) => come(t, 'welfare-approvatore', 'welfare', to, options)
export const deputy = (t, to = desk, options) => come(t, 'welfare-vicaria', 'welfare', to, options)
export const head = (t, to = desk, options) => come(t, 'welfare-dirigente', 'welfare', to, options)
export const payer = (t, to = runs, options) => come(t, 'welfare-pagamenti', 'welfare', to, options)
export const auditor = (t, to, options) => come(t, 'revisore', 'oversight', to, options)

// done fails unless the page says, first of all, that something was done.
export async function done(visitor, what) {
  assert.ok(plain(await visitor.title()).startsWith(plain(what)), `the title is «${await visitor.title()}», not «${what}»`)
}

// numbered is the number of the protocol of somebody's case of a call, as the list of the
// service has it.
export async function numbered(t, name, call) {
  const silvia = await officer(t, `${desk}/domande`)
  const row = silvia.page.locator('tr').filter({ hasText: name }).filter({ hasText: call })
  return /ENPAP-\d{4}-\d{6}/.exec(plain(await row.first().innerText()))[0]
}

// take opens the case with a number from the list, and gives its address.
export async function take(visitor, number) {
  await visitor.open(`${desk}/domande`)
  await visitor.follow(number)
  return visitor.path()
}

// look opens a paper beside a check.
export async function look(visitor, file) {
  await visitor.page.getByRole('link', { name: `Mostra ${file}` }).click()
  await visitor.page.getByText('Pagina 1 di').first().waitFor()
}

// find says of a check whether it is met; with a note, and what was read otherwise.
export async function find(visitor, at, check, { verdict = 'Verificata', note, read = {}, ask } = {}) {
  await visitor.open(`${at}/verifiche/${check}`)
  await visitor.page.getByRole('radio', { name: verdict, exact: true }).check()
  for (const [what, is] of Object.entries(read)) await visitor.choose(what, is)
  if (ask) await visitor.page.getByRole('checkbox', { name: ask }).first().check()
  if (note) await visitor.fill(/^Nota/, note)
  await visitor.press('Salva e vai alla prossima')
  await done(visitor, 'Verifica salvata')
}

// propose proposes how a case ends.
export async function propose(visitor, at, outcome, text) {
  await visitor.open(`${at}/esito`)
  await visitor.sees(`Le verifiche portano a questo esito: ${outcome}`)
  const choice = visitor.page.getByRole('radio', { name: outcome })
  if (await choice.count()) await choice.check()
  if (text) await visitor.fill('Testo per chi ha fatto la domanda', text)
  await visitor.press('Controlla la lettera')
  await visitor.sees('Vuoi proporre questo esito?')
  await visitor.press('Proponi l’esito')
  await done(visitor, 'Esito proposto')
}

// approve approves what was proposed on the case with a number.
export async function approve(visitor, number) {
  await visitor.open(`${desk}/approvazioni`)
  await visitor.follow(number)
  await visitor.tick('Approva')
  await visitor.press('Registra la decisione')
  await done(visitor, 'Esito approvato')
}

// rank has the ranking of a call simulated and proposed by one, approved by another and
// published by a third; it gives the address of the ranking.
export async function rank(t, call, options) {
  const silvia = await officer(t, `${desk}/graduatorie/${call}`, options)
  await silvia.press('Simula la graduatoria')
  const ranking = silvia.path()
  await silvia.awaits('Uguale riga per riga')
  await silvia.follow('Proponi per l’approvazione')
  await silvia.press('Proponi per l’approvazione')
  await silvia.sees('Deve approvarla un’altra persona')
  await silvia.open(`${ranking}/approva`)
  await silvia.sees('Hai già lavorato tu a questa graduatoria')
  const franco = await approver(t, ranking, options)
  await franco.follow('Controlla e decidi')
  await franco.tick('Approva')
  await franco.press('Registra la decisione')
  await done(franco, 'Graduatoria approvata')
  await franco.open(`${ranking}/pubblica`, { status: 409 })
  await franco.sees('Hai già lavorato tu a questa graduatoria')
  const claudia = await head(t, ranking, options)
  await claudia.follow('Pubblica la graduatoria')
  await claudia.sees('La pubblicazione non si può annullare.')
  await claudia.press('Pubblica la graduatoria')
  await done(claudia, 'Graduatoria pubblicata')
  return ranking
}

// pay has a run of a call prepared and proposed by one, approved by another and sent by
// a third; it gives its address.
export async function pay(t, month, options) {
  const silvia = await officer(t, runs, options)
  await silvia.follow('Nuovo lotto di pagamento')
  await silvia.follow(`Bando di ${month}`)
  await silvia.press('Prepara il lotto')
  await silvia.awaits('Proponi il lotto')
  const run = silvia.path()
  await silvia.follow('Proponi il lotto')
  await silvia.press('Proponi il lotto')
  await silvia.sees('Il lotto aspetta l’approvazione di un’altra persona.')
  const franco = await approver(t, run, options)
  await franco.follow('Decidi sul lotto')
  await franco.tick('Approva il lotto')
  await franco.press('Registra la decisione')
  await franco.sees('Il lotto è approvato.')
  assert.equal(await franco.offers('Invia alla banca'), false, 'who approved a run may send it')
  const teresa = await payer(t, run, options)
  await teresa.follow('Invia alla banca')
  await teresa.press('Invia alla banca')
  await teresa.sees('Il lotto è stato inviato')
  return run
}

// orders are the payments in the file of a run for the bank.
export async function orders(t, run, options) {
  const teresa = await payer(t, run, options)
  const link = teresa.page.getByRole('link', { name: 'Scarica il file per la banca (pain.001)' })
  const taken = await teresa.page.request.get(new URL(await link.getAttribute('href'), site.portal).href)
  assert.equal(taken.status(), 200)
  return [...(await taken.text()).matchAll(/<CdtTrfTxInf>.*?<\/CdtTrfTxInf>/gs)].map(([tx]) => ({
    id: tx.match(/<EndToEndId>(.*?)</)[1],
    amount: tx.match(/<InstdAmt[^>]*>(.*?)</)[1],
    iban: tx.match(/<CdtrAcct>.*?<IBAN>(.*?)</s)[1],
  }))
}

// hear uploads what the bank answers to a run: the day on which an order was paid, or why
// it came back.
export async function hear(t, run, answers, options) {
  const teresa = await payer(t, `${run}/esiti`, options)
  const lines = answers.map(([o, says]) => {
    const paid = /^\d{4}-/.test(says)
    return [o.id, paid ? 'pagato' : 'restituito', o.amount.replace('.', ','), paid ? says.split('-').reverse().join('/') : '', paid ? `CRO ${o.id}` : '', paid ? '' : says].join(';')
  })
  await teresa.tick('Registra gli esiti')
  await teresa.attach('File della banca', 'esiti.csv', 'text/csv', ['end_to_end;esito;importo;valuta;riferimento;motivo', ...lines].join('\n') + '\n')
  await teresa.press('Carica il file')
  await teresa.sees('La banca ha risposto per tutti i pagamenti.')
}
