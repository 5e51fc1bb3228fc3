// The pages of docs/guides/in-a-page.md, word for word, in a headless Chromium: built by Vite, and served as they are. What the
// guide says of headers, policies and published models is seen here too. Skipped where there is no Chromium; CI requires it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { wasm } from '@mace/backend-wasm';
import { createCalculator } from '@mace/core';
import { readStructures } from '@mace/io';
import { readModel } from '@mace/models/node';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../scripts/lib/page.mjs';
import { codeBlocks, commands, words } from './support/code-blocks.js';
import { editOf } from './support/guide-edits.js';
import { makeFolder, serve, viteBuild, type Headers } from './support/site.js';
import { read, root } from './support/workspace.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';
const guide = read('docs/guides/in-a-page.md');
const blocks = codeBlocks(guide);
const block = (comment: string): string => blocks.find((one) => one.comment === comment)!.code;
const names = ['index.html', 'main.js', 'worker.js', 'plain.html', 'mace.js', 'one-file.html'];
const files = Object.fromEntries(names.map((name) => [name, block(`is ${name}`)]));
const headersOf = (comment: string, only?: string): Headers =>
  block(comment)
    .split('\n')
    .map((line) => [line.replace(/:.*/, ''), line.replace(/^[^:]*: /, ''), only ?? '']);
const isolation = headersOf('are isolation');
const policy = headersOf('are policy');
const policyWithout = (words: string): Headers => policy.map(([name, value]) => [name, value.replace(words, '')]);

let scratch = '';
let folder = '';
let built = '';
let browser: Browser;
/** Of the structure in the page, in Node, eV. */
let expected = NaN;

/** A page while `look` looks at it. */
async function visit<T>(
  of: { readonly folder: string; readonly headers?: Headers; readonly page?: string },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const site = await serve(of.folder, of.headers);
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('pageerror', (error) => said.push(error.message));
  try {
    await page.goto(site.address + (of.page ?? ''));
    return await look(page);
  } catch (cause) {
    throw new Error(`${String(cause)}\nThe page said: ${said.join('; ') || 'nothing'}.`, { cause });
  } finally {
    await page.close();
    site.close();
  }
}

/** What a page shows once it is no longer loading. */
const shown = async (page: Page): Promise<string> =>
  (await page.locator('pre', { hasNotText: /^loading/ }).textContent()) ?? '';

const energyOf = (text: string): number => Number(/^(-?\d+\.\d+) eV/.exec(text)?.[1]);

/** What the page of Vite shows after something was done in it. */
async function after(page: Page, act: () => Promise<unknown>): Promise<string> {
  await shown(page);
  await page.locator('button:enabled').waitFor();
  await act();
  await page.locator('button:enabled').waitFor();
  return shown(page);
}

/** The device of a page that computes on more than one. */
const several = /, [2-9]\d* threads$/;

/** Runs a command of the guide in a folder: a tool of ours by its name, or a copy. */
function run([program, ...args]: readonly string[], cwd: string): void {
  if (program === 'cp') cpSync(join(cwd, args[1]!), join(cwd, args[2]!), { recursive: true, dereference: true });
  else execFileSync(join(root, 'node_modules', '.bin', args[0]!), args.slice(1), { cwd, stdio: 'pipe' });
}

/** The page of Vite, built with another worker. */
const builtWith = (name: string, worker: string): string =>
  viteBuild(makeFolder(join(scratch, name), { ...files, 'worker.js': worker }));

