// The bundled model and trained ones in float64, exact: trajectories end where ASE, driving mace-torch, takes them. The numbers are in
// packages/sim/test/references, beside the script that made them.
import { join } from 'node:path';
import { wasm } from '@mace/backend-wasm';
import { createCalculator } from '@mace/core';
import { readFrames } from '@mace/io/node';
import { readModel } from '@mace/models/node';
import { startDynamics, type DynamicsOptions } from '@mace/sim';
import { expect, test } from 'vitest';
import { fixture, fixtureFolder } from './support/fixtures.js';
import { read, root } from './support/workspace.js';

interface Run {
  readonly structure: string;
  /** Of the folder of fixtures, as its structure is then; the bundled one where there is none. */
  readonly model?: string;
  readonly steps: number;
  readonly ensemble: 'nve' | 'npt-mtk';
  readonly timestep: number;
  readonly temperature?: number;
  readonly pressure?: number;
  readonly momenta: number[];
  readonly energy: number;
  readonly end: { readonly positions: number[]; readonly cell: number[]; readonly energy: number };
}
const { runs } = JSON.parse(read('packages/sim/test/references/trajectories.json')) as { runs: Run[] };

test.for(runs)('$ensemble of $structure, $steps steps', { timeout: 300_000 }, async (run, { skip }) => {
  const { structure: name, model, steps, momenta, energy, end, ...settings } = run;
  if (model !== undefined && fixtureFolder === undefined) skip('MACE_FIXTURES names the folder of trained models.');
  const path = model === undefined ? join(root, 'packages/models/bundled/structures', name) : fixture(name);
  const [structure] = await readFrames(`${path}@0`);
  const calculator = await createCalculator({
    model: await readModel(model === undefined ? 'bundled' : fixture(model)),
    backend: wasm({ threads: 1 }),
  });
  const system = await calculator.bind([structure!], { properties: ['forces', 'stress'] });
  const dynamics = await startDynamics(system, { ...settings, momenta } as DynamicsOptions);
  expect(Math.abs(dynamics.energies[0]! - energy)).toBeLessThan(1e-9);
  await dynamics.run(steps);
  const off = (values: Float64Array, wanted: readonly number[]): number =>
    wanted.reduce((most, value, i) => Math.max(most, Math.abs(values[i]! - value)), 0);
  expect(dynamics.atoms.positions).toHaveLength(end.positions.length);
  expect(off(dynamics.atoms.positions, [...structure!.positions])).toBeGreaterThan(0.1);
  const apart = off(dynamics.atoms.positions, end.positions);
  console.log(`${settings.ensemble} of ${name}: ${apart.toExponential(1)} Å after ${steps} steps`);
  expect(apart).toBeLessThan(1e-10);
  if (structure!.cell) expect(off(dynamics.atoms.cells, end.cell)).toBeLessThan(1e-10);
  expect(Math.abs(dynamics.energies[0]! - end.energy)).toBeLessThan(1e-9);
  await calculator.dispose();
});
