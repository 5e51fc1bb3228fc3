// The viewer in a page of a headless Chromium, under a strict policy: what it draws, what mouse, fingers and keys do, a device that is lost,
// and that nothing is left of it. Skipped where there is no Chromium; CI installs and requires it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Look, Shown } from '../src/index.js';
import { findChromium, launchChromium } from '../../../scripts/lib/page.mjs';
import { bundleViewer, colorsIn, openViewerPage, showIn } from './viewer-page.js';

const required = process.env['MACE_REQUIRE_BROWSER'] === '1';

/** A line along x, its oxygen in the middle; 86 pixels of the canvas are an Å. */
const water: Shown = { numbers: [8, 1, 1], positions: [0, 0, 0, 1, 0, 0, -1, 0, 0] };
const scale = (0.86 * 400) / 4;
const hydrogen = 300 + scale;

let script = '';
let browser: Browser;
let page: Page;
const complaints: string[] = [];

const show = (shown: Shown, look?: Partial<Look>): Promise<void> => showIn(page, shown, look);
const colorsAt = (...points: (readonly [number, number])[]): Promise<number[]> => colorsIn(page, points);
/** Bytes of what is drawn: two are the same where the pictures are. */
const seen = async (): Promise<string> => (await page.locator('#stage').screenshot()).toString('base64');
const events = (): Promise<unknown[]> => page.evaluate(() => at.events.splice(0));
/** Keeps a picture where somebody wants to look at it. */
async function keep(name: string): Promise<void> {
  const where = process.env['MACE_PICTURES'];
  if (where !== undefined) writeFileSync(join(where, `${name}.png`), await page.locator('#stage').screenshot());
}

