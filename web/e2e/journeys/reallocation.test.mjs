// The money of codes that ran out, on its way to the next in rank: two Regions send
// theirs; a year goes by; sessions that nobody completed are closed by two people; what
// is left is given again, simulated, approved and published by three; somebody left out
// has a code, and somebody who had a part has the rest. The clock is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, plain, visit } from '../harness.mjs'
import { agenda, approver, book, citizen, code, come, files, giulia, inps, officer, publisher, told, twice } from './people.mjs'

const edition = 'prova-2'
const funds = `${inps}/risorse/${edition}`
const reallocations = `${inps}/scorrimenti?annualita=${edition}`

const paolo = 'GLLPLA72S05L219B'

// A day on which the codes of the edition are over, and every term of their sessions.
const over = '2027-08-02T10:00:00+02:00'
const firstSession = '2027-08-10'

const excluded = (t) => come(t, 'cittadino-escluso', 'cittadino', files)
const partial = (t) => come(t, 'cittadino-parziale', 'cittadino', files)

test('what is left of an edition', async (t) => {
  const sent = {}
  await t.test('is nobody’s as long as codes are out', async (t) => {
    const outside = await excluded(t)
    await outside.follow(/^Visualizza/, { within: 'main' })
    await outside.sees('le risorse di Puglia sono finite prima del tuo turno')
    const inPart = await partial(t)
    await inPart.follow(/^Visualizza/, { within: 'main' })
    await inPart.sees('Se si liberano risorse e hai usato almeno una parte, riceverai il resto.')
  })

  await t.test('has come from the Regions', async (t) => {
    const chiara = await officer(t, funds)
    for (const territory of ['Puglia', 'Lombardia']) {
      await chiara.open(funds)
      const row = chiara.page.getByRole('row').filter({ has: chiara.page.getByRole('rowheader', { name: territory, exact: true }) }).first()
      sent[territory] = plain(await row.getByRole('cell').first().innerText())
      await chiara.follow('Registra un trasferimento')
      await chiara.choose('Territorio', territory)
      await chiara.fill(/^Importo/, '0,00')
      await chiara.dates('Ricevuto il', '2026-11-20')
      await chiara.fill('Atto', 'DGR 2026 di prova')
      await chiara.press('Registra un trasferimento', { status: 422 })
      await chiara.sees('Inserisci un importo più alto di zero')
      await chiara.fill(/^Importo/, sent[territory].replace(' €', ''))
      await twice(chiara, 'Registra un trasferimento')
      await chiara.sees(`${sent[territory]} da ${territory}.`)
    }
  })

  await t.test('comes back when the codes run out', async (t) => {
    await clock(over)
    const holder = await citizen(t)
    await holder.follow(/^Visualizza/, { within: 'main' })
    await holder.sees('Il codice univoco è scaduto')
  })

  let list
  await t.test('waits for sessions that nobody completed', async (t) => {
    const chiara = await officer(t, inps)
    await chiara.open(reallocations)
    await chiara.sees('da chiudere prima')
    await chiara.follow('Vai alla chiusura delle sedute')
    await chiara.sees('Giulia Bianchi')
    await twice(chiara, 'Conferma l’elenco')
    await chiara.sees('Ora lo approva un’altra persona')
    list = chiara.path()
    assert.equal(await chiara.offers('Decidi'), false, 'who confirmed a list may approve it')
  })

  await t.test('is free of them when a second person has approved the list', async (t) => {
    const andrea = await approver(t, list, { scripts: false })
    await andrea.follow('Decidi')
    await andrea.tick('Rimanda')
    await andrea.press('Registra la decisione', { status: 422 })
    await andrea.sees('Scrivi perché rimandi l’elenco')
    await andrea.tick('Approva')
    await twice(andrea, 'Registra la decisione')
    await andrea.open(list)
    await andrea.awaits('Eseguita')
    const psychologist = await giulia(t, agenda)
    await told(psychologist, 'INPS: sedute annullate')
  })

  let run
  await t.test('is simulated and proposed, with the names of those who would enter', async (t) => {
    const chiara = await officer(t, inps)
    await chiara.open(reallocations)
    await chiara.misses('da chiudere prima')
    await chiara.sees(sent.Puglia, 'table tr:has-text("Puglia")') // nobody used a cent
    await chiara.follow('Simula lo scorrimento')
    await twice(chiara, 'Simula lo scorrimento')
    await chiara.sees(/Entrerebbero \d+ domande/)
    run = `${inps}/simulazioni/${chiara.path().split('/').at(-1)}`
    await among(chiara, 'Puglia', 'Paolo Galli')
    await among(chiara, 'Lombardia', 'Luca Ferrari')
    await chiara.sees('Integrazione')
    await chiara.open(run)
    await chiara.follow('Proponi per l’approvazione')
    await twice(chiara, 'Proponi per l’approvazione')
    await chiara.sees('Deve approvarla un’altra persona')
  })

  await t.test('is approved by a second person', async (t) => {
    const andrea = await approver(t, run)
    await andrea.follow('Controlla e decidi')
    await andrea.tick('Approva')
    await twice(andrea, 'Registra la decisione')
    await andrea.sees('Ora la pubblica una terza persona')
    assert.equal(await andrea.offers('Pubblica la graduatoria'), false, 'who approved a reallocation may publish it')
  })

  await t.test('is published by a third one, without JavaScript', async (t) => {
    const alessandra = await publisher(t, run, { scripts: false })
    await alessandra.follow('Pubblica la graduatoria')
    await alessandra.tick('Subito')
    await alessandra.press('Controlla prima di pubblicare')
    await alessandra.sees('integriamo 1 importo')
    await twice(alessandra, 'Pubblica la graduatoria')
    await alessandra.awaits('Pubblicazione finita')
  })
})

test('the next in rank', async (t) => {
  let uniqueCode
  await t.test('has a code', async (t) => {
    const holder = await excluded(t)
    await told(holder, 'INPS: c’è una novità sulla tua domanda')
    await holder.open(files)
    await holder.follow(/^Visualizza/, { within: 'main' })
    await holder.sees('Comunica il codice univoco al professionista che scegli.')
    uniqueCode = await holder.reads(code)
  })

  await t.test('books with it', async (t) => {
    const psychologist = await giulia(t, agenda)
    await book(psychologist, uniqueCode, paolo, firstSession)
    const holder = await excluded(t)
    await told(holder, 'INPS: nuovo appuntamento')
  })
})

test('somebody who had a part has the rest, and a code that is good again', async (t) => {
  const holder = await partial(t)
  await told(holder, 'INPS: c’è una novità sulla tua domanda')
  await holder.open(files)
  await holder.follow(/^Visualizza/, { within: 'main' })
  await holder.misses('Per ora hai diritto')
  await holder.sees('Hai diritto a')
  await holder.reads(code)
})

test('everybody reads that the ranking moved on', async (t) => {
  const visitor = await visit(t)
  await visitor.open('/contributo-psicoterapia/graduatorie')
  await visitor.sees('Scorrimento n. 1, pubblicazione n. 2')
})

// among looks for a name among those who would enter in a territory.
async function among(chiara, territory, name) {
  await chiara.choose('Territorio', territory)
  await chiara.press('Mostra')
  await chiara.sees(`A chi vanno: ${territory}`)
  await chiara.sees(name)
}
