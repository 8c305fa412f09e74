// The harness itself, on a small server: a good page passes with and without
// scripts, and every kind of bad page is told from it.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, test } from 'node:test'

const page = ({ title = 'Prova – Portale', head = '', body = '' }) => `<!doctype html>
<html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,">${head}</head><body><main><h1>Prova</h1>${body}</main></body></html>`

const pages = {
  '/buona': page({
    head: '<script src="/script.js" defer></script>',
    body: `<p id="script">senza script</p><dl><dt>Importo residuo</dt><dd>1.350,00&nbsp;€</dd></dl>
      <form method="post" action="/inviata"><label for="nome">Nome</label> <input id="nome" name="nome" autocomplete="name">
      <button>Invia</button></form>`,
  }),
  '/inviata': page({ title: 'Modulo inviato – Portale', body: '<p>Grazie, l’abbiamo ricevuto.</p>' }),
  '/titolo': page({ title: 'Prova' }),
  '/due-h1': page({ body: '<h1>Ancora</h1>' }),
  '/id': page({ body: '<p id="a">Uno</p><p id="a">Due</p>' }),
  '/ancora': page({ body: '<a href="#nulla">Vai al nulla</a>' }),
  '/tabella': page({ body: '<table><tr><th>Data</th></tr><tr><td>Oggi</td></tr></table>' }),
  '/campo': page({ body: '<label for="a">Data</label> <input id="a" aria-invalid="true">' }),
  '/etichetta': page({ body: '<input id="a">' }),
  '/largo': page({ body: '<table width="900"><caption>Larga</caption><tr><td>Oggi</td></tr></table>' }),
  '/fuori': page({ body: '<img src="http://127.0.0.2:9/x.png" alt="">' }),
  '/manca': page({ body: '<img src="/x.png" alt="">' }),
  '/errore': page({ head: '<script src="/throw.js"></script>' }),
  '/inline': page({ head: '<script>document.title = "x"</script>' }),
}
const scripts = {
  '/script.js': 'document.getElementById("script").textContent = "con script"',
  '/throw.js': 'throw new Error("rotto")',
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  response.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'self'; img-src 'self' data: http://127.0.0.2:9; form-action 'self'")
  if (scripts[pathname]) {
    response.setHeader('Content-Type', 'text/javascript').end(scripts[pathname])
    return
  }
  response.statusCode = pages[pathname] ? 200 : 404
  response.setHeader('Content-Type', 'text/html; charset=utf-8').end(pages[pathname] ?? page({ title: 'Pagina non trovata – Portale' }))
})
await new Promise((listening) => server.listen(0, 'localhost', listening))
after(() => server.close())

process.env.PORTAL_URL = `http://localhost:${server.address().port}`
delete process.env.BROKER_URL
const { visit, cents } = await import('./harness.mjs')

for (const scripts of [true, false]) {
  test(`a good page passes ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
    const visitor = await visit(t, { scripts })
    await visitor.open('/buona')
    await visitor.sees(scripts ? 'con script' : 'senza script')
    assert.equal(cents(await visitor.fact('Importo residuo')), 135_000)
    await visitor.fill('Nome', 'Ada')
    await visitor.press('Invia')
    await visitor.sees("l'abbiamo ricevuto")
    await assert.rejects(visitor.sees('annullata'), /does not say/)
  })
}

const bad = {
  '/titolo': /does not name page and service/,
  '/due-h1': /there are 2 h1/,
  '/id': /the id a is not unique/,
  '/ancora': /leads to #nulla/,
  '/tabella': /no caption[^]*no scope/,
  '/campo': /disagree on whether there is an error/,
  '/etichetta': /axe label/,
  '/largo': /scrolls sideways, because of .*<table/,
  '/fuori': /asks http:\/\/127\.0\.0\.2:9/,
  '/manca': /x\.png answered 404/,
  '/errore': /a script failed: rotto/,
  '/inline': /the console says: .*inline script/,
  '/assente': /the status is 404, not 200/,
  '/buona?cf=RSSMRA80A01H501U': /an address tells/,
}
test('the harness complains about every kind of bad page', async (t) => {
  const visitor = await visit(t)
  for (const [path, complaint] of Object.entries(bad)) {
    await t.test(path, () => assert.rejects(visitor.open(path), complaint))
  }
})

test('a page that is not there is no failure when it must not be', async (t) => {
  const visitor = await visit(t)
  await visitor.open('/assente', { status: 404 })
})

test('a code that was read may not appear in an address, however it is written', async (t) => {
  const visitor = await visit(t)
  visitor.keepsSecret('A7K29QXM4TRB')
  await assert.rejects(visitor.open('/buona?codice=a7k2+9qxm+4trb'), /an address tells/)
})
