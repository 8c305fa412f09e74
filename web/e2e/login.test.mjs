// Coming in through the broker, changing profile, going out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { site, visit } from './harness.mjs'

const files = '/contributo-psicoterapia/domande'

for (const scripts of [true, false]) {
  test(`who asks for a reserved page comes back to it after the login, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    const visitor = await visit(t, { scripts })
    await visitor.open(files)
    await visitor.sees('Accedi', 'h1')
    await visitor.follow('Entra con SPID')
    await visitor.sees('Scegli con chi entrare', 'h1')
    assert.equal(new URL(visitor.page.url()).origin, new URL(site.broker).origin)
    await visitor.press(/^Entra come .*/, { within: 'tr:has([value="cittadina"])' })
    assert.equal(visitor.path(), files)

    await visitor.press('Esci')
    await visitor.sees('Hai chiuso la sessione', 'h1')
    await visitor.open(files)
    await visitor.sees('Accedi', 'h1')
  })
}

test('a login that was cancelled says so and offers another', async (t) => {
  const visitor = await visit(t)
  await visitor.open('/accedi')
  await visitor.follow('Entra con SPID')
  await visitor.press('Annulla l’accesso', { status: 403 })
  await visitor.sees('Non hai completato l’accesso', 'h1')
  assert.ok(await visitor.offers('Riprova l’accesso'))
})

test('a return address elsewhere is not followed', async (t) => {
  const visitor = await visit(t)
  await visitor.open(`/accedi?${new URLSearchParams({ login_hint: 'cittadina', ritorno: '//example.com/' })}`)
  assert.equal(new URL(visitor.page.url()).origin, new URL(site.portal).origin)
})

test('who has several profiles chooses one and may change it', async (t) => {
  const visitor = await visit(t)
  await visitor.login('psicologa', { to: '/profili' })
  await visitor.sees('Per chi vuoi operare?', 'h1')
  await visitor.tick(/^Psicoterapeuta/)
  await visitor.press('Continua')
  await visitor.sees('Psicoterapeuta', 'header')
  await visitor.follow('Cambia profilo')
  await visitor.sees('Per chi vuoi operare?', 'h1')
})

test('the page of somebody else does not exist', async (t) => {
  const owner = await visit(t)
  await owner.login('cittadina', { to: files })
  await owner.follow(/^Visualizza/, { within: 'main' })

  const other = await visit(t)
  await other.login('cittadino-parziale', { to: files })
  await other.open(owner.path(), { status: 404 })
  await other.sees('Pagina non trovata', 'h1')
})
