/**
 * Whether many small molecules cost what their arithmetic costs: 1,000 droplets of 9 to 21 atoms in one call of `evaluateAll`, beside
 * 1,536 atoms of water, in turns; both with and without what comes before the kernels (neighbors, batches, results). Medium,
 * float32, tables, one thread.
 *
 *     npm run bench -- batches
 *
 * Prints multiply-adds a second and their share of the peak of this core, and writes `local/batches.json`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { createCalculator } from '../packages/core/dist/index.js';
import { backendNamed } from '../packages/cli/dist/backends/index.js';
import { seededModel } from './lib/prepared.mjs';
import { droplet, waters } from './lib/systems.mjs';

const turns = 5;
const molecules = Array.from({ length: 1000 }, (_, i) => droplet(9 + (i % 13), i));
const systems = { large: [waters([2, 2, 2]).structure], molecules };

const model = seededModel({ elements: [1, 8], cutoff: 5, hiddenIrreps: '128x0e+128x1o', edgesPerAtom: 52 });
const backend = await backendNamed('wasm', { threads: 1 });
const calculator = await createCalculator({ model, backend, precision: 'f32', tables: true });
const properties = /** @type {const} */ (['forces']);
const cases = [];
for (const [name, structures] of Object.entries(systems)) {
  const prepared = await calculator.prepare(structures, { properties });
  const multiplyAdds = prepared.cost()?.multiplyAdds ?? NaN;
  const shape = { name, atoms: prepared.atoms, edgesPerAtom: prepared.edges / prepared.atoms, multiplyAdds };
  cases.push(
    { ...shape, what: 'kernels', run: () => prepared.run(), seconds: /** @type {number[]} */ ([]) },
    {
      ...shape,
      what: 'whole call',
      run: () => calculator.evaluateAll(structures, { properties }),
      seconds: /** @type {number[]} */ ([]),
    },
  );
}
for (const { run } of cases) await run();
for (let turn = 0; turn < turns; turn++) {
  process.stderr.write(`\rturn ${turn + 1} of ${turns}`);
  for (const { run, seconds } of cases) {
    const began = performance.now();
    await run();
    seconds.push((performance.now() - began) / 1000);
  }
}
process.stderr.write('\n');
const peak = (await calculator.peak()) ?? NaN;
const rows = cases.map(({ run: _run, seconds, ...row }) => {
  const median = [...seconds].sort((a, b) => a - b)[turns >> 1] ?? NaN;
  const rate = row.multiplyAdds / Math.min(...seconds);
  return { ...row, seconds: { min: Math.min(...seconds), median }, rate, shareOfPeak: rate / peak };
});
const result = {
  benchmark: 'batches',
  date: new Date().toISOString().slice(0, 10),
  device: `${cpus()[0]?.model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}; ${calculator.device}`,
  peak,
  rows,
};
writeFileSync(new URL('local/batches.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `${result.device}; ${result.runtime}; best of ${turns} turns\n\n` +
    'what | timed | atoms | edges/atom | µs/atom | 10⁹ multiply-adds a second | share of peak | of the large system\n' +
    '--- | --- | --- | --- | --- | --- | --- | ---\n',
);
for (const row of rows) {
  const { rate } = rows.find(({ name, what }) => name === 'large' && what === row.what) ?? row;
  process.stdout.write(
    `${[
      row.name,
      row.what,
      row.atoms,
      row.edgesPerAtom.toFixed(1),
      ((1e6 * row.seconds.min) / row.atoms).toFixed(0),
      (row.rate / 1e9).toFixed(2),
      `${(100 * row.shareOfPeak).toFixed(0)} %`,
      `${((100 * row.rate) / rate).toFixed(0)} %`,
    ].join(' | ')}\n`,
  );
}
await calculator.dispose();
