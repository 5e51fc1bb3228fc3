// The playground, built once and served on the loopback, and pages of a headless Chromium that look at it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sirv from 'sirv';
import { expect } from 'vitest';
import { launchChromium } from '../../scripts/lib/page.mjs';
import { buildPlayground, playgroundFolder } from '../../scripts/lib/playground.mjs';

export interface Playground {
  readonly address: string;
  readonly browser: Browser;
  /** What pages asked for outside of the address, and what went wrong in them. */
  readonly complaints: string[];
  /** A page of a context of its own, in which the first result has come. */
  open(options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

interface OpenOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** Behind the address. */
  readonly fragment?: string;
  readonly context?: BrowserContext;
}

export interface ServedPlayground {
  /** Of the start page. */
  readonly address: string;
  /** Of its files. */
  readonly folder: string;
  close(): Promise<void>;
}

/** The playground as static files with their headers, built where a source has changed. */
export async function servePlayground(): Promise<ServedPlayground> {
  await buildPlayground();
  const headers = JSON.parse(readFileSync(join(playgroundFolder, 'headers.json'), 'utf8')) as Record<string, object>;
  const serve = sirv(playgroundFolder);
  const server = createServer((request, response) => {
    const [, name = ''] = /^\/([^?]*)/.exec(request.url ?? '') ?? [];
    for (const [key, value] of Object.entries(headers[name] ?? headers['index.html']!)) response.setHeader(key, value);
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    folder: playgroundFolder,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export async function startPlayground(): Promise<Playground> {
  const { address, close } = await servePlayground();
  const browser = await launchChromium();
  const complaints: string[] = [];
  return {
    address,
    browser,
    complaints,
    open: async ({ size = { width: 1280, height: 800 }, colorScheme = 'light', fragment = '', context } = {}) => {
      const own = context ?? (await browser.newContext({ viewport: size, colorScheme, acceptDownloads: true }));
      const page = await own.newPage();
      page.setDefaultTimeout(60_000);
      watch(page, address, complaints);
      await page.goto(address + fragment);
      if (fragment === '') await energyOf(page);
      return page;
    },
    close: async () => {
      await browser.close();
      await close();
    },
  };
}

function watch(page: Page, address: string, complaints: string[]): void {
  page.on('request', (one) => {
    if (!/^(data|blob):/.test(one.url()) && !one.url().startsWith(address)) complaints.push(`asked for ${one.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
}

/** The energy that is shown, once there is one. @param other - than this text, that was shown before */
export async function energyOf(page: Page, other = ''): Promise<string> {
  const isThere = (not: string): boolean => {
    const text = document.querySelector('#energy')?.textContent?.trim() ?? '';
    return /\d/.test(text) && text !== not;
  };
  await page.waitForFunction(isThere, other);
  return (await page.locator('#energy').textContent())!.trim();
}

/** What axe-core finds wrong with the page as it is, or with a part of it, which takes less time. */
export async function violationsOf(page: Page, part = 'html'): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await page.evaluate(readFileSync(path, 'utf8'));
  return page.evaluate(async (selector) => {
    const { axe } = globalThis as unknown as { axe: { run(root: string): Promise<{ violations: Violation[] }> } };
    interface Violation {
      readonly id: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { violations } = await axe.run(selector);
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
  }, part);
}

/** No violation on a screen as it is, in both themes, with everything opened. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const details of await page.locator('details').all())
    await details.evaluate((one) => ((one as HTMLDetailsElement).open = true));
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
    expect(await violationsOf(page), colorScheme).toEqual([]);
  }
}
