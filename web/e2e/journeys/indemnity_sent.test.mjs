// An application for the indemnity from the first certificate to the receipt. Elena’s
// is begun while she is ill, photographed, mended and sent in the last minute of its
// term, from two tabs at once. Giulia’s is as good, and comes a minute later. The clock
// is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, site } from '../harness.mjs'
import { answer, begin, cases, certificate, declare, elena, giulia, hand, identify, mailed, photograph, protocol, scan, text } from './indemnity.mjs'
import { told } from './people.mjs'

const phone = { scripts: false, width: 360 }

// An illness whose term is a tenth day, from the first minute of its last evening to the
// first one after.
const [first, last] = ['2026-11-09', '2026-11-27']
const evening = '2026-12-07T23:35:00+01:00'
const lastMinute = '2026-12-07T23:59:00+01:00'
const aMinuteLater = '2026-12-08T00:00:00+01:00'

test('an application of who is still ill', async (t) => {
  let tasks, second, sentAs, checkCode

  await t.test('is a draft with a gap', async (t) => {
    const member = await elena(t)
    tasks = await begin(member, { cause: 'Malattia', over: false, first, last, sees: 'Si può inviare dal 28 novembre 2026 fino al 7 dicembre 2026, ore 23:59' })
    await member.follow('Certificati medici')
    await member.sees('Non hai ancora caricato certificati')
    await certificate(member, { kind: 'Certificato iniziale', issued: '2026-11-09', from: '2026-11-09', to: '2026-11-18', file: await photograph(member, 'primo', 'Prognosi di dieci giorni') })
    await certificate(member, { kind: 'Certificato di prosecuzione', issued: '2026-11-21', from: '2026-11-21', to: '2026-11-27', file: await scan(member, 'terzo', 'Prognosi di sette giorni') })
    await member.sees('Mancano 2 giorni: dal 19 al 20 novembre 2026')
    await member.sees('Puoi continuare, ma quei giorni potrebbero non essere pagati')
    await member.sees('Senza certificato')
    await member.sees(/Se tutti i giorni fossero coperti sarebbe [\d.,]+ €: [\d.,]+ € in più/)
    await member.follow('Salva ed esci')
    await told(member, 'ENPAP: bozza salvata')
    await mailed('Subject: ENPAP: bozza salvata')
  })

  await t.test('is mended by an extension, photographed with a phone', async (t) => {
    const member = await elena(t, tasks, { width: 360 })
    await member.follow('Certificati medici')
    await member.follow('Aggiungi il certificato che manca')
    const takes = await member.page.locator('input[type=file]').getAttribute('accept')
    assert.match(takes, /image\/jpeg/, 'a phone would not offer its camera')
    await member.tick('Certificato di prosecuzione')
    await member.dates('Data del certificato', '2026-11-19')
    await member.dates('Primo giorno che copre', '2026-11-19')
    await member.dates('Ultimo giorno che copre', '2026-11-18')
    const photo = await photograph(member, 'secondo', 'Prognosi di due giorni')
    await member.attach('File del documento', photo.name, photo.type, photo.content)
    await member.press('Carica', { status: 422 })
    await member.sees('L’ultimo giorno viene prima del primo')
    await member.dates('Ultimo giorno che copre', '2026-11-20')
    await hand(member, photo)
    await member.misses('Mancano 2 giorni')
    await member.sees('Ogni giorno del periodo ha un certificato.')
  })

  await t.test('has its other parts, and cannot be sent before its end', async (t) => {
    const member = await elena(t, tasks)
    await member.follow('Documento di riconoscimento')
    await identify(member, await photograph(member, 'fronte', 'Carta d’identità'), await photograph(member, 'retro', 'Carta d’identità'))
    await answer(member, { isee: await scan(member, 'isee', 'Attestazione ISEE') })
    await declare(member)
    await member.open(`${tasks}/riepilogo`)
    assert.equal(await member.offers('Invia la domanda'), false, 'an application is sent while the illness lasts')
  })

  await t.test('is sent on the tenth day at 23:59, from two tabs as one', async (t) => {
    await clock(evening)
    const member = await elena(t, tasks)
    await member.sees('oggi')
    await member.follow('Controlla e invia')
    await member.sees('primo.jpg')
    second = await member.tab()
    await clock(lastMinute)
    const tabs = [member, second]
    await Promise.all(tabs.map((tab) => tab.press('Invia la domanda')))
    const again = []
    for (const tab of tabs) {
      await tab.sees('Domanda inviata', 'h1')
      await tab.sees(/7 dicembre 2026,? (alle )?(ore )?23:59:\d\d/)
      again.push(await tab.page.getByText('Hai già inviato questa domanda').count())
    }
    assert.deepEqual(again.sort(), [0, 1], 'one of two tabs sends it, the other hears that it was sent')
    sentAs = await member.reads(protocol)
    assert.equal(await second.reads(protocol), sentAs)
    await member.open(cases)
    assert.equal(await member.page.getByRole('row', { name: sentAs }).count(), 1)
    assert.equal(await member.page.getByRole('row', { name: 'dal 9 al 27 novembre 2026' }).count(), 1, 'there are two applications for the same days')
  })

  await t.test('has a receipt, which says on paper what it says on the page', async (t) => {
    const member = await elena(t)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${sentAs}")` })
    await member.follow('Leggi la ricevuta')
    await member.sees(/impronta SHA-256: ([0-9a-f]{8} ?){8}/)
    checkCode = await member.fact('Codice di verifica')
    const receipt = await member.page.request.get(`${site.portal}${member.path()}.pdf`)
    assert.equal(receipt.headers()['content-type'], 'application/pdf')
    const says = text(await receipt.body())
    for (const thing of [sentAs, '7 dicembre 2026', '23:59', 'Elena Serra', 'primo.jpg', 'secondo.jpg', 'terzo.pdf', 'isee.pdf', 'Dichiaro che le copie caricate', checkCode]) {
      assert.ok(says.replace(/\s+/g, ' ').includes(thing), `the receipt does not say «${thing}»:\n${says}`)
    }
    await member.follow('Verifica un documento', { within: 'main' })
    await member.fill('Protocollo', sentAs)
    await member.fill('Codice di verifica', checkCode)
    await member.press('Verifica il documento')
    await member.sees('Il documento è autentico')
  })

  await t.test('is told in the portal at once: a mail does not come at night', async (t) => {
    const member = await elena(t)
    await told(member, `ENPAP: domanda ricevuta, protocollo ${sentAs}`)
  })

  await t.test('has a way before it, a calculation and its papers, without JavaScript', async (t) => {
    const member = await elena(t, cases, phone)
    await member.follow(/^Visualizza/, { within: `tr:has-text("${sentAs}")` })
    await member.sees('Tocca a ENPAP')
    await member.sees('Domanda inviata')
    await member.follow('Documenti', { within: 'main' })
    await member.sees('secondo.jpg')
    await member.follow('Calcolo e punteggio')
    await member.sees('Giorni pagati')
    await member.follow('Messaggi', { within: 'main' })
    await member.sees('domanda ricevuta')
    await member.open(`${tasks}/riepilogo`)
    assert.equal(member.path(), tasks.replace('/compila', ''), 'what was sent can be sent again')
  })
})

