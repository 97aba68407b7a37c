// Draws golden messages as Discord shows them: `make pictures` (Node 20 and Chromium).
//
// The frame, buttons, menus and embeds are @skyra/discord-components-core; the markdown is read by
// @odiffey/discord-markdown. Containers, sections and separators of Components V2, which no
// renderer draws well on a phone yet, are drawn here and in look.css.

import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { toHTML } from '@odiffey/discord-markdown';
import { buildSync } from 'esbuild';
import { chromium } from 'playwright-core';

const HERE = import.meta.dirname;
const GOLDEN = join(HERE, '..', '..', 'tests', 'golden');
const PHONE = 390;
const WIDE = 680;
/** What a phone shows at once; a longer message is cut there. */
const SCREEN = 780;
const EPHEMERAL = 'Only you can see this';

/** Each picture: its name, the golden file, which form of it, its width, and who sees it. */
const PICTURES = [
  ['digest', 'digest-ko', 'components', PHONE],
  ['digest-en', 'digest-en', 'components', PHONE],
  ['embeds', 'digest-ko', 'embeds', PHONE],
  ['both', 'week-both', 'components', PHONE],
  ['paper', 'root', 'components', PHONE],
  ['opening', 'thread-opening', 'components', PHONE],
  ['private', 'meant', 'components', PHONE, EPHEMERAL],
  ['hostile', 'hostile', 'components', WIDE],
];

const ROW = 1;
const BUTTON = 2;
const MENU = 3;
const SECTION = 9;
const TEXT = 10;
const SEPARATOR = 14;
const CONTAINER = 17;

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0)};`);
}

function text(source) {
  return `<div class="text">${toHTML(source, { embed: true })}</div>`;
}

function color(number) {
  return `#${number.toString(16).padStart(6, '0')}`;
}

function component(each) {
  switch (each.type) {
    case CONTAINER:
      return `<div class="container" style="--accent: ${color(each.accent_color)}">${all(each.components)}</div>`;
    case SECTION:
      return `<div class="section"><div>${all(each.components)}</div>${row([each.accessory])}</div>`;
    case TEXT:
      return text(each.content);
    case SEPARATOR:
      return '<hr>';
    case ROW:
      return row(each.components);
    case BUTTON:
      return `<discord-button type="secondary"${each.url ? ` url="${escaped(each.url)}"` : ''}>${escaped(each.label)}</discord-button>`;
    case MENU:
      return `<discord-string-select-menu placeholder="${escaped(each.placeholder)}"></discord-string-select-menu>`;
    default:
      throw new Error(`A component of type ${each.type} is not drawn yet.`);
  }
}

function row(components) {
  return `<discord-action-row>${all(components)}</discord-action-row>`;
}

function all(components) {
  return (components ?? []).map(component).join('');
}

function embed(each) {
  const title = each.title ? ` embed-title="${escaped(each.title.replace(/\\(.)/g, '$1'))}"` : '';
  const url = each.url ? ` url="${escaped(each.url)}"` : '';
  return `<discord-embed slot="embeds" color="${color(each.color)}"${title}${url}>
    <discord-embed-description slot="description">${text(each.description ?? '')}</discord-embed-description>
  </discord-embed>`;
}

function message(body, note) {
  const seen = note ? `<div class="seen">${note} · <a>Dismiss message</a></div>` : '';
  return `<discord-message author="Paperboy" bot timestamp="Today at 9:00 AM" avatar="${avatar()}">
    ${(body.embeds ?? []).map(embed).join('')}
    <discord-attachments slot="components">${all(body.components)}${seen}</discord-attachments>
  </discord-message>`;
}

function avatar() {
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#2f6fde"/>
    <path fill="#fff" d="M10 11h17v18H12a2 2 0 0 1-2-2zm18 5h2v11a2 2 0 0 1-2 2z"/>
    <path stroke="#2f6fde" stroke-width="2" d="M13 15h11M13 19h11M13 23h7"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawn)}`;
}

function page(body, script, note) {
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <style>${readFileSync(join(HERE, 'look.css'), 'utf8')}</style>
    <discord-messages>${body.map((each) => message(each, note)).join('')}</discord-messages>
    <script>${script}</script>`;
}

function bundled() {
  const options = { bundle: true, write: false, format: 'iife', absWorkingDir: HERE };
  const contents = "import '@skyra/discord-components-core';";
  return buildSync({ ...options, stdin: { contents, resolveDir: HERE } }).outputFiles[0].text;
}

const [into, ...only] = process.argv.slice(2);
const script = bundled();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const folder = into ?? mkdtempSync(join(tmpdir(), 'pictures-'));
for (const [name, golden, form, width, note] of PICTURES) {
  if (only.length && !only.includes(name)) continue;
  const body = JSON.parse(readFileSync(join(GOLDEN, `${golden}.discord.json`), 'utf8'))[form];
  const tab = await browser.newPage({ viewport: { width, height: SCREEN }, deviceScaleFactor: 2 });
  await tab.setContent(page(body, script, note));
  await tab.evaluate(() => document.fonts.ready);
  const path = join(folder, `discord-${name}.png`);
  const { y, height } = await tab.locator('discord-messages').boundingBox();
  const shown = Math.min(Math.ceil(y + height), SCREEN);
  await tab.screenshot({ path, clip: { x: 0, y: 0, width, height: shown } });
  await tab.close();
  console.log(path);
}
await browser.close();
