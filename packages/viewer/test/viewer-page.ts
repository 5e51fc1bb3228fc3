/** A page of a headless Chromium with the viewer in it, under a strict policy, and what it looks like. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import type * as ViewerModule from '../src/index.js';
import type { Look, Shown, Viewer } from '../src/index.js';

declare global {
  /** The package, in the page. */
  const mace: typeof ViewerModule;
  /** What the page keeps between two calls. */
  const at: { viewer: Viewer; events: unknown[]; look: Look; frames: number };
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'";
const html =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>viewer</title><link rel="stylesheet" href="/style.css">' +
  '<main><div id="stage"></div></main><script src="/main.js"></script></html>';
const style = 'body { margin: 0 } #stage { width: 600px; height: 400px }';

/** The package as a script. */
export async function bundleViewer(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '..', 'src', 'index.ts')],
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'mace',
    platform: 'browser',
    conditions: ['@mace/source'],
    write: false,
  });
  return outputFiles[0]!.text;
}

/** @param complaints - what goes wrong in the page, or is warned of, is put here */
export async function openViewerPage(browser: Browser, script: string, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 640, height: 480 }, hasTouch: true });
  page.setDefaultTimeout(240_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Pictures of the page read pixels back; the device says that it waits for it.
    if (!/GPU stall due to ReadPixels/.test(message.text())) complaints.push(message.text());
  });
  await page.route('**/*', (route) => {
    const path = new URL(route.request().url()).pathname;
    const [body, contentType] =
      path === '/main.js'
        ? [script, 'text/javascript']
        : path === '/style.css'
          ? [style, 'text/css']
          : [html, 'text/html'];
    return route.fulfill({ body, contentType, headers: { 'content-security-policy': policy } });
  });
  await page.goto('https://mace.test');
  return page;
}

/** Shows a structure, seen along z with x to the right. */
export async function showIn(page: Page, shown: Shown, look: Partial<Look> = {}): Promise<void> {
  await page.evaluate(
    ([given, changes]) => {
      const events: unknown[] = [];
      const full: Look = {
        style: 'balls',
        bonds: true,
        cell: true,
        forces: true,
        labels: false,
        wrap: false,
        ...changes,
      };
      const viewer = new mace.Viewer(document.getElementById('stage')!, full, {
        picked: (atom, { shift }) => events.push(['picked', atom, shift]),
        dragged: (atom, place, phase) => events.push(['dragged', atom, place.map((value) => +value.toFixed(6)), phase]),
      });
      viewer.show(given);
      viewer.along(2);
      Object.assign(globalThis, { at: { viewer, events, look: full, frames: 0 } });
    },
    [shown, look] as const,
  );
}

/** 0xRRGGBB of points of what is seen, CSS pixels from the left and from the top. */
export async function colorsIn(page: Page, points: (readonly [number, number])[]): Promise<number[]> {
  const data = (await page.locator('#stage').screenshot()).toString('base64');
  return page.evaluate(
    async ([png, wanted]) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true })!;
      context.drawImage(image, 0, 0);
      return wanted.map(([x, y]) => {
        const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
        return (red! << 16) | (green! << 8) | blue!;
      });
    },
    [data, points] as const,
  );
}
