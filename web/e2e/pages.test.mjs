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
  '/contributo-psicoterapia/graduatorie',
  '/indennita-malattia-infortunio',
  '/indennita-malattia-infortunio/stima',
  '/indennita-malattia-infortunio/stima?reddito=21.900&primo-giorno=12&primo-mese=10&primo-anno=2026&ultimo-giorno=20&ultimo-mese=11&ultimo-anno=2026&pagati=&copertura=si',
  '/indennita-malattia-infortunio/bandi',
  '/indennita-malattia-infortunio/graduatorie',
  '/accedi',
  '/assistenza',
  '/domande-frequenti',
  '/accessibilita',
  '/privacy',
  '/cookie',
  '/note-legali',
  '/mappa-del-sito',
  '/stato-servizio',
  '/verifica-documento',
  '/registro-attivita/impronte',
  '/tempi-del-servizio',
  '/indennita-malattia-infortunio/controlli',
  '/indennita-malattia-infortunio/graduatorie',
]
const citizen = [
  '/area-personale',
  '/messaggi',
  '/contributo-psicoterapia/domande',
  '/contributo-psicoterapia/domande/nuova',
  '/contributo-psicoterapia/calendario',
  '/deleghe',
]
const psychologist = [
  '/area-personale',
  '/messaggi',
  '/professionisti/adesione',
  '/professionisti/sedute',
  '/professionisti/sedute/nuova',
  '/professionisti/a-rischio',
  '/professionisti/calendario',
  '/professionisti/dati',
  '/professionisti/dati/iban',
  '/professionisti/fatture',
  '/professionisti/fatture/nuova',
  '/professionisti/fatture/carica',
  '/professionisti/pagamenti',
]
const inps = [
  '/gestione/inps',
  '/gestione/inps/domande',
  '/gestione/inps/domande/importa',
  '/gestione/inps/importazioni',
  '/gestione/inps/annualita',
  '/gestione/inps/graduatorie',
  '/gestione/inps/riesami',
  '/gestione/inps/codici',
  '/gestione/inps/professionisti',
  '/gestione/inps/professionisti/elenco',
  '/gestione/inps/professionisti/segnalazioni',
  '/gestione/inps/professionisti/aree',
  '/gestione/inps/sportello',
  '/gestione/inps/deleghe',
  '/gestione/inps/sedute',
  '/gestione/inps/segnalazioni',
  '/gestione/inps/segnalazioni?stato=da-approvare',
  '/gestione/inps/sedute/chiusura?annualita=prova-0',
  '/gestione/inps/decadenze?annualita=prova-1',
  '/gestione/inps/casi',
  '/gestione/inps/fatture',
  '/gestione/inps/iban',
  '/gestione/inps/pagamenti',
  '/gestione/inps/pagamenti/nuovo',
  '/gestione/inps/percorso',
  '/gestione/inps/risorse/prova-2',
  '/gestione/inps/risorse/prova-2/trasferimenti',
  '/gestione/inps/scorrimenti?annualita=prova-0',
  '/gestione/inps/scorrimenti/nuovo?annualita=prova-0',
]
const paid = ['/gestione/inps', '/gestione/inps/pagamenti', '/gestione/inps/fatture', '/gestione/inps/percorso']
const published = ['/gestione/inps', '/gestione/inps/annualita', '/gestione/inps/graduatorie']
const member = ['/area-personale', '/messaggi', '/indennita-malattia-infortunio/domande', '/indennita-malattia-infortunio/domande/nuova', '/indennita-malattia-infortunio/domande/messaggi']
const calls = ['/area-personale', '/gestione/enpap', '/gestione/enpap/domande', '/gestione/enpap/domande?caso=gravi-patologie&operatore=a-nessuno', '/gestione/enpap/bandi', '/gestione/enpap/bandi/nuovo', '/gestione/enpap/graduatorie', '/gestione/enpap/messaggi', '/gestione/enpap/pagamenti', '/gestione/enpap/pagamenti/nuovo', '/gestione/enpap/pagamenti/conti', '/gestione/enpap/termini', '/gestione/enpap/modelli', '/gestione/enpap/viste', '/gestione/enpap/viste/nuova?caso=eredi', '/gestione/enpap/scorciatoie', '/gestione/enpap/controlli', '/gestione/enpap/recuperi', '/gestione/enpap/riesami']
// The first two lead to a case of each benefit, with what was asked and paid for it.
const audited = [
  '/area-personale',
  '/controlli/registro?azione=indemnity.reexamination_asked',
  '/controlli/registro?azione=voucher.granted',
  '/controlli/registro',
  '/controlli/fascicoli',
  '/controlli/graduatorie',
  '/controlli/integrita',
  '/controlli/indicatori',
  '/controlli/regole',
]
const administered = [
  '/area-personale',
  '/amministrazione/utenti',
  '/amministrazione/utenti/nuovo',
  '/amministrazione/testi',
  '/amministrazione/testi?lingua=sl&stato=mancanti',
  '/amministrazione/testi/file',
  '/amministrazione/ruoli',
  '/amministrazione/servizio',
  '/amministrazione/servizio/nuovo',
  '/amministrazione/notifiche',
  '/amministrazione/collegamenti',
  '/amministrazione/parametri',
  '/amministrazione/parametri/nuovo',
  '/amministrazione/conservazione',
  '/amministrazione/conservazione/classi/messaggi',
  '/amministrazione/conservazione/vincoli/nuovo',
]
const cnop = ['/cnop/elenco', '/cnop/invii', '/cnop/segnalazioni']

