// What every page must satisfy, whatever it says: the part of the accessibility
// list that a machine can judge (AX-01, 03, 04, 09, 10, 12). Each check returns
// its complaints as sentences; a page is good when there are none.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const narrowest = { width: 320, height: 568 }

// inspect looks at the page as it stands, wide and at 320 CSS pixels. ours says
// that the portal made it, and not the broker.
export async function inspect(page, { scripts, ours }) {
  const complaints = await page.evaluate(structure, ours)
  complaints.push(...(await page.evaluate(overflow)))
  complaints.push(...(await accessibility(page, scripts)))
  const size = page.viewportSize()
  await page.setViewportSize(narrowest)
  complaints.push(...(await page.evaluate(overflow)))
  complaints.push(...(await accessibility(page, scripts)).map((c) => `at 320 px: ${c}`))
  await page.setViewportSize(size)
  return complaints
}

// accessibility asks axe. It needs timers, which do not run where scripts are
// switched off: they are switched on for axe alone, when the page, loaded
// without, can no longer run its own. (Chromium keeps a switch per session and
// ignores a session that sets it to what it holds: hence true, then false.)
async function accessibility(page, scripts) {
  let switches
  const set = (value) => switches?.send('Emulation.setScriptExecutionDisabled', { value })
  if (!scripts) {
    switches = await page.context().newCDPSession(page)
    await set(true)
    await set(false)
  }
  try {
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
    return await page.evaluate(async (tags) => {
      const { violations } = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
      return violations.flatMap((v) => v.nodes.map((n) => `axe ${v.id}: ${v.help}, at ${n.target.join(' ')}`))
    }, rules)
  } finally {
    await set(true)
    await switches?.detach()
  }
}

// structure runs in the page.
function structure(ours) {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const text = (element) => element.textContent.replace(/\s+/g, ' ').trim()
  const complaints = []

  const titles = all('h1')
  if (titles.length !== 1) complaints.push(`there are ${titles.length} h1 elements`)
  if (!document.documentElement.lang) complaints.push('the page does not say its language')

  const ids = all('[id]').map((element) => element.id)
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) complaints.push(`the id ${id} is not unique`)
  for (const link of all('a[href^="#"]')) {
    const id = link.getAttribute('href').slice(1)
    if (id && !document.getElementById(id)) complaints.push(`the link «${text(link)}» leads to #${id}, which is not there`)
  }

  for (const table of all('table')) {
    const caption = table.querySelector('caption')
    if (!caption || !text(caption)) complaints.push('a table has no caption')
    for (const head of table.querySelectorAll('th')) {
      if (!head.scope) complaints.push(`the heading «${text(head)}» of a table has no scope`)
    }
  }
  for (const element of all('[style], [onclick], [onchange], [onsubmit]')) {
    complaints.push(`<${element.localName}> carries style or script inline`)
  }

  if (ours) {
    if (!/^.+ – .+$/.test(document.title)) complaints.push(`the title «${document.title}» does not name page and service`)
    const wrong = all('[aria-invalid="true"], .notice.tone-danger[role="alert"]').length > 0
    if (wrong !== document.title.startsWith('Errore: ')) {
      complaints.push(`the title «${document.title}» and the page disagree on whether there is an error`)
    }
  }
  return complaints
}

// overflow runs in the page. Wide tables may scroll inside a region of their own.
function overflow() {
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= room) return []
  const scrolls = (element) =>
    element !== null &&
    element !== document.body &&
    (['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
  const wide = [...document.body.querySelectorAll('*')].filter(
    (element) => element.getBoundingClientRect().right > room + 1 && !scrolls(element),
  )
  const outermost = wide.filter((element) => !wide.includes(element.parentElement))
  const names = outermost.slice(0, 3).map((element) => `<${element.localName} class="${element.getAttribute('class') ?? ''}">`)
  return [`at ${room} px the page scrolls sideways, because of ${names.join(', ')}`]
}