test('the same a minute later, without JavaScript', async (t) => {
  let tasks
  await t.test('is whole on the evening of the tenth day', async (t) => {
    await clock(evening)
    const member = await giulia(t, cases, phone)
    tasks = await begin(member, { cause: 'Infortunio', first: '2026-11-12', last, sees: 'Puoi fare domanda' })
    await member.follow('Certificati medici')
    await certificate(member, { kind: 'Certificato iniziale', issued: '2026-11-12', from: '2026-11-12', to: last, file: await photograph(member, 'prognosi', 'Prognosi di sedici giorni') })
    await member.follow('Continua')
    await identify(member, await scan(member, 'patente', 'Patente'))
    await answer(member, { cover: true, isee: await scan(member, 'isee', 'Attestazione ISEE') })
    await declare(member)
    await member.sees('Controlla i dati prima di inviare la domanda', 'h1')
  })

  await t.test('is refused, with its reason and nothing lost', async (t) => {
    const member = await giulia(t, `${tasks}/riepilogo`, phone)
    await clock(aMinuteLater)
    await member.press('Invia la domanda', { status: 409 })
    await member.sees('Il termine è passato', 'h1')
    await member.sees('Il termine è passato alle 23:59 del 7 dicembre 2026: la domanda non si può più inviare.')
    await member.sees(/Hai provato a inviarla l’8 dicembre 2026/)
    await member.follow('Torna alle tue domande')
    await member.sees('questa bozza non si può più inviare')
    await member.open(`${tasks}/riepilogo`)
    for (const thing of ['prognosi.jpg', 'patente.pdf', 'isee.pdf', 'INAIL, infortunio', 'Dichiaro che le copie caricate sono uguali agli originali']) await member.sees(thing)
    assert.equal(await member.offers('Invia la domanda'), false, 'it can be sent after its term')
    await member.open(tasks)
    await member.follow('Certificati medici')
    await member.sees('prognosi.jpg')
  })
})
