/**
 * Twenty minutes of dynamics in the playground: what the page and its worker hold after each minute, when all that can be collected
 * has been. The points of the plots fill up in seven minutes; from then on every other one is left out each three or four, and
 * nothing may grow: the least of minutes 7 to 10 is compared with that of minutes 17 to 20, ten minutes later. Writes what it measured to `reports/playground-memory.json`, which `long-reports.test.ts` reads.
 */
import type { CDPSession, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { hashOfSources } from '../scripts/lib/sources.mjs';
import { startPlayground } from './support/playground.js';
import { writeReport } from './support/report.js';

const minutes = 20;

/** Of what is measured, in bytes and numbers. */
interface Held {
  readonly step: number;
  /** JavaScript heap of the page, after a collection. */
  readonly heap: number;
  /** Page and worker, as the browser measures them. */
  readonly page: number;
  readonly worker: number;
  readonly nodes: number;
  readonly listeners: number;
}

test('dynamics in a page hold no more after twenty minutes than after ten', async () => {
  // Of what is built now.
  const sources = hashOfSources(['apps/playground/src', 'packages/viewer/src', 'packages/sim/src']);
  const playground = await startPlayground();
  try {
    const page = await playground.open();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const isRunning = page.locator('.activity[data-busy="dynamics"]');
    await page.getByRole('button', { name: 'Run dynamics', exact: true }).click();
    await isRunning.waitFor();
    const held: Held[] = [];
    const began = performance.now();
    for (let minute = 1; minute <= minutes; minute++) {
      await new Promise((resolve) => setTimeout(resolve, began + 60_000 * minute - performance.now()));
      expect(await isRunning.count(), 'dynamics run').toBe(1);
      held.push(await heldBy(page, cdp));
      console.log(`minute ${minute}: ${JSON.stringify(held.at(-1))}`);
    }
    writeReport('playground-memory', sources, { held });
    expect(playground.complaints).toEqual([]);
  } finally {
    await playground.close();
  }
});

async function heldBy(page: Page, cdp: CDPSession): Promise<Held> {
  const step = Number(/step (\d+)/.exec((await page.locator('.activity').textContent()) ?? '')?.[1]);
  let heap = Infinity;
  // Frames come in meanwhile: what is least has the fewest of them.
  for (let time = 0; time < 5; time++) {
    await cdp.send('HeapProfiler.collectGarbage');
    heap = Math.min(heap, (await cdp.send('Runtime.getHeapUsage')).usedSize);
  }
  const { metrics } = await cdp.send('Performance.getMetrics');
  const metric = (name: string): number => metrics.find((one) => one.name === name)!.value;
  const memory = await page.evaluate(() => (performance as unknown as Measuring).measureUserAgentSpecificMemory());
  const bytesOf = (scope: string): number =>
    memory.breakdown
      .filter(({ attribution }) => attribution.some((one) => one.scope === scope))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  const [nodes, listeners] = [metric('Nodes'), metric('JSEventListeners')];
  return { step, heap, page: bytesOf('Window'), worker: bytesOf('DedicatedWorkerGlobalScope'), nodes, listeners };
}

interface Measuring {
  /** Measures when garbage is collected next. */
  measureUserAgentSpecificMemory(): Promise<{
    readonly breakdown: readonly {
      readonly bytes: number;
      readonly attribution: readonly { readonly scope: string }[];
    }[];
  }>;
}
