// A visitor of the portal in a real Chromium. Every page a visitor comes to is
// inspected, and nothing may go wrong behind it: no message in the console, no
// failed request, no request to anybody but the portal and its broker, no
// secret in an address.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { inspect } from './inspect.mjs'

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const patience = 15_000
const pictures = process.env.SCREENSHOTS === '1' && fileURLToPath(new URL('../../var/screenshots/', import.meta.url))
const fiscalCode = /[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]/i

// site is where the tests take place, as `portal e2e` says.
export const site = { portal: process.env.PORTAL_URL, broker: process.env.BROKER_URL }

// now is the portal's time.
export const now = () => new Date(process.env.PORTAL_CLOCK || Date.now())

// clock moves the portal to another time, an ISO 8601 instant, for everybody.
export async function clock(to) {
  const answer = await fetch(process.env.PORTAL_CLOCK_URL, { method: 'POST', body: to })
  assert.ok(answer.ok, `the clock does not move to ${to}: ${await answer.text()}`)
}

function findChromium() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  for (const name of names.filter(Boolean)) {
    try {
      return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim()
    } catch {
      // not this one
    }
  }
  throw new Error('no Chromium: install it, or name the program in CHROMIUM')
}

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: process.getuid?.() === 0 ? ['--no-sandbox', ...flags] : flags,
})
after(() => browser.close())

// visit brings a new visitor, who leaves when the test ends. With scripts false
// the visitor's browser runs none; the width is that of its window.
export async function visit(t, { scripts = true, width = 1280 } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: scripts,
    reducedMotion: 'reduce',
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
    viewport: { width, height: 800 },
  })
  context.setDefaultTimeout(patience)
  t.after(() => context.close())
  return new Visitor(await context.newPage(), scripts)
}

class Visitor {
  page
  #scripts
  #persona = 'anonimo'
  #answer // the response that brought the present page
  #trouble = [] // what went wrong behind the page, as sentences
  #secrets = [fiscalCode]

  constructor(page, scripts) {
    this.page = page
    this.#scripts = scripts
    page.on('console', (message) => this.#listen(message))
    page.on('pageerror', (error) => this.#trouble.push(`a script failed: ${error.message}`))
    page.on('request', (request) => this.#watch(request.url()))
    page.on('requestfailed', (request) => {
      const { errorText } = request.failure()
      if (errorText !== 'net::ERR_ABORTED') this.#trouble.push(`${request.url()} failed: ${errorText}`)
    })
    page.on('response', (response) => {
      if (response.request().isNavigationRequest()) this.#answer = response
      else if (response.status() >= 400) this.#trouble.push(`${response.url()} answered ${response.status()}`)
    })
  }

  // The status of a page is judged by arrive; Chromium reports it here as well.
  #listen(message) {
    if (!['error', 'warning'].includes(message.type())) return
    const status = message.text().startsWith('Failed to load resource')
    if (status && message.location().url === this.#answer?.url()) return
    this.#trouble.push(`the console says: ${message.text()}`)
  }

  #watch(address) {
    const url = new URL(address)
    if (url.protocol === 'data:') return
    if (!Object.values(site).some((known) => known && new URL(known).origin === url.origin)) {
      this.#trouble.push(`the page asks ${url.origin} for something`)
    }
    for (const secret of this.#secrets) {
      if (decodeURIComponent(url.href).search(secret) >= 0) this.#trouble.push(`an address tells ${secret}: ${url.pathname}`)
    }
  }

  // tab opens another tab of the same browser at the present address.
  async tab() {
    const other = new Visitor(await this.page.context().newPage(), this.#scripts)
    other.#persona = this.#persona
    await other.open(this.path())
    return other
  }

  // keepsSecret makes any later address with the text in it a failure.
  keepsSecret(text) {
    this.#secrets.push(new RegExp([...text].join('[^A-Z0-9]*'), 'i'))
  }

  // open types an address of the portal.
  async open(path, options) {
    await this.#go(() => this.page.goto(new URL(path, site.portal).href, { waitUntil: 'commit' }), options)
  }

  // login comes in as a persona of the demo and lands on a page of the portal.
  async login(persona, { profile, to = '/area-personale' } = {}) {
    const query = new URLSearchParams({ login_hint: persona, ritorno: to })
    if (profile) query.set('profilo', profile)
    this.#persona = persona
    await this.open(`/accedi?${query}`)
    assert.equal(this.path(), to, `${persona} did not land where the login was to lead`)
  }

  // follow clicks a link and press a button: both lead to a new page.
  async follow(name, options) {
    await this.#go(() => this.#one('link', name, options).click(), options)
  }

  async press(name, options) {
    await this.#go(() => this.#one('button', name, options).click(), options)
  }

  // enter does the same from the keyboard, with what has the focus.
  async enter(options) {
    await this.#go(() => this.page.keyboard.press('Enter'), options)
  }

  // fill writes into the first field with a label, tick chooses one.
  async fill(label, text, within = 'main') {
    await this.page.locator(within).first().getByLabel(label).first().fill(text)
  }

  async tick(label, within = 'main') {
    await this.page.locator(within).first().getByLabel(label).first().check()
  }

  // choose takes the option of a list whose text fits.
  async choose(label, option, within = 'main') {
    const list = this.page.locator(within).first().getByRole('combobox', { name: label }).first()
    await list.selectOption(await list.locator('option', { hasText: option }).first().getAttribute('value'))
  }

  // dates writes a day, "2026-11-24", into the three fields under a legend.
  async dates(legend, day) {
    const fields = this.page.getByRole('group', { name: legend }).first()
    const [year, month, date] = day.split('-').map(Number)
    await fields.getByLabel('Giorno').fill(String(date))
    await fields.getByLabel('Mese').fill(String(month))
    await fields.getByLabel('Anno').fill(String(year))
  }

  // attach chooses a file: its name, its type, and what it holds.
  async attach(label, name, mimeType, text, within = 'main') {
    const field = this.page.locator(within).first().getByLabel(label).first()
    await field.setInputFiles({ name, mimeType, buffer: Buffer.from(text) })
  }

  // unfold opens what is folded under a summary.
  async unfold(name, within = 'main') {
    await this.page.locator(within).first().locator('summary', { hasText: name }).first().click()
  }

  // sees fails unless the text stands somewhere on the page.
  async sees(text, within = 'main') {
    const body = plain(await this.page.locator(within).first().innerText())
    assert.ok(text instanceof RegExp ? text.test(body) : body.includes(plain(text)), `${this.#where()} does not say «${text}»:\n${body}`)
  }

  // awaits opens the page again until the text stands on it: work goes on behind it.
  async awaits(text) {
    for (const end = Date.now() + patience; ; ) {
      await this.open(this.path())
      const body = plain(await this.page.locator('main').innerText())
      if (text instanceof RegExp ? text.test(body) : body.includes(plain(text))) return
      assert.ok(Date.now() < end, `${this.#where()} never says «${text}»:\n${body}`)
    }
  }

  // misses fails when it does.
  async misses(text, within = 'main') {
    const body = plain(await this.page.locator(within).first().innerText())
    assert.ok(!body.includes(plain(text)), `${this.#where()} says «${text}», which it must not`)
  }

  // fact is what a description list gives for a term.
  async fact(term) {
    const dd = this.page.locator('dt', { hasText: term }).locator('xpath=following-sibling::dd[1]').first()
    return plain(await dd.innerText())
  }

  // reads finds a text by its shape.
  async reads(shape) {
    const found = shape.exec(plain(await this.page.locator('main').innerText()))
    assert.ok(found, `${this.#where()} has nothing like ${shape}`)
    return found[0]
  }

  // path is the address of the present page, to come back to.
  path() {
    return new URL(this.page.url()).pathname
  }

  title() {
    return this.page.title()
  }

  // offers tells whether there is a link or a button of that name.
  async offers(name) {
    const main = this.page.locator('main')
    return (await main.getByRole('link', { name }).or(main.getByRole('button', { name })).count()) > 0
  }

  // links are the addresses in the portal to which the page leads.
  async links() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('a[href]:not([download])')]
        .map((a) => new URL(a.href))
        .filter((url) => url.origin === location.origin)
        .map((url) => url.pathname + url.search),
    )
  }

