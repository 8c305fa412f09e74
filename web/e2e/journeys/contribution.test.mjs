// One edition of the contribution, lived by those who make it: INPS copies an
// edition and two people release it; citizens apply; the ranking is simulated,
// proposed, approved and published by three; a code is booked against. Then CNOP
// sends a list that takes away a psychologist with sessions. The clock is moved.

import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { clock } from '../harness.mjs'
import { agenda, approver, book, code, come, files, inps, officer, publisher } from './people.mjs'

const edition = '2028'
const rules = `${inps}/annualita/${edition}`
const article = 'Decreto di prova 1/2026'

// The window, and a morning after every term to correct an ISEE.
const opening = '2026-11-24T09:00:00+01:00'
const ranking = '2027-02-01T10:00:00+01:00'
const firstSession = '2027-02-10'

// The money: three whole amounts in Lazio and two in Lombardia, where somebody
// stays outside; the other territories have one that nobody asks for.
const money = ['Lazio;4.500,00', 'Lombardia;3.000,00']

const closed = ['P.A. Bolzano', 'P.A. Trento']

const maria = 'RSSMRA85C52H501N'
const giulia = { code: 'MRNGLI17D52A944B', given: 'Giulia', family: 'Marini' }

// What the register says of Luca once he has it mended.
const corrected = 'FRRLCU90H10F205H,valid,21300.50,ordinary,INPS-ISEE-2026-10442999,2026-11-24,2026-12-31,,\n'

// Those who come in by file are nobody's.
const columns = 'codice_fiscale;cognome;nome;data_nascita;territorio;provincia;isee;stato_isee;presentata_il;email;telefono'
const applied = '2026-11-24T09:00:00.000001+01:00'
const rows = [
  `VRDNNA75C50H501Q;Verdi;Anna;1975-03-10;Lazio;RM;8000.00;valido;${applied};;`,
  `NREMRC80A12H501K;Neri;Marco;1980-01-12;Lazio;RM;11250.50;valido;${applied};;`,
  `SRRLNE91R66F205Q;Serra;Elena;1991-10-26;Lombardia;MI;14000.00;valido;${applied};;`,
]

// The list that brings a psychologist back.
const list = [
  'codice_fiscale;cognome;nome;ordine_regionale;numero_iscrizione;data_annotazione_psicoterapeuta;indirizzo;comune;cap;provincia;regione;telefono;email;data_adesione;data_revoca',
  'BNCGLI78T55F205M;Bianchi;Giulia;Lombardia;4821;2012-04-16;Via Manzoni 12;Milano;20121;MI;Lombardia;02 5550 4821;;2027-01-25;',
].join('\n')