describe.skipIf(!findChromium() && !required)('docs/guides/in-a-page.md', () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'mace page '));
    folder = makeFolder(join(scratch, 'site'), files);
    built = viteBuild(folder);
    browser = await launchChromium();
    const text = /<textarea[^>]*>\n([^<]*)/.exec(files['index.html']!)![1]!;
    const [structure] = readStructures(text, { format: 'extxyz' });
    const model = await readModel('bundled');
    const calculator = await createCalculator({ model, backend: wasm(), precision: 'f32', tables: true });
    expected = (await calculator.evaluate(structure!)).energy;
    await calculator.dispose();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('with Vite: shows what the guide says, and the energy that Node computes', async () => {
    const text = await visit({ folder: built }, shown);
    const wanted = blocks.find(({ language, comment }) => language === 'text' && comment === undefined)!.code;
    const pattern = wanted.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    expect(text).toMatch(new RegExp(`^${pattern.join('.*')}$`));
    expect(energyOf(text)).toBeCloseTo(expected, 5);
  });

  it('with Vite: weighs what the guide says', () => {
    const [, plain, zipped, model] = [/ (\d+) kB, (\d+) kB gzip;[^]*\| model \| (\d+) kB/.exec(guide)!]
      .flat()
      .map(Number);
    const assets = readdirSync(join(built, 'assets')).map((name) => ({
      name,
      bytes: readFileSync(join(built, 'assets', name)),
    }));
    const scripts = assets.filter(({ name }) => name.endsWith('.js'));
    const sum = (sizes: number[]): number => sizes.reduce((a, b) => a + b, 0) / 1000;
    expect(Math.abs(sum(scripts.map(({ bytes }) => bytes.length)) / plain! - 1)).toBeLessThan(0.1);
    expect(Math.abs(sum(scripts.map(({ bytes }) => gzipSync(bytes).length)) / zipped! - 1)).toBeLessThan(0.1);
    expect(
      assets.filter(({ name }) => !name.endsWith('.js')).map(({ bytes }) => Math.round(bytes.length / 1000)),
    ).toEqual([model]);
  });

  it('with Vite: a mistake in the text is shown as text, and the next try computes', async () => {
    const texts = await visit({ folder: built }, async (page) => {
      const input = page.locator('textarea');
      const right = await input.inputValue();
      const wrong = await after(page, () => input.fill(right.replace('H 0', 'Q 0')).then(() => page.click('button')));
      return { wrong, again: await after(page, () => input.fill(right).then(() => page.click('button'))) };
    });
    expect(texts.wrong).toMatch(/line 4.*"Q"/);
    expect(energyOf(texts.again)).toBeCloseTo(expected, 5);
  });

  it('with Vite: a dropped model file is opened, and one that is none refused', async () => {
    const drop = (page: Page, content: string, name: string) =>
      page.evaluate(
        ([data, title]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([Uint8Array.from(atob(data!), (c) => c.charCodeAt(0))], title!));
          document.dispatchEvent(new DragEvent('drop', { dataTransfer }));
        },
        [content, name],
      );
    const file = readFileSync(join(folder, 'node_modules', '@mace', 'models', 'bundled', 'hcno-xtb.safetensors'));
    const texts = await visit({ folder: built }, async (page) => ({
      wrong: await after(page, () => drop(page, btoa('no model'), 'mine.model')),
      right: await after(page, () => drop(page, file.toString('base64'), 'mine.safetensors')),
    }));
    expect(texts.wrong).toMatch(/^mine\.model is no model file: /);
    expect(energyOf(texts.right)).toBeCloseTo(expected, 5);
  });

  it('without a bundler: shows the energy that Node computes', async () => {
    expect(energyOf(await visit({ folder, page: 'plain.html' }, shown))).toBeCloseTo(expected, 5);
  });

  it('without a bundler: the import map may name another server, as a CDN is one', async () => {
    const cdn = await serve(folder, [['access-control-allow-origin', '*']]);
    const page = files['plain.html']!.replaceAll('./node_modules/', `${cdn.address}node_modules/`);
    expect(page.split(cdn.address)).toHaveLength(12);
    const elsewhere = join(scratch, 'elsewhere only');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'index.html'), page);
    const text = await visit({ folder: elsewhere }, shown).finally(() => cdn.close());
    expect(energyOf(text)).toBeCloseTo(expected, 5);
  });

  it('one file: weighs what the guide says, and computes, on all threads where it may', async () => {
    const [, plain, zipped] = /The file is (\d+) kB, (\d+) kB gzip/.exec(guide)!.map(Number);
    for (const command of commands(block('makes the one file'))) run(words(command), folder);
    const bytes = readFileSync(join(folder, 'lib', 'mace.min.js'));
    expect(Math.abs(bytes.length / 1000 / plain! - 1)).toBeLessThan(0.1);
    expect(Math.abs(gzipSync(bytes).length / 1000 / zipped! - 1)).toBeLessThan(0.1);
    // Beside what the guide names, nothing of the folder is needed.
    const alone = join(scratch, 'one file');
    for (const name of ['lib', 'bundled', 'one-file.html'])
      cpSync(join(folder, name), join(alone, name), { recursive: true });
    expect(energyOf(await visit({ folder: alone, page: 'one-file.html' }, shown))).toBeCloseTo(expected, 5);
    expect(await visit({ folder: alone, page: 'one-file.html', headers: isolation }, shown)).toMatch(several);
    const own = "import { createCalculator, openModel, readModel, readStructures, wasm } from './lib/mace.min.js';\n";
    writeFileSync(join(alone, 'worker.js'), own + files['worker.js']!.replace(/^import .*\n/gm, ''));
    for (const name of ['index.html', 'main.js']) writeFileSync(join(alone, name), files[name]!);
    expect(energyOf(await visit({ folder: alone }, shown))).toBeCloseTo(expected, 5);
  });

  const htmlOnly = headersOf('are isolation', '.html');
  it.each<[name: string, headers: Headers, wanted: RegExp]>([
    ['isolation', isolation, several],
    ['isolation of the HTML only', htmlOnly, /^the worker failed: its file could not be loaded$/],
    ['isolation and policy', [...isolation, ...policy], several],
    ['policy', policy, /, 1 thread$/],
    ['policy without blob:', [...isolation, ...policyWithout(' blob:')], /, 1 thread$/],
    ["policy without 'wasm-unsafe-eval'", policyWithout(" 'wasm-unsafe-eval'"), /^wasm: .*Add 'wasm-unsafe-eval'/],
  ])('headers: %s', async (_, headers, wanted) => {
    expect(await visit({ folder: built, headers }, shown)).toMatch(wanted);
  });

  it("headers: without 'wasm-unsafe-eval', selectBackend goes on to the next backend", async () => {
    const worker = files['worker.js']!.replace('{ createCalculator }', '{ createCalculator, selectBackend }')
      .replace(/^/, "import { typedArrays } from '@mace/backend-typed-arrays';\n")
      .replace(
        'backend: wasm(), precision',
        "backend: await selectBackend([wasm(), typedArrays()], { precision: 'f32' }), precision",
      );
    const text = await visit(
      { folder: builtWith('next', worker), headers: policyWithout(" 'wasm-unsafe-eval'") },
      shown,
    );
    expect(energyOf(text)).toBeCloseTo(expected, 4);
    expect(text).not.toContain('WebAssembly');
  });

  it('a policy stops the page without a bundler, unless it has hashes of both scripts', async () => {
    const found = await visit({ folder, page: 'plain.html', headers: policy }, async (page) => {
      await page.waitForLoadState('networkidle');
      return page.locator('pre').textContent();
    });
    expect(found).toBe('loading …');
    const scripts = [...files['plain.html']!.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, code]) => code!);
    const hashes = scripts.map((code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`).join(' ');
    const headers: Headers = policy.map(([name, value]) => [name, value.replace('script-src', `script-src ${hashes}`)]);
    expect(energyOf(await visit({ folder, page: 'plain.html', headers }, shown))).toBeCloseTo(expected, 5);
  });

  it('a published model: a copy is asked for at its address, and servers of other origins refuse', async () => {
    const { comment = '', code } = blocks.find((one) => one.comment?.startsWith('goes into worker.js'))!;
    const copy = editOf(comment, code).apply(files['worker.js']!);
    const text = await visit({ folder: builtWith('copy', copy) }, shown);
    expect(text).toMatch(/cannot be downloaded from \/mace-mpa-0-medium\.model: the server answers 404/);
    const other = await serve(built);
    const elsewhere = copy.replace("'/mace-mpa-0-medium.model'", `'${other.address}index.html'`);
    const refused = await visit({ folder: builtWith('elsewhere', elsewhere) }, shown).finally(() => other.close());
    expect(refused).toMatch(/GitHub's releases do not.*https:\/\/github\.com\/.*mace-mpa-0-medium\.model/);
  });
});
