// Draws golden messages as Discord and Slack show them: `make pictures` (Node 20 and Chromium).
//
// `node draw.mjs --screens FILE…` prints how many phone screens the messages of a digest take; a file
// has what `paperboy preview --json` prints.
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
import { escaped, message as slackMessage, view } from './slack.mjs';

const HERE = import.meta.dirname;
const GOLDEN = join(HERE, '..', '..', 'tests', 'golden');
const PHONE = 390;
const WIDE = 680;
/** What a phone shows at once; a longer message is cut there. */
const SCREEN = 780;
/** How many screens of a whole digest a picture has, beside each other. */
const SCREENS = 3;
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
  ['hostile', 'hostile-links', 'components', WIDE],
  ['report', 'report', 'components', PHONE],
  ['report-accepted', 'report-accepted', 'components', PHONE],
  ['review-ko', 'review-ko', 'components', PHONE],
  ['conflict-en', 'conflict-en', 'components', PHONE],
  ['edited', 'edited', 'components', PHONE],
  ['retracted', 'retracted', 'components', PHONE],
  ['curate', 'curate', 'components', PHONE, EPHEMERAL],
  ['followed', 'followed', 'components', PHONE],
  ['saved', 'saved', 'components', PHONE, EPHEMERAL],
  ['recap', 'recap', 'components', PHONE],
  ['discussions', 'discussions', 'components', PHONE],
  ['link', 'link-en', 'components', PHONE],
  ['unlisted', 'unlisted', 'components', PHONE, EPHEMERAL],
  ['prompt', 'prompt', 'components', PHONE],
];

/** Single messages of Slack: the picture's name, which is that of the golden file too. */
const SLACK_MESSAGES = [
  'report', 'report-accepted', 'review-ko', 'conflict-en', 'edited', 'retracted',
  'own-page', 'recap', 'discussions', 'link-ko', 'unlisted',
];

/** Forms: the picture's name, which is that of the golden file of each platform too. */
const FORMS = ['curate-form'];

/** A digest in each layout: the messages of the channel, and what a thread or post opens with. */
const DIGESTS = ['discord', 'slack'].flatMap((platform) =>
  (platform === 'slack' ? ['overview', 'threads'] : ['overview', 'threads', 'forum']).map((layout) => [
    platform,
    layout,
  ]),
);

const ROW = 1;
const BUTTON = 2;
const MENU = 3;
const SECTION = 9;
const TEXT = 10;
const SEPARATOR = 14;
const CONTAINER = 17;

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

function drawn(bodies) {
  const isSlack = Boolean(bodies[0]?.blocks);
  if (!isSlack) return page(bodies, script);
  const messages = bodies.map((each) => slackMessage(each, avatar())).join('');
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <style>${readFileSync(join(HERE, 'look.css'), 'utf8')}</style>
    <discord-messages class="slack" style="display: block">${messages}</discord-messages>`;
}

/** Return a modal as a phone shows it. */
function modal(form) {
  const inputs = form.components.map((each) => {
    const { style, value, options } = each.component;
    const chosen = options?.find((one) => one.default)?.label ?? value ?? '';
    return `<label>${escaped(each.label)}</label>
      <div class="input${style === 2 ? ' long' : ''}">${escaped(chosen).replace(/\n/g, '<br>')}</div>
      ${each.description ? `<small>${escaped(each.description)}</small>` : ''}`;
  });
  return `<div class="form"><h3>${escaped(form.title)}</h3>${inputs.join('')}<p><b>Submit</b></p></div>`;
}

async function drawForm(platform, name) {
  const form = JSON.parse(readFileSync(join(GOLDEN, `${name}.${platform}.json`), 'utf8'));
  const tab = await browser.newPage({ viewport: { width: PHONE, height: SCREEN }, deviceScaleFactor: 2 });
  await tab.setContent(`<!doctype html><meta charset="utf-8"><style>${readFileSync(join(HERE, 'look.css'), 'utf8')}
    </style><body class="${platform === 'slack' ? 'slack ' : ''}modal">${platform === 'slack' ? view(form) : modal(form)}`);
  await tab.evaluate(() => document.fonts.ready);
  const { y, height } = await tab.locator('.form').boundingBox();
  const path = join(folder, `${platform}-${name}.png`);
  const clip = { x: 0, y: 0, width: PHONE, height: Math.min(Math.ceil(y + height), SCREEN) };
  await tab.screenshot({ path, clip });
  await tab.close();
  console.log(path);
}

async function shown(bodies, width = PHONE) {
  const tab = await browser.newPage({ viewport: { width, height: SCREEN }, deviceScaleFactor: 1 });
  await tab.setContent(drawn(bodies));
  await tab.evaluate(() => document.fonts.ready);
  const { y, height } = await tab.locator('discord-messages').boundingBox();
  return { tab, height: Math.ceil(y + height) };
}

/** Print the height of messages in screens of a phone. */
async function countScreens(files) {
  for (const file of files) {
    const bodies = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const heights = [];
    for (const each of bodies) {
      const { tab, height } = await shown([each]);
      heights.push(height);
      await tab.close();
    }
    const all = heights.reduce((sum, each) => sum + each, 0);
    console.log(file, heights.length, (all / SCREEN).toFixed(1), heights.join(' '));
  }
}

/** Draw the first screens of a digest beside each other. */
async function drawDigest(platform, layout) {
  const file = join(GOLDEN, `layout-${layout}.${platform}.json`);
  // The first message of a thread is not seen in the channel; a forum lists the newest post first.
  const seen = JSON.parse(readFileSync(file, 'utf8')).filter((each) => each.kind !== 'opening');
  if (layout === 'forum') seen.reverse();
  const bodies = seen.flatMap((each) => each.messages);
  const { tab, height } = await shown(bodies);
  const screens = Math.min(SCREENS, Math.ceil(height / SCREEN));
  await tab.setViewportSize({ width: PHONE, height: screens * SCREEN });
  const whole = await tab.screenshot({ clip: { x: 0, y: 0, width: PHONE, height: screens * SCREEN } });
  await tab.setViewportSize({ width: screens * (PHONE + 10) - 10, height: SCREEN });
  const data = whole.toString('base64');
  const columns = Array.from({ length: screens }, (_, number) => `<div style="width: ${PHONE}px; height:
    ${SCREEN}px; background: url(data:image/png;base64,${data}) 0 -${number * SCREEN}px"></div>`);
  await tab.setContent(`<body style="margin: 0; display: flex; gap: 10px; background: #fff">${columns.join('')}`);
  const path = join(folder, `${platform}-layout-${layout}.png`);
  await tab.screenshot({ path });
  await tab.close();
  console.log(path);
}

const [into, ...only] = process.argv.slice(2);
const script = bundled();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
if (into === '--screens') {
  await countScreens(only);
  await browser.close();
  process.exit();
}
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
for (const name of SLACK_MESSAGES) {
  if (only.length && !only.includes(name)) continue;
  const bodies = JSON.parse(readFileSync(join(GOLDEN, `${name}.slack.json`), 'utf8'));
  const { tab, height } = await shown(bodies);
  const path = join(folder, `slack-${name}.png`);
  await tab.screenshot({ path, clip: { x: 0, y: 0, width: PHONE, height: Math.min(height, SCREEN) } });
  await tab.close();
  console.log(path);
}
for (const name of FORMS) {
  if (only.length && !only.includes(name)) continue;
  await drawForm('discord', name);
  await drawForm('slack', name);
}
for (const [platform, layout] of DIGESTS) {
  if (only.length && !only.includes(`layout-${layout}`)) continue;
  await drawDigest(platform, layout);
}
await browser.close();