test('an edition from its rules to the first session', async (t) => {
  await t.test('is copied, changed, proposed, and not released by who did it', async (t) => {
    const chiara = await officer(t)
    await chiara.open(`${inps}/annualita`)
    await chiara.follow('Nuova annualità')
    await chiara.choose('Copia le regole da', 'prova-2')
    await chiara.fill('Anno delle domande', edition)
    await chiara.fill('Anno dei fondi', '2027')
    await chiara.fill('Nome', edition)
    await chiara.press('Crea la bozza')
    await chiara.sees('Le regole sono copiate dall’annualità prova-2')
    assert.equal(chiara.path(), rules)

    await chiara.follow('Modifica: Finestra delle domande')
    await chiara.dates('Primo giorno', '2026-11-24')
    await chiara.fill('Ora di apertura', '9:00')
    await chiara.dates('Ultimo giorno', '2026-12-23')
    await chiara.fill('Ora di chiusura', '24:00')
    await chiara.fill('Norma o atto', article)
    await chiara.press('Salva la sezione')
    await chiara.follow('Modifica: Risorse per territorio')
    await chiara.follow('Aggiungi una tranche')
    await chiara.fill('Nome della tranche', 'Fondo 2027')
    await chiara.fill('Norma o atto', article)
    await chiara.fill('Righe territorio;importo', money.join('\n'))
    await chiara.press('Salva la sezione')
    await chiara.sees('7.500,00 €')
    await chiara.open(rules)
    await chiara.follow('Modifica: Territori che non partecipano')
    for (const territory of closed) await chiara.tick(territory)
    await chiara.fill('Norma o atto', article)
    await chiara.press('Salva la sezione')
    await chiara.misses('Prima di proporre la bozza')

    await chiara.follow('Proponi la bozza')
    await chiara.sees('È la prima versione di questa annualità: «Prima» è la versione 1 dell’annualità prova-2')
    await chiara.press('Proponi la bozza')
    await chiara.sees('La approva o la rimanda un’altra persona del tuo ufficio')
    await chiara.open(`${rules}/approva`)
    await chiara.sees('Per questa operazione serve un altro incarico')
    assert.equal(await chiara.offers('Registra la decisione'), false, 'who proposed rules may decide on them')
  })

  await t.test('is released by a second person', async (t) => {
    const andrea = await approver(t)
    await andrea.open(rules)
    await andrea.follow('Approva o rimanda')
    await andrea.tick('Approva le modifiche')
    await andrea.press('Registra la decisione')
    await andrea.sees('La versione è in vigore da adesso')
  })

  await t.test('opens its window to who applies for herself', async (t) => {
    const early = await come(t, 'cittadina', undefined, files)
    assert.equal(await early.offers(offer), false, 'the window is open before its hour')
    await clock(opening)
    const citizen = await come(t, 'cittadina', undefined, files)
    await apply(citizen, async () => {
      await citizen.tick('Io')
    })
    await citizen.misses('L’ISEE è da correggere')
  })

  await t.test('takes a mother’s application for her daughter', async (t) => {
    const mother = await come(t, 'genitore', 'cittadino', files)
    await apply(mother, async () => {
      await mother.tick('Mio figlio o mia figlia minorenne')
      await mother.fill('Nome', giulia.given)
      await mother.fill('Cognome', giulia.family)
      await mother.fill('Codice fiscale', giulia.code)
    })
    await mother.sees('Giulia Marini')
  })

  await t.test('takes one whose ISEE is to be corrected', async (t) => {
    const citizen = await come(t, 'cittadino-parziale', undefined, files)
    await apply(citizen, async () => {
      await citizen.tick('Io')
    })
    await citizen.sees('L’ISEE è da correggere')
  })

  await t.test('takes a file only when no line of it is wrong', async (t) => {
    const chiara = await officer(t)
    await upload(chiara, [rows[0], rows[1].replace('NREMRC80A12H501K', 'NREMRC80A12H501X'), rows[2]])
    await chiara.sees('Nel file ci sono errori: nulla è stato importato')
    await chiara.sees(/\b3\b.*codice_fiscale/)
    await upload(chiara, rows)
    await chiara.sees('Il file è in ordine')
    await chiara.press('Importa 3 domande')
    await chiara.awaits('Abbiamo importato 3 domande')
  })

  await t.test('counts an ISEE that was corrected', async (t) => {
    const citizen = await come(t, 'cittadino-parziale', undefined, files)
    await citizen.follow(/^Visualizza/, { within: 'main' })
    await citizen.follow('Correggi l’ISEE', { within: 'main' })
    await citizen.sees('Manca una parte del patrimonio')
    await citizen.press('Ho corretto l’ISEE', { status: 409 })
    await citizen.sees('L’ISEE non è ancora in regola')
    appendFileSync(join(process.env.PORTAL_DATA_DIR, 'registers', 'isee.csv'), corrected)
    await citizen.press('Ho corretto l’ISEE')
    await citizen.sees('Il valore usato per la graduatoria è 21.300,50 €')
  })

  let run
  await t.test('is ranked by two programs that agree, and proposed', async (t) => {
    await clock(ranking)
    const chiara = await officer(t)
    await chiara.open(`${inps}/graduatorie/${edition}`)
    await chiara.press('Nuova simulazione')
    await chiara.sees('considera 6 domande')
    await chiara.sees('Uguale riga per riga')
    run = chiara.path()
    await chiara.follow('Proponi per l’approvazione')
    await chiara.press('Proponi per l’approvazione')
    await chiara.sees('Deve approvarla un’altra persona')
    await chiara.open(`${run}/approva`)
    await chiara.sees('Hai proposto tu questa graduatoria. Deve approvarla un’altra persona.')
    assert.equal(await chiara.offers('Registra la decisione'), false, 'who proposed a ranking may decide on it')
  })

  await t.test('is approved by a second person, who does not publish it', async (t) => {
    const andrea = await approver(t)
    await andrea.open(run)
    await andrea.follow('Controlla e decidi')
    await andrea.tick('Approva')
    await andrea.press('Registra la decisione')
    await andrea.sees('Ora la pubblica una terza persona')
    assert.equal(await andrea.offers('Pubblica la graduatoria'), false, 'who approved a ranking may publish it')
  })

  await t.test('is published by a third one', async (t) => {
    const alessandra = await publisher(t, run)
    await alessandra.follow('Pubblica la graduatoria')
    await alessandra.tick('Subito')
    await alessandra.press('Controlla prima di pubblicare')
    await alessandra.sees('generiamo 5 codici')
    await alessandra.press('Pubblica la graduatoria')
    await alessandra.awaits('Pubblicazione finita')
    await alessandra.sees('5 codici generati, 6 domande decise')
  })

  await t.test('tells who is left out the place and the last one with money', async (t) => {
    const citizen = await come(t, 'cittadino-parziale', undefined, files)
    await citizen.follow(/^Visualizza/, { within: 'main' })
    await citizen.sees('Sei al posto 3 nella graduatoria di Lombardia. Le risorse sono bastate fino al posto 2: ti manca 1 posizione.')
    await citizen.sees('L’ultima domanda finanziata aveva un ISEE di 14.000,00 €')
  })

  await t.test('gives a code with which a psychologist books the first session', async (t) => {
    const citizen = await come(t, 'cittadina', undefined, files)
    await citizen.follow(/^Visualizza/, { within: 'main' })
    await citizen.sees(`Contributo sessioni di psicoterapia ${edition}`)
    const uniqueCode = await citizen.reads(code)
    citizen.keepsSecret(uniqueCode.replaceAll(' ', ''))

    const psychologist = await come(t, 'psicologa', 'psicoterapeuta', agenda)
    await book(psychologist, uniqueCode, maria, firstSession)

    await citizen.open(citizen.path())
    await citizen.sees('1.450,00 €')
  })
})

