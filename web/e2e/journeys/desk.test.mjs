// Two officers on one case, each in a browser of their own: neither writes over the
// other, and each is told what the other found.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { come } from './people.mjs'

const desk = '/gestione/enpap'
const officer = (t, options) => come(t, 'welfare-istruttore', 'welfare', desk, options)
const fellow = (t, options) => come(t, 'welfare-collega', 'welfare', `${desk}/domande`, options)

for (const options of [{}, { scripts: false, width: 360 }]) {
  test(`two officers work on one case, ${options.scripts === false ? 'without' : 'with'} JavaScript`, async (t) => {
    const silvia = await officer(t, options)
    await silvia.press('Prendi la prossima')
    await silvia.sees('È la più vecchia fra quelle che nessuno aveva.')
    const at = silvia.path()
    await silvia.open(`${at}/verifiche/V1`)

    // Who comes second reads, and is told who works on it.
    const davide = await fellow(t, options)
    await davide.open(at)
    await davide.sees(/Ci sta lavorando Silvia Costa/)
    await davide.open(`${at}/verifiche/V13`)
    await davide.tick('Non verificata')
    await davide.fill('Nota', 'Risulta una polizza INAIL.')
    await davide.press('Salva e vai alla prossima', { status: 409 })
    await davide.sees('Una collega o un collega sta lavorando')
    await davide.sees('Non è stato salvato')

    await silvia.tick('Verificata')
    await silvia.press('Salva e vai alla prossima')
    assert.match(await silvia.title(), /Verifica salvata/)
    await silvia.open(at)
    await silvia.press('Lascia la domanda')
    assert.match(await silvia.title(), /Domanda lasciata/)

    // What was typed is still there, under what was found meanwhile.
    await davide.press('Salva e vai alla prossima', { status: 409 })
    await davide.sees(/intanto la domanda è cambiata[^]*V1 · Documento valido, fronte e retro: Verificata \(Silvia Costa/)
    await davide.press('Salva e vai alla prossima')
    assert.match(await davide.title(), /Verifica salvata/)

    // And now the first is the one who waits.
    await silvia.open(at)
    await silvia.sees(/Ci sta lavorando Ivan Ruggeri/)
    await silvia.open(`${at}/verifiche/V13`)
    await silvia.sees('Risulta una polizza INAIL.')
    await silvia.open(`${at}/cronologia`)
    await silvia.sees('Ivan Ruggeri, Servizio Welfare ENPAP')
    await davide.open(at)
    await davide.press('Lascia la domanda')

    // What is about somebody's health is hers to open, who has the case; he says why.
    await silvia.open(`${at}/verifiche/V6`)
    await silvia.page.getByRole('link', { name: /^Mostra / }).first().click()
    await silvia.page.getByText('Pagina 1 di').first().waitFor()
    await davide.open(`${at}/verifiche/V6`)
    await davide.follow(/^Mostra /)
    await davide.sees('Lo apre chi ha in carico la domanda')
    await davide.fill('Motivo', 'In ferie')
    await davide.press('Registra il motivo e apri', { status: 422 })
    await davide.fill('Motivo', 'Sostituisco Silvia Costa.')
    await davide.press('Registra il motivo e apri')
    await davide.sees('Stai aprendo un documento sanitario')
    await davide.sees('Pagina 1 di')
  })
}
