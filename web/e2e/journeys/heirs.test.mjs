// Heirs. Anna answers what she is asked for. Pietro died before he could apply: the form
// is prepared at home, an officer registers what came by PEC, two heirs find it, the one
// who had not signed does, and a wrong hour is put right. Roberto died after he had
// applied: his heirs step in, by two officers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { site } from '../harness.mjs'
import { scan, text } from './indemnity.mjs'
import { code, come } from './people.mjs'

const heirs = '/indennita-malattia-infortunio/eredi'
const link = `${heirs}/collega`
const desk = '/gestione/enpap'
const phone = { scripts: false, width: 360 }

const anna = { nome: 'Anna', cognome: 'Gatti', cf: 'GTTNNA70R64F839N', parentela: 'spouse' }
const luca = { nome: 'Luca', cognome: 'Ferrari', cf: 'FRRLCU90H10F205H', parentela: 'child' }
const died = '2026-11-12'
const protocol = /ENPAP-2026-\d{6}/

const officer = (t, to = desk, options) => come(t, 'welfare-istruttore', 'welfare', to, options)
const approver = (t, to = desk, options) => come(t, 'welfare-approvatore', 'welfare', to, options)

// deceased writes who has died, and of what.
async function deceased(visitor, day, first) {
  await visitor.fill('Nome', 'Pietro')
  await visitor.fill('Cognome', 'Gatti')
  await visitor.fill('Codice fiscale', 'GTTPTR60A01F839C')
  await visitor.dates('Data del decesso', day)
  await visitor.tick('Malattia')
  await visitor.dates('Primo giorno in cui non ha potuto lavorare', first)
  await visitor.dates('Ultimo giorno in cui non ha potuto lavorare', day)
}

// inherit writes an heir into a row of a form.
async function inherit(visitor, row, heir, share) {
  for (const [name, is] of Object.entries({ ...heir, quota: share })) {
    const field = visitor.page.locator(`#erede-${row}-${name}`)
    if (name === 'parentela') await field.selectOption(is)
    else await field.fill(is)
  }
}

// receipts writes when a message was accepted and delivered.
async function receipts(visitor, sender, day, accepted, delivered) {
  await visitor.fill('Indirizzo del mittente', sender)
  await visitor.dates('Accettazione', day)
  await visitor.fill('Ora di accettazione', accepted)
  await visitor.dates('Consegna', day)
  await visitor.fill('Ora di consegna', delivered)
}

// codes are the codes that a page tells, by the first name of the heir.
async function codes(visitor) {
  const told = {}
  for (const who of ['Anna', 'Luca']) told[who] = await visitor.fact(who)
  for (const is of Object.values(told)) {
    assert.match(is, code)
    visitor.keepsSecret(is.replaceAll(' ', ''))
  }
  return told
}

// find gives a number and a code.
async function find(visitor, number, is, options) {
  await visitor.open(link)
  await visitor.fill('Numero di protocollo', number)
  await visitor.fill('Codice', is)
  await visitor.press('Collega la domanda', options)
}

// give hands in a file where a page asks for one.
async function give(visitor, file) {
  await visitor.page.locator('main input[type=file]').setInputFiles({ name: file.name, mimeType: file.type, buffer: file.content })
  await visitor.press('Carica')
}

// sign makes every declaration and signs.
async function sign(visitor) {
  await visitor.follow('Firma la domanda')
  await visitor.sees('la persona deceduta non ha esercitato')
  await visitor.press('Firma la domanda', { status: 422 })
  await visitor.sees('Per firmare devi confermare questa dichiarazione')
  for (const declaration of await visitor.page.getByRole('checkbox').all()) await declaration.check()
  await visitor.press('Firma la domanda')
  await visitor.sees('ENPAP vede la tua firma da subito')
}