test('a list of CNOP that takes away a psychologist with sessions', async (t) => {
  let delivery
  await t.test('shows the sessions, and is not sent by who prepared it', async (t) => {
    const sara = await come(t, 'cnop', 'cnop', '/cnop/invii')
    await sara.follow(/^Invio 2/, { within: 'main' })
    delivery = sara.path()
    await sara.follow(/^Tolti/, { within: 'main' })
    await sara.sees('Bianchi Giulia')
    await sara.open(`${delivery}/invia`, { status: 409 })
    await sara.sees('Deve confermarlo un’altra persona')
    assert.equal(await sara.offers('Conferma e invia a INPS'), false, 'who prepared a list may send it')
  })

  await t.test('is sent by a second person', async (t) => {
    const davide = await come(t, 'cnop-invio', 'cnop', '/cnop/invii')
    await davide.open(delivery)
    await davide.follow('Conferma e invia a INPS')
    await davide.press('Conferma e invia a INPS')
    await davide.sees('trasmesso')
  })

  await t.test('is applied by INPS', async (t) => {
    const chiara = await officer(t)
    await chiara.open(`${inps}/professionisti`)
    await chiara.follow(/^Invio 2/, { within: 'main' })
    await chiara.follow('Applica l’invio')
    await chiara.press('Applica l’invio')
    await chiara.sees('L’elenco è in vigore. Aggiunti: 3. Modificati: 2. Tolti: 1.')
  })

  await t.test('leaves the psychologist what stands, and nothing new', async (t) => {
    const giulia = await come(t, 'psicologa', 'psicoterapeuta', '/professionisti/adesione')
    await giulia.sees('Terminata')
    await giulia.open('/professionisti/sedute/nuova', { status: 403 })
    await giulia.open('/professionisti/sedute')
    await giulia.follow(/^Conferma/, { within: 'table' })
    await giulia.tick('Dichiaro che la seduta si è svolta')
    await giulia.press('Conferma seduta')
    await giulia.sees('Seduta confermata')
  })
})

test('the next list of CNOP, which brings her back, without JavaScript', async (t) => {
  const scripts = false
  let delivery
  await t.test('is read and compared before anything changes', async (t) => {
    const sara = await come(t, 'cnop', 'cnop', '/cnop/invii', { scripts })
    await sara.follow('Nuovo invio')
    await sara.tick('Solo variazioni')
    await sara.dates('Data dell’elenco', ranking.slice(0, 10))
    await sara.attach('File dell’elenco', 'elenco.csv', 'text/csv', list)
    await sara.press('Controlla il file')
    await sara.sees('Controlla l’invio 3', 'h1')
    await sara.sees('Bianchi Giulia')
    delivery = sara.path()
    assert.equal(await sara.offers('Conferma e invia a INPS'), false, 'who prepared a list may send it')
  })

  await t.test('is sent, and applied', async (t) => {
    const davide = await come(t, 'cnop-invio', 'cnop', '/cnop/invii', { scripts })
    await davide.open(delivery)
    await davide.follow('Conferma e invia a INPS')
    await davide.press('Conferma e invia a INPS')
    await davide.sees('trasmesso')
    const chiara = await come(t, 'inps-istruttore', 'inps', `${inps}/professionisti`, { scripts })
    await chiara.follow(/^Invio 3/, { within: 'main' })
    await chiara.follow('Applica l’invio')
    await chiara.press('Applica l’invio')
    await chiara.sees('L’elenco è in vigore. Aggiunti: 1. Modificati: 0. Tolti: 0.')
  })

  await t.test('lets her book again', async (t) => {
    await come(t, 'psicologa', 'psicoterapeuta', '/professionisti/sedute/nuova', { scripts })
  })
})

const offer = `Richiedi il contributo ${edition}`

// apply goes through an application, from the offer to the receipt.
async function apply(citizen, whom) {
  await citizen.follow(offer)
  await whom()
  await citizen.press('Continua')
  for (const step of ['Controlla la residenza', 'Controlla l’ISEE', 'Dove ti scriviamo?']) {
    await citizen.sees(step, 'h1')
    await citizen.press('Continua')
  }
  for (const declaration of await citizen.page.getByRole('checkbox').all()) await declaration.check()
  await citizen.press('Continua')
  await citizen.press('Invia la domanda')
  await citizen.sees('Domanda inviata', 'h1')
}

async function upload(officer, lines) {
  await officer.open(`${inps}/domande/importa`)
  await officer.choose('Annualità', edition)
  await officer.fill('Numero di domande dichiarato', String(lines.length))
  await officer.attach('File delle domande', 'domande.csv', 'text/csv', [columns, ...lines].join('\n') + '\n')
  await officer.press('Carica e controlla')
}