describe.skipIf(!findChromium() && !required)('a viewer in a page', () => {
  beforeAll(async () => {
    script = await bundleViewer();
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    complaints.length = 0;
    page = await openViewerPage(browser, script, complaints);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  it('draws atoms in their colours on the colour of the page, light and dark', async () => {
    await show(water);
    const [middle, right, corner] = await colorsAt([300, 200], [hydrogen, 200], [5, 5]);
    expect(middle! >> 16).toBeGreaterThan(2 * ((middle! >> 8) & 255));
    expect(Math.min(right! >> 16, (right! >> 8) & 255, right! & 255)).toBeGreaterThan(150);
    expect(corner).toBe(0xfbfbfc);
    await keep('light');
    await page.evaluate(() => at.viewer.theme(mace.darkColors));
    expect(await colorsAt([5, 5])).toEqual([0x14181d]);
    await keep('dark');
    await page.evaluate(() =>
      at.viewer.show({ numbers: [8, 1, 1], positions: at.viewer.positions, colors: [1, 2, 0] }),
    );
    const [half, most] = await colorsAt([300, 200], [hydrogen, 200]);
    expect(half! & 255).toBeGreaterThan(half! >> 16);
    expect(most! >> 16).toBeGreaterThan(2 * (most! & 255));
  });

  it('shows everything that can be shown: arrows, halos, crosses, labels, the cell and stubs of bonds', async () => {
    const positions = [1, 4, 4, 2, 4.4, 4, 0.2, 4, 4.9, 7.8, 4, 3.6, 5, 2, 4, 6.2, 2, 4];
    const shown: Shown = {
      numbers: [8, 1, 1, 6, 11, 17],
      positions,
      cell: [8, 0, 0, 1, 7, 0, 0, 0, 8],
      pbc: [true, true, true],
    };
    await show(shown, { cell: false });
    let before = await seen();
    const changes: (Partial<Shown> | Partial<Look>)[] = [
      { cell: true } satisfies Partial<Look>,
      { forces: positions.map((_, i) => Math.sin(3 * i)) },
      { selected: [4] },
      { fixed: [5] },
      { labels: true },
      { bonds: false },
      { style: 'spheres' },
      { style: 'sticks', bonds: true },
    ];
    const [given, look] = [{ ...shown }, { cell: false } as Partial<Look>];
    for (const change of changes) {
      const name = Object.keys(change)[0]!;
      Object.assign(['forces', 'selected', 'fixed'].includes(name) ? given : look, change);
      await page.evaluate(
        ([one, other]) => {
          at.viewer.look = { ...at.look, ...other };
          at.viewer.show(one);
        },
        [given, look] as const,
      );
      const after = await seen();
      expect(after, name).not.toBe(before);
      before = after;
      await keep(`with-${Object.entries(change).flat()[0]}-${String(Object.values(change)[0]).slice(0, 7)}`);
    }
  });

  it('a click picks the atom that is there, and the background', async () => {
    await show(water);
    await page.mouse.click(300, 200);
    await page.keyboard.down('Shift');
    await page.mouse.click(hydrogen, 200);
    await page.keyboard.up('Shift');
    await page.mouse.click(20, 380);
    expect(await events()).toEqual([
      ['picked', 0, false],
      ['picked', 1, true],
      ['picked', null, false],
    ]);
  });

  it('the mouse turns, the wheel zooms about the pointer, another button moves', async () => {
    await show(water);
    const before = await seen();
    const stroke = async (button: 'left' | 'right', right: number, up: number): Promise<void> => {
      await page.mouse.move(300, 200);
      await page.mouse.down({ button });
      await page.mouse.move(300 + right, 200 - up, { steps: 4 });
      await page.mouse.up({ button });
    };
    await stroke('left', 90, 0);
    const turned = await seen();
    expect(turned).not.toBe(before);
    await stroke('left', -90, 0);
    expect(await seen()).toBe(before);
    await stroke('right', 120, 60);
    await page.mouse.click(420, 140);
    await stroke('right', -120, -60);
    expect(await seen()).toBe(before);
    await page.mouse.move(hydrogen, 200);
    for (let i = 0; i < 2; i++) await page.mouse.wheel(0, -200);
    await page.waitForTimeout(100);
    await page.mouse.click(hydrogen, 200);
    // Where the middle was there is another place now.
    await page.mouse.click(300, 200);
    expect(await events()).toEqual([
      ['picked', 0, false],
      ['picked', 1, false],
      ['picked', null, false],
    ]);
  });

  it('an atom is drawn along in the plane of the screen, where that is wanted', async () => {
    await show(water);
    await page.evaluate(() => (at.viewer.dragging = true));
    const before = await seen();
    await page.mouse.move(300, 200);
    await page.mouse.down();
    await page.mouse.move(340, 180, { steps: 2 });
    await page.mouse.up();
    const told = (await events()) as [string, number, [number, number, number], string][];
    expect(told.map(([name, atom, , phase]) => `${name} ${atom} ${phase}`)).toEqual([
      'dragged 0 start',
      'dragged 0 move',
      'dragged 0 end',
    ]);
    const [x, y, z] = told[2]![2];
    expect(x).toBeCloseTo(40 / scale, 5);
    expect(y).toBeCloseTo(x / 2, 5);
    expect(z).toBe(0);
    // Nothing moves by itself; the program says where to.
    expect(await seen()).toBe(before);
    await page.evaluate((to) => at.viewer.move([...to, 1, 0, 0, -1, 0, 0]), told[2]![2]);
    await page.mouse.click(340, 180);
    expect(await events()).toEqual([['picked', 0, false]]);
  });

  it('two fingers zoom and move, one turns', async () => {
    await show(water);
    const before = await seen();
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]): Promise<unknown> =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await touch('touchStart', [250, 200], [350, 200]);
    for (let step = 1; step <= 4; step++) await touch('touchMove', [250 - 10 * step, 200], [350 + 10 * step, 200]);
    await touch('touchEnd');
    expect(await seen()).not.toBe(before);
    // Twice 40 pixels more between them: the hydrogen is 1.8 times as far from the middle.
    await page.mouse.click(300 + 1.8 * scale, 200);
    expect(await events()).toEqual([['picked', 1, false]]);
    await touch('touchStart', [300, 200]);
    await touch('touchMove', [360, 200]);
    const turned = await seen();
    await touch('touchEnd');
    await page.touchscreen.tap(300, 200);
    expect(turned).not.toBe(before);
    expect(await events()).toEqual([['picked', 0, false]]);
  });

  it('is reached by the keyboard: turns, moves, zooms, goes from atom to atom', async () => {
    await show(water);
    await page.keyboard.press('Tab');
    const canvas = await page.evaluate(() => {
      const { tagName, tabIndex } = document.activeElement as HTMLElement;
      return [
        tagName,
        tabIndex,
        document.activeElement!.getAttribute('role'),
        document.activeElement!.getAttribute('aria-label'),
      ];
    });
    expect(canvas).toEqual([
      'CANVAS',
      0,
      'application',
      expect.stringMatching(/^Structure of 3 atoms\. Arrow keys turn it/),
    ]);
    const before = await seen();
    for (const [there, back] of [
      ['ArrowRight', 'ArrowLeft'],
      ['ArrowUp', 'ArrowDown'],
      ['Shift+ArrowRight', 'Shift+ArrowLeft'],
      ['+', '-'],
    ]) {
      await page.keyboard.press(there!);
      expect(await seen(), there).not.toBe(before);
      await page.keyboard.press(back!);
      expect(await seen(), back).toBe(before);
    }
    for (const key of ['PageDown', 'PageDown', 'PageUp', 'PageUp']) await page.keyboard.press(key);
    expect(await events()).toEqual([0, 1, 0, 2].map((atom) => ['picked', atom, false]));
  });

  it('draws when something changes, and not otherwise', async () => {
    await show(water);
    await seen();
    const asked = (): Promise<number> =>
      page.evaluate(async () => {
        const usual = globalThis.requestAnimationFrame;
        globalThis.requestAnimationFrame = (callback) => ++at.frames && usual(callback);
        for (let i = 0; i < 5; i++) at.viewer.move([0, 0, 0.1 * i, 1, 0, 0, -1, 0, 0]);
        const frames = at.frames;
        await new Promise((resolve) => setTimeout(resolve, 500));
        globalThis.requestAnimationFrame = usual;
        return 100 * frames + at.frames;
      });
    expect(await asked()).toBe(101);
  });

  it('follows the size of its element, and waits for one', async () => {
    await page.evaluate(() => (document.getElementById('stage')!.style.display = 'none'));
    await show(water);
    await page.evaluate(() => {
      document.getElementById('stage')!.style.display = 'block';
      document.getElementById('stage')!.style.width = '300px';
    });
    await page.waitForTimeout(200);
    const [width, middle] = [
      await page.evaluate(() => document.querySelector('canvas')!.width),
      await colorsAt([150, 200]),
    ];
    expect(width).toBe(300);
    expect(middle[0]! >> 16).toBeGreaterThan(2 * ((middle[0]! >> 8) & 255));
  });

  it('a lost device is said, and the picture comes back with it', async () => {
    await show(water);
    const before = await seen();
    await page.evaluate(() => {
      const lose = document.querySelector('canvas')!.getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
      Object.assign(globalThis, { lose });
      lose.loseContext();
    });
    await page.getByRole('status').waitFor();
    expect(await page.getByRole('status').textContent()).toMatch(/graphics device was taken away/);
    await page.evaluate(() => at.viewer.move([0, 0, 0, 1, 0, 0, -1, 0, 0]));
    await page.evaluate(() => (globalThis as unknown as { lose: WEBGL_lose_context }).lose.restoreContext());
    await page.getByRole('status').waitFor({ state: 'detached' });
    await page.waitForTimeout(200);
    expect(await seen()).toBe(before);
    // three.js says both.
    expect(complaints.splice(0).every((text) => /Context (Lost|Restored)/i.test(text))).toBe(true);
  });

  it('says so where there is no WebGL, and leaves nothing', async () => {
    const found = await page.evaluate(() => {
      HTMLCanvasElement.prototype.getContext = () => null;
      const stage = document.getElementById('stage')!;
      const look: Look = { style: 'balls', bonds: true, cell: true, forces: true, labels: false, wrap: false };
      try {
        new mace.Viewer(stage, look);
        return [];
      } catch (error) {
        return [(error as Error).name, (error as Error).message, stage.childElementCount];
      }
    });
    expect(found).toEqual(['DeviceError', expect.stringMatching(/Expected a browser with WebGL 2, found none/), 0]);
  });

  it('nothing is left of a viewer that was disposed, of twenty too', async () => {
    const left = await page.evaluate(async () => {
      const stage = document.getElementById('stage')!;
      const look: Look = { style: 'balls', bonds: true, cell: true, forces: true, labels: false, wrap: false };
      let refused = '';
      // A browser keeps sixteen devices, and takes away the oldest for one more.
      for (let i = 0; i < 20; i++) {
        const viewer = new mace.Viewer(stage, look);
        viewer.show({ numbers: [8], positions: [0, 0, 0] });
        await new Promise(requestAnimationFrame);
        viewer.dispose();
        viewer.dispose();
        try {
          viewer.show({ numbers: [8], positions: [0, 0, 0] });
        } catch (error) {
          refused = (error as Error).name;
        }
      }
      return [stage.outerHTML, refused];
    });
    expect(left).toEqual(['<div id="stage"></div>', 'DisposedError']);
  });

  it('a picture is a PNG of what is seen, larger than the screen where that is wanted', async () => {
    await show(water, { labels: true });
    const found = await page.evaluate(async () => {
      const blob = await at.viewer.picture(3);
      const image = await createImageBitmap(blob);
      return [blob.type, image.width, image.height, document.querySelector('canvas')!.width];
    });
    expect(found).toEqual(['image/png', 1800, 1200, 600]);
  });

  it('10,000 atoms are shown, moved and turned', async () => {
    const side = 22;
    const count = 10_000;
    const positions = Array.from({ length: 3 * count }, (_, i) => {
      const atom = Math.floor(i / 3);
      return 1.6 * [atom % side, Math.floor(atom / side) % side, Math.floor(atom / side ** 2)][i % 3]!;
    });
    await show({ numbers: Array.from({ length: count }, (_, i) => [6, 1, 8, 1][i % 4]!), positions });
    await keep('many');
    const milliseconds = await page.evaluate(() => {
      const moved = at.viewer.positions.map((value, i) => value + 0.05 * Math.sin(i));
      const began = performance.now();
      at.viewer.move(moved, moved);
      return at.viewer.positions.length / 3 === 10_000 ? performance.now() - began : Infinity;
    });
    console.log(`10,000 atoms moved in ${milliseconds.toFixed(0)} ms of the main thread`);
    expect(milliseconds).toBeLessThan(2000);
    const before = await seen();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    expect(await seen()).not.toBe(before);
  });
});
