// The journey of cycles of therapy once more, without JavaScript.

process.env.SCRIPTS = 'off'
await import('./indemnity_cycles.test.mjs')