const everywhere = /^/
const nowhere = /^$/

const walks = [
  { persona: 'cittadina', from: citizen, refused: ['/professionisti/sedute'], hidden: ['/gestione/inps', '/cnop/elenco'] },
  { persona: 'cittadino-parziale', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'cittadino-escluso', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'cittadino-scadenza', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'genitore', profile: 'cittadino', from: citizen, refused: ['/professionisti/sedute'] },
  { persona: 'psicologa', profile: 'psicoterapeuta', from: psychologist },
  { persona: 'psicologo-nuovo', profile: 'psicoterapeuta', from: psychologist },
  { persona: 'psicologo-cessato', profile: 'psicoterapeuta', from: psychologist, refused: ['/professionisti/sedute/nuova'] },
  { persona: 'iscritta', profile: 'iscritto', from: member, refused: ['/professionisti/sedute'], hidden: ['/gestione/inps'] },
  { persona: 'iscritto-cicli', profile: 'iscritto', from: member },
  { persona: 'psicologa', profile: 'iscritto', from: member },
  { persona: 'erede', profile: 'erede', from: ['/area-personale', '/indennita-malattia-infortunio/eredi/collega'], hidden: ['/gestione/enpap'] },
  { persona: 'inps-istruttore', profile: 'inps', from: inps, hidden: ['/cnop/elenco'], refused: ['/indennita-malattia-infortunio/domande'] },
  {
    persona: 'inps-approvatore',
    profile: 'inps',
    from: inps,
    refused: [
      '/gestione/inps/domande/importa',
      '/gestione/inps/sportello',
      '/gestione/inps/risorse/prova-2/trasferimenti',
      '/gestione/inps/scorrimenti/nuovo?annualita=prova-0',
    ],
    links: /^\/gestione\/inps\/(chiusure|pagamenti|segnalazioni)\//,
  },
  {
    persona: 'inps-pagamenti',
    profile: 'inps',
    from: paid,
    refused: ['/gestione/inps/domande', '/gestione/inps/sedute', '/gestione/inps/iban'],
    links: /^\/gestione\/inps\/(pagamenti|fatture)\//,
  },
  { persona: 'inps-dirigente', profile: 'inps', from: published, refused: ['/gestione/inps/domande', '/gestione/inps/domande/importa', '/gestione/inps/pagamenti'], links: nowhere },
  { persona: 'welfare-istruttore', profile: 'welfare', from: calls, hidden: ['/gestione/inps'] },
  {
    persona: 'welfare-approvatore',
    profile: 'welfare',
    from: ['/gestione/enpap/bandi', '/gestione/enpap/approvazioni', '/gestione/enpap/pagamenti'],
    refused: ['/gestione/enpap/bandi/nuovo'],
    links: /^\/gestione\/enpap\/(bandi|approvazioni|pagamenti)\//,
  },
  { persona: 'welfare-collega', profile: 'welfare', from: ['/gestione/enpap/riesami'], links: /^\/gestione\/enpap\/riesami\// },
  { persona: 'welfare-dirigente', profile: 'welfare', from: ['/gestione/enpap', '/gestione/enpap/graduatorie'], refused: ['/gestione/enpap/bandi/nuovo'], links: /^\/gestione\/enpap\/graduatorie\// },
  { persona: 'welfare-pagamenti', profile: 'welfare', from: ['/gestione/enpap/pagamenti', '/gestione/enpap/recuperi'], links: /^\/gestione\/enpap\/(pagamenti|recuperi)\// },
  { persona: 'revisore', profile: 'oversight', from: audited, refused: ['/amministrazione/utenti'], hidden: ['/gestione/enpap', '/gestione/inps'] },
  { persona: 'amministratore', profile: 'oversight', from: administered, refused: ['/controlli/registro'], hidden: ['/gestione/enpap', '/gestione/inps'] },
  { persona: 'cnop', profile: 'cnop', from: cnop, hidden: ['/gestione/inps'] },
  { persona: 'cnop-invio', profile: 'cnop', from: cnop, links: nowhere },
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

for (const { persona, profile, from, ...rest } of walks) {
  test(`the pages of ${persona}`, async (t) => {
    const visitor = await visit(t)
    await visitor.login(persona, { profile, to: from[0] })
    await walk(visitor, from, rest)
  })
}

// walk opens the addresses and all that they lead to, breadth first. The refused
// ones answer that this persona has no access, the hidden ones, of an office, that
// there is nothing. What is for everybody is walked by nobody in particular, once;
// what is for a whole office by one of them: the others follow the links to what is
// their own duty alone.
async function walk(visitor, from, { refused = [], hidden = [], links = everywhere } = {}) {
  const seen = new Map()
  const wrong = []
  const queue = [...new Set([...from, ...refused, ...hidden])]
  const enqueued = new Set(queue)
  while (queue.length > 0) {
    const address = queue.shift()
    const times = seen.get(kind(address)) ?? 0
    if (times >= examples) continue
    seen.set(kind(address), times + 1)
    try {
      await visitor.open(address, { status: refused.includes(address) ? 403 : hidden.includes(address) ? 404 : 200 })
    } catch (error) {
      wrong.push(error.message)
    }
    for (const link of await visitor.links()) {
      if (links.test(link) && !enqueued.has(link) && !apart(link) && (everybody === from || !everybody.includes(link))) {
        enqueued.add(link)
        queue.push(link)
      }
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(seen.size >= from.length, 'some address led to another')
}

// kind is what an address has in common with those of its kind: identifiers,
// years, editions, territories, keys of texts and the values of a query do not count.
const kind = (address) =>
  address
    .replace(/\/(annualita|risorse)\/(?!nuova)[^/?]+/, '/$1/*')
    .replace(/\/graduatorie\/[^/?]+(\/[^/?]+)?/, (_, territory) => `/graduatorie/*${territory ? '/*' : ''}`)
    .replace(/\/(testi|dati)\/(?!file|proposte)[^/?]+/, '/$1/*')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, '*')
    .replace(/=[^&]*/g, '=')

// apart are addresses that are no pages or end the walk.
const apart = (address) => /^\/(static|accedi)\b|\.(ics|csv|json|pdf|png|svg|xlsx|xml)(\?|$)|\/documenti\/[^/]+$/.test(address)
