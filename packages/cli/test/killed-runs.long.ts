/**
 * Relaxations and evaluations of many structures, killed (SIGKILL) at 20 random moments each and resumed: the same bytes as of a run left
 * alone. Writes what it did to `reports/killed-runs.json` beside it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import { writeExtxyz } from '@mace/io';
import { readStructureFile } from '@mace/io/node';
import { killedUntilDone } from './testing/killed.js';
import { bundled, file, folder, mace } from './testing/run.js';

const kills = 20;
const report: Record<string, unknown>[] = [];
afterAll(() => {
  const place = fileURLToPath(new URL('reports/', import.meta.url));
  mkdirSync(place, { recursive: true });
  writeFileSync(
    join(place, 'killed-runs.json'),
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), node: process.versions.node, report }, null, 2)}\n`,
  );
});

test.each([
  ['relax', 60, ['--batch-atoms', '64', '--fmax', '0.1']],
  ['eval', 600, ['--batch-size', '4']],
] as const)('mace %s', async (verb, count, options) => {
  const random = seededRandom(11);
  const [caffeine] = await readStructureFile(bundled('caffeine.xyz'));
  const structures = Array.from({ length: count }, () =>
    makeStructure({
      numbers: [...caffeine!.numbers],
      positions: [...caffeine!.positions].map((x) => x + 0.1 * (random() - 0.5)),
    }),
  );
  file(`${verb}.xyz`, writeExtxyz(structures));
  const run = (output: string): string[] => [verb, `${verb}.xyz`, '--output', output, '--resume', ...options];
  expect((await mace(...run(`${verb}-alone.xyz`))).code).toBe(0);
  const alone = readFileSync(join(folder, `${verb}-alone.xyz`), 'utf8');
  const output = `${verb}-killed.xyz`;
  const killed = await killedUntilDone(run(output), `${output}.partial`, { random, bytes: alone.length, kills });
  expect(readFileSync(join(folder, output), 'utf8')).toBe(alone);
  expect(killed).toBe(kills);
  report.push({ verb, structures: count, killed, bytes: alone.length, same: true });
});
