// Every page that a persona can reach: the addresses that must be there, and
// from them whatever links lead to, each kind of page a few times. The harness
// does the judging.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visit } from './harness.mjs'

const examples = 2 // of each kind of page

const everybody = [
  '/',
  '/contributo-psicoterapia',
  '/indennita-malattia-infortunio',
  '/accedi',
  '/assistenza',
  '/domande-frequenti',
  '/accessibilita',
  '/privacy',
  '/cookie',
  '/note-legali',
  '/mappa-del-sito',
  '/stato-servizio',
]
const citizen = ['/area-personale', '/messaggi', '/contributo-psicoterapia/domande']
const psychologist = ['/area-personale', '/messaggi', '/professionisti/sedute', '/professionisti/sedute/nuova']

const walks = [
  { persona: 'cittadina', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'cittadino-parziale', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'cittadino-escluso', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'cittadino-scadenza', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'genitore', profile: 'cittadino', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'psicologa', profile: 'psicoterapeuta', from: psychologist },
  { persona: 'psicologo-nuovo', profile: 'psicoterapeuta', from: psychologist },
  { persona: 'psicologo-cessato', profile: 'psicoterapeuta', from: psychologist, refused: ['/professionisti/sedute/nuova'] },
]

for (const scripts of [true, false]) {
  test(`the pages for everybody, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    await walk(await visit(t, { scripts }), everybody)
  })
}

test('a page that is not there', async (t) => {
  const visitor = await visit(t)
  await visitor.open('/questa-pagina-non-esiste', { status: 404 })
  await visitor.sees('Pagina non trovata', 'h1')
})

for (const { persona, profile, from, refused } of walks) {
  test(`the pages of ${persona}`, async (t) => {
    const visitor = await visit(t)
    await visitor.login(persona, { profile, to: from[0] })
    await walk(visitor, from, refused)
  })
}

// walk opens the addresses and all that they lead to, breadth first. The refused
// ones answer that this persona has no access. What is for everybody is walked
// by nobody in particular, once.
async function walk(visitor, from, refused = []) {
  const seen = new Map()
  const queue = [...from]
  const enqueued = new Set(queue)
  while (queue.length > 0) {
    const address = queue.shift()
    const times = seen.get(kind(address)) ?? 0
    if (times >= examples) continue
    seen.set(kind(address), times + 1)
    await visitor.open(address, refused.includes(address) ? { status: 403 } : undefined)
    for (const link of await visitor.links()) {
      if (!enqueued.has(link) && !apart(link) && (everybody === from || !everybody.includes(link))) {
        enqueued.add(link)
        queue.push(link)
      }
    }
  }
  assert.ok(seen.size >= from.length, 'some address led to another')
}

// kind is what an address has in common with those of its kind: identifiers,
// years and the values of a query do not count.
const kind = (address) => address.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '*').replace(/=[^&]*/g, '=')

// apart are addresses that are no pages or end the walk.
const apart = (address) => /^\/(static|accedi)\b|\.(ics|csv|pdf|png|svg)(\?|$)/.test(address)
