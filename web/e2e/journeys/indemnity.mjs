// Those who apply for the indemnity, and what more than one of their journeys does: a
// draft is begun, its papers are handed in, its questions answered, its declarations
// made.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setInterval } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { come } from './people.mjs'

export const cases = '/indennita-malattia-infortunio/domande'
export const protocol = /ENPAP-\d{4}-\d{6}/

export const elena = (t, to = cases, options) => come(t, 'iscritta', 'iscritto', to, options)
export const giulia = (t, to = cases, options) => come(t, 'psicologa', 'iscritto', to, options)
export const roberto = (t, to = cases, options) => come(t, 'iscritto-cicli', 'iscritto', to, options)

// begin answers the questions before a draft and begins it; it gives its address.
export async function begin(member, { cause, over = true, first, last, sees }) {
  await member.open(`${cases}/nuova`)
  await member.tick(cause)
  await member.tick(over ? 'Sì' : 'No, non ancora')
  await member.dates('Primo giorno', first)
  if (last) await member.dates('Ultimo giorno', last)
  await member.press('Controlla')
  if (sees) await member.sees(sees)
  await member.press('Inizia la domanda')
  await member.sees('La tua domanda', 'h1')
  return member.path()
}

// certificate hands in a paper from the list of certificates, to which it comes back.
export async function certificate(member, { kind, issued, from, to, file }) {
  await member.follow('Aggiungi un certificato')
  await member.tick(kind)
  await member.dates('Data del certificato', issued)
  if (from) await member.dates('Primo giorno che copre', from)
  if (to) await member.dates('Ultimo giorno che copre', to)
  await hand(member, file)
}

// hand sends the file for which a page asks, and finds it legible.
export async function hand(member, file) {
  await member.attach('File del documento', file.name, file.type, file.content)
  await member.press('Carica')
  await member.sees('È leggibile?', 'h1')
  await member.sees(file.name)
  await member.follow('Sì, si legge: continua')
}

// give hands in a file for which a request asks.
export async function give(member, file) {
  await member.page.locator('main input[type=file]').setInputFiles({ name: file.name, mimeType: file.type, buffer: file.content })
  await member.press('Carica')
}

// identify hands in a document, a side for each file.
export async function identify(member, ...files) {
  const sides = files.length > 1 ? ['Fronte', 'Retro'] : ['Fronte e retro insieme']
  for (const [i, side] of sides.entries()) {
    await member.follow(`Carica il file: ${side}`)
    await hand(member, files[i])
  }
  await member.dates('Scadenza del documento', '2030-05-21')
  await member.press('Salva e continua')
}

// answer goes through the questions about the person, from their activity to their
// contacts. With a cover or an ISEE, each has its file.
export async function answer(member, { cover, isee } = {}) {
  await member.sees('Attività professionale', 'h1')
  await member.tick(cover ? 'No' : 'Sì')
  await member.press('Salva e continua')
  await member.sees('Altre coperture', 'h1')
  await member.tick(cover ? 'Sì' : 'No')
  if (cover) await member.fill('Quale', 'INAIL, infortunio')
  await member.press('Salva e continua')
  await member.sees('ISEE', 'h1')
  await member.tick(isee ? 'Sì, lo carico' : 'No')
  if (isee) {
    await member.fill('Valore dell’ISEE', '18.250,00')
    await member.fill('Anno dell’attestazione', '2026')
  }
  await member.press('Salva e continua')
  if (isee) {
    await hand(member, isee)
    await member.press('Salva e continua')
  }
  await member.sees('IBAN e contatti', 'h1')
  await member.press('Salva e continua')
}

// declare makes every declaration.
export async function declare(member) {
  await member.sees('Dichiarazioni', 'h1')
  for (const declaration of await member.page.getByRole('checkbox').all()) await declaration.check()
  await member.press('Salva e continua')
}

// send sends what is shown once more.
export async function send(member) {
  await member.sees('Controlla i dati prima di inviare la domanda', 'h1')
  await member.press('Invia la domanda')
  await member.sees('Domanda inviata', 'h1')
  return member.reads(protocol)
}

// scan is a paper as a PDF, photograph one as a telephone takes it.
export async function scan(member, name, ...lines) {
  return { name: `${name}.pdf`, type: 'application/pdf', content: await sheet(member, lines, (page) => page.pdf({ format: 'A4' })) }
}

export async function photograph(member, name, ...lines) {
  return { name: `${name}.jpg`, type: 'image/jpeg', content: await sheet(member, lines, (page) => page.screenshot({ type: 'jpeg', quality: 60 })) }
}

// sheet writes lines on a sheet and gives what is made of it.
async function sheet(member, lines, make) {
  const page = await member.page.context().newPage()
  try {
    await page.setViewportSize({ width: 600, height: 800 })
    await page.setContent(`<body>${lines.map((line) => `<p>${line}</p>`).join('')}`)
    return await make(page)
  } finally {
    await page.close()
  }
}

// text is what a PDF says to who reads it.
export function text(pdf) {
  const reader = execFileSync(fileURLToPath(new URL('../../../.ci/need', import.meta.url)), ['pdftotext'], { encoding: 'utf8' }).trim()
  return execFileSync(reader, ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' })
}

// mailed waits for a mail with a subject, and gives it.
export async function mailed(subject) {
  const folder = join(process.env.PORTAL_DATA_DIR, 'mail')
  const end = Date.now() + 15_000
  for await (const _ of setInterval(50)) {
    const found = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')).find((mail) => mail.includes(subject))
    if (found) return found
    if (Date.now() > end) throw new Error(`nobody has a mail «${subject}»`)
  }
}
