/**
 * Dynamics in every ensemble, relaxations and evaluations of many structures, killed (SIGKILL) at 20 random moments each and gone on with:
 * the same bytes as of a run left alone. Writes what it did to `reports/killed-runs.json` beside it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { seededRandom } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';
import { writeExtxyz } from '@mace/io';
import { readStructureFile } from '@mace/io/node';
import { hashOfSources } from '../../../scripts/lib/sources.mjs';
import { killedUntilDone } from './testing/killed.js';
import { bundled, file, folder, mace } from './testing/run.js';
import { expectSameFiles, read } from './testing/same-files.js';

const kills = 20;
const sources = hashOfSources([
  'packages/sim/src',
  'packages/cli/src',
  'packages/io/src/storage',
  'packages/io/src/node',
]);
const random = seededRandom(11);
const report: Record<string, unknown>[] = [];
afterAll(() => {
  // A run of some of them leaves the report as it is.
  if (report.length < 11) return;
  const place = fileURLToPath(new URL('reports/', import.meta.url));
  mkdirSync(place, { recursive: true });
  writeFileSync(
    join(place, 'killed-runs.json'),
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), node: process.versions.node, sources, report }, null, 2)}\n`,
  );
});

test.each([
  ['relax', 60, ['--batch-atoms', '64', '--fmax', '0.1']],
  ['eval', 600, ['--batch-size', '4']],
] as const)('mace %s', async (verb, count, options) => {
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

const ice = bundled('ice.xyz');
const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0, 0, 0, 0.96, 0, 0, -0.24, 0.93, 0] });
const onMolecule = ['water.xyz', '--steps', '8000'];
const onCrystal = [ice, '--steps', '600'];

test.each<[string, string[]]>([
  ['nve', onMolecule],
  ['nvt', [...onMolecule, '--compress']],
  ['nvt-nh', [...onMolecule, '--temperature-end', '100']],
  ['nvt-csvr', [...onMolecule, '--hold-bonds', 'hydrogen']],
  ['npt', onCrystal],
  ['npt', [...onCrystal, '--anisotropic', '--thermostat', 'langevin', '--minimize', '0.5']],
  ['npt-mtk', [...onCrystal, '--pressure', '0.1']],
  ['nph', onCrystal],
  ['nvt', ['molecules.xyz', '--steps', '3000', '--batch-atoms', '9', '--observe', 'msd,vacf']],
])('mace md --ensemble %s %s', async (ensemble, options) => {
  file('water.xyz', writeExtxyz([water]));
  file('molecules.xyz', writeExtxyz(Array.from({ length: 5 }, () => water)));
  const name = `${ensemble} of ${report.length}`;
  const common = '--trajectory-every 50 --limit temperature=1e5 --threads 1 --checkpoint-seconds 0.1 --gate off';
  const run = (output: string): string[] => [
    ...['md', ...options, '--ensemble', ensemble, ...common.split(' '), '--output', output, '--restart'],
  ];
  expect(await mace(...run(`${name} alone`))).toMatchObject({ code: 0 });
  const log = options[0] === 'molecules.xyz' ? '0005/log.csv' : 'log.csv';
  const bytes = read(`${name} alone/${log}`).length;
  const killed = await killedUntilDone(run(`${name} killed`), `${name} killed/${log}`, { random, bytes, kills });
  expectSameFiles(`${name} killed`, `${name} alone`);
  expect(killed).toBe(kills);
  const shown = options.filter((option) => option !== ice).join(' ');
  report.push({ verb: 'md', ensemble, options: shown, killed, bytes, same: true });
});