test('an heir answers for her own papers', async (t) => {
  const widow = await come(t, 'erede', 'erede', '/area-personale', phone)
  await widow.follow('La domanda che segui come erede')
  await widow.sees('Domanda di Salvatore Esposito, presentata dagli eredi', 'h1')
  await widow.sees('Manca la firma di Luca Esposito')
  await widow.follow('Rispondi alla richiesta')
  await widow.sees('nella dichiarazione manca la data')
  await widow.follow(/^Carica:/)
  await give(widow, await scan(widow, 'dichiarazione', 'Dichiarazione sostitutiva, con la data'))
  await widow.sees('dichiarazione.pdf')
  await widow.press('Salva e controlla la risposta')
  await widow.press('Invia la risposta')
  await widow.sees('Risposta inviata', 'h1')
  await widow.reads(protocol)
})

test('an application of heirs, from the form to both signatures', async (t) => {
  let number, told, file

  await t.test('is prepared at home, and nothing of it is kept', async (t) => {
    const visitor = await come(t, 'cittadina', 'cittadino', heirs, phone)
    await visitor.sees('Puoi chiedere l’indennità entro 60 giorni dalla data del decesso')
    await visitor.follow('Prepara i documenti')
    await deceased(visitor, '2026-09-20', '2026-09-01')
    await visitor.press('Continua')
    await visitor.sees('I 60 giorni sono scaduti il 19 novembre 2026')
    await visitor.sees('Scrivi comunque a ENPAP')
    await visitor.press('Torna al passo prima')
    await deceased(visitor, died, '2026-10-05')
    await visitor.press('Continua')
    await visitor.sees('entro l’11 gennaio 2027, ore 23:59')
    await inherit(visitor, 1, anna, '2/3')
    await visitor.press('Aggiungi un altro erede')
    await inherit(visitor, 2, luca, '1/2')
    await visitor.press('Continua', { status: 422 })
    await visitor.sees('Le quote insieme fanno 7/6')
    await inherit(visitor, 2, luca, '1/3')
    await visitor.press('Continua')
    await visitor.sees('Documento di riconoscimento di ogni erede, fronte e retro')
    const form = visitor.page.locator('main form').filter({ has: visitor.page.getByRole('button', { name: /^Scarica il modulo compilato \(PDF, \d+ kB\)$/ }) })
    const [to, fields] = await form.evaluate((f) => [f.action, [...new FormData(f)]])
    const sheet = await visitor.page.request.post(to, { data: new URLSearchParams(fields).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin', Origin: site.portal } })
    assert.equal(sheet.headers()['content-type'], 'application/pdf')
    const says = text(await sheet.body()).replace(/\s+/g, ' ')
    for (const thing of ['Pietro Gatti', 'Anna Gatti', 'Luca Ferrari', '2/3', 'la persona deceduta non ha esercitato', '11 gennaio 2027']) {
      assert.ok(says.includes(thing), `the form does not say «${thing}»:\n${says}`)
    }
    const clerk = await officer(t)
    await clerk.misses('Pietro Gatti')
  })

  await t.test('comes by PEC and is registered with both receipts', async (t) => {
    const clerk = await officer(t)
    await clerk.follow('Registra una domanda arrivata via PEC')
    await receipts(clerk, 'anna.gatti@pec.example.org', '2026-11-20', '10:15:30', '10:15:29')
    await deceased(clerk, died, '2026-10-05')
    await inherit(clerk, 1, anna, '2/3')
    await clerk.tick('Ha firmato il modulo')
    await clerk.press('Aggiungi un altro erede')
    await inherit(clerk, 2, luca, '1/3')
    await clerk.press('Controlla prima di registrare', { status: 422 })
    await clerk.sees('La consegna non può venire prima dell’accettazione')
    await clerk.fill('Ora di consegna', '10:15:33')
    await clerk.press('Controlla prima di registrare')
    await clerk.sees('Arrivata nei termini')
    await clerk.press('Registra la domanda')
    number = await clerk.reads(protocol)
    told = await codes(clerk)
    await clerk.follow('Apri la domanda')
    file = clerk.path()
    await clerk.sees('10:15:30')
    await clerk.sees('Per PEC, il 20 novembre 2026')
  })

  await t.test('is found by its heirs, within five tries', async (t) => {
    const widow = await come(t, 'erede', 'erede', link)
    await find(widow, number, told.Luca, { status: 409 })
    await widow.sees('Numero e codice non corrispondono')
    await find(widow, 'ENPAP-2026-999999', told.Anna, { status: 409 })
    for (let tries = 2; tries <= 5; tries++) await find(widow, number, '0000 0000 0000', { status: 409 })
    await find(widow, number, told.Anna, { status: 409 })
    await widow.sees('Il codice non si può più usare')
    const clerk = await officer(t, file)
    await clerk.follow('Altro codice per Anna Gatti')
    await clerk.press('Fai un altro codice')
    const again = await clerk.reads(code)
    widow.keepsSecret(again.replaceAll(' ', ''))
    await find(widow, number, again)
    await widow.sees('Domanda di Pietro Gatti, presentata dagli eredi', 'h1')
    await widow.sees('Manca la firma di Luca Ferrari')
    await widow.sees('Può aggiungerla entro l’11 gennaio 2027, ore 23:59')
    assert.ok(!(await widow.offers('Firma la domanda')), 'she signs for another')
  })

  await t.test('is signed by the other heir, on a phone and without JavaScript', async (t) => {
    const son = await come(t, 'cittadino-parziale', 'cittadino', link, phone)
    await find(son, number, told.Luca)
    await son.tick(/^Erede/)
    await son.press('Continua')
    await son.sees('Puoi aggiungerla entro l’11 gennaio 2027, ore 23:59')
    await sign(son)
    await son.misses('Manca la firma')
    await son.sees('Nel portale, il')
  })

  await t.test('has a wrong hour put right, and one more message', async (t) => {
    const clerk = await officer(t, file)
    await clerk.follow('Correggi il messaggio 1')
    await clerk.fill('Ora di accettazione', '10:15:03')
    await clerk.fill('Perché lo correggi', 'letta male nella ricevuta')
    await clerk.press('Registra la correzione')
    await clerk.sees('I dati di prima restano leggibili')
    await clerk.sees(/letta male nella ricevuta.*10:15:30/)
    await clerk.follow('Registra un altro messaggio PEC')
    await receipts(clerk, 'luca.ferrari@pec.example.org', '2026-11-21', '9:00:01', '9:00:02')
    await clerk.press('Registra il messaggio')
    await clerk.sees('Messaggio 2')
  })
})

test('heirs step into an application, by two officers', async (t) => {
  let file, told, number

  await t.test('one registers it', async (t) => {
    const clerk = await officer(t, `${desk}/domande`, { scripts: false })
    const row = clerk.page.getByRole('row').filter({ hasText: 'Roberto Vitale' }).filter({ hasText: 'ottobre 2026' })
    number = await row.getByRole('link').first().innerText()
    await clerk.follow(number)
    file = clerk.path()
    await clerk.follow('Registra il subentro')
    await clerk.dates('Data del decesso', '2026-11-21')
    await inherit(clerk, 1, anna, '1/2')
    await clerk.press('Aggiungi un altro erede')
    await inherit(clerk, 2, luca, '1/2')
    await clerk.press('Manda alla conferma')
    await clerk.sees('C’è un subentro da confermare')
    await clerk.open(`${file}/subentro/decidi`, { status: 403 })
    await clerk.open(`${file}/documenti/aggiungi`)
    await clerk.choose('Tipo', 'Prova della qualità di erede')
    await give(clerk, await scan(clerk, 'atto', 'Eredi di Roberto Vitale'))
    await clerk.sees('Sta tra i documenti della domanda')
  })

  await t.test('another confirms it, and nothing of it moves', async (t) => {
    const other = await approver(t, desk, { width: 360 })
    await other.open(file)
    await other.follow('Decidi sul subentro')
    await other.tick(/^Confermo/)
    await other.press('Registra la decisione')
    await other.sees('Subentro confermato')
    told = await codes(other)
  })

  await t.test('and an heir finds it where it stood', async (t) => {
    const widow = await come(t, 'erede', 'erede', link)
    await find(widow, number, told.Anna)
    await widow.sees('Domanda di Roberto Vitale, presentata dagli eredi', 'h1')
    await widow.sees('Inviata')
    await widow.misses('Manca la firma')
  })
})