  #one(role, name, { within = 'body' } = {}) {
    return this.page.locator(within).getByRole(role, { name, exact: typeof name === 'string' }).first()
  }

  #where() {
    return `${this.#persona} at ${this.path()}`
  }

  // go does what leads to another page and judges the page.
  async #go(step, { status = 200 } = {}) {
    const loaded = this.page.waitForEvent('load')
    await Promise.all([loaded, step()])
    if (this.#answer.status() !== status) this.#trouble.push(`the status is ${this.#answer.status()}, not ${status}`)
    const ours = this.page.url().startsWith(site.portal)
    this.#trouble.push(...(await inspect(this.page, { scripts: this.#scripts, ours })))
    if (pictures) await this.#picture()
    const trouble = this.#trouble.splice(0)
    if (trouble.length > 0) assert.fail(`${this.#where()}:\n  ${trouble.join('\n  ')}`)
  }

  // picture keeps the page as it looks on a desk and on a phone.
  async #picture() {
    mkdirSync(pictures, { recursive: true })
    const path = this.path().replace(/[0-9a-f-]{36}/g, 'id').replace(/\W+/g, '-')
    const heading = (await this.page.locator('h1').first().innerText()).toLowerCase().replace(/[^a-zà-ù]+/g, '-').slice(0, 40)
    const size = this.page.viewportSize()
    for (const width of [1280, 360]) {
      await this.page.setViewportSize({ width, height: 800 })
      const name = `${this.#persona}${path}_${heading}${this.#scripts ? '' : '_senza-js'}_${width}.png`
      await this.page.screenshot({ path: pictures + name, fullPage: true })
    }
    await this.page.setViewportSize(size)
  }
}

// plain takes out of a text what differs without being a difference: kinds of
// apostrophes and of spaces.
export const plain = (text) => text.replaceAll("'", '’').replace(/\s+/g, ' ').trim()

// cents reads an amount as the portal writes it: "1.234,50 €" is 123450.
export function cents(text) {
  const found = /(-?[\d.]+),(\d\d)\s*€/.exec(text)
  assert.ok(found, `there is no amount in «${text}»`)
  return Number(found[1].replaceAll('.', '') + found[2])
}
