// Builds web/static/dist: one style sheet, one script, one sprite, the fonts, and
// the licences of what they are made of. Text is compressed beside itself, so that
// the server never has to.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const here = import.meta.dirname;
const library = join(here, 'node_modules/bootstrap-italia');
const dist = join(here, '../static/dist');

// Faces that the styles name, in the library's files.
const fonts = {
  'titillium-web-400': 'Titillium_Web/titillium-web-v10-latin-ext_latin-regular',
  'titillium-web-400-italic': 'Titillium_Web/titillium-web-v10-latin-ext_latin-italic',
  'titillium-web-600': 'Titillium_Web/titillium-web-v10-latin-ext_latin-600',
  'titillium-web-700': 'Titillium_Web/titillium-web-v10-latin-ext_latin-700',
  'roboto-mono-400': 'Roboto_Mono/roboto-mono-v13-latin-ext_latin-regular',
  'roboto-mono-700': 'Roboto_Mono/roboto-mono-v13-latin-ext_latin-700',
};

const licences = {
  'bootstrap-italia.txt': 'LICENSE',
  'titillium-web.txt': 'dist/fonts/Titillium_Web/OFL.txt',
  'roboto-mono.txt': 'dist/fonts/Roboto_Mono/LICENSE.txt',
};

// write keeps a text and, for those worth it, its compressed twin.
async function write(name, text) {
  await writeFile(join(dist, name), text);
  await writeFile(join(dist, `${name}.gz`), gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
}

async function styles() {
  const compiled = sass.compile(join(here, 'scss/portal.scss'), {
    loadPaths: [join(library, 'src/scss')],
    quietDeps: true,
    silenceDeprecations: ['import'],
  });
  const { code } = await esbuild.transform(compiled.css, { loader: 'css', minify: true, legalComments: 'none' });
  await write('css/portal.css', code);
}

async function script() {
  const source = await readFile(join(here, 'js/portal.js'), 'utf8');
  const { code } = await esbuild.transform(source, { minify: true, format: 'iife', target: 'es2020' });
  await write('js/portal.js', code);
}

// sprite keeps the icons that pages use, and adds our own.
async function sprite() {
  const all = await readFile(join(library, 'dist/svg/sprites.svg'), 'utf8');
  const symbols = new Map([...all.matchAll(/<symbol id="([^"]+)".*?<\/symbol>/gs)].map(([text, id]) => [id, text]));
  const names = JSON.parse(await readFile(join(here, 'icons.json'), 'utf8'));
  const unknown = names.filter((name) => !symbols.has(name));
  if (unknown.length) throw new Error(`icons.json names what the library has not: ${unknown.join(', ')}`);
  const own = await readFile(join(here, 'logo.svg'), 'utf8');
  const chosen = names.map((name) => symbols.get(name));
  await write('svg/sprite.svg', `<svg xmlns="http://www.w3.org/2000/svg">${own.trim()}${chosen.join('')}</svg>`);
}

async function copies() {
  for (const [name, file] of Object.entries(fonts)) {
    await cp(join(library, 'dist/fonts', `${file}.woff2`), join(dist, 'fonts', `${name}.woff2`));
  }
  for (const [name, file] of Object.entries(licences)) {
    await cp(join(library, file), join(dist, 'licences', name));
  }
}

for (const name of await readdir(dist)) {
  if (name !== '.gitkeep') await rm(join(dist, name), { recursive: true });
}
for (const folder of ['css', 'js', 'svg', 'fonts', 'licences']) {
  await mkdir(join(dist, folder), { recursive: true });
}
await Promise.all([styles(), script(), sprite(), copies()]);
