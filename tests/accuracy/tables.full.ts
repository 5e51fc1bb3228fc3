// Tables of functions of distance on 50 frames of MPtrj; tables.long.ts does it with all 1,000.
import { describe, expect, test } from 'vitest';
import { reference } from '@mace/core';
import { readStructureFile } from '@mace/io/node';
import { wasm } from '@mace/backend-wasm';
import { fixture, fixtureFolder, mptrj } from '../support/fixtures.js';
import { universalModel } from '../support/universal-model.js';
import { differences, evaluate, type Difference } from './differences.js';
import { elementGroups } from './element-groups.js';
import { gates } from './tables-report.js';

const model = universalModel();
const small = 24;
/** Hydrogens 0.72 Å apart: of all frames, the largest differences. */
const hardest = 91;

describe.skipIf(fixtureFolder === undefined)('tables on 50 frames of MPtrj (MACE_FIXTURES)', () => {
  test('are within the gates of float64', async () => {
    const all = await readStructureFile(fixture(...mptrj));
    const others = all.filter(({ numbers }) => numbers.length <= small);
    const groups = elementGroups(others, 12).slice(0, 3);
    const frames = groups.flatMap((group) => group.map((i) => others[i]!)).slice(0, 49);
    expect(frames).toHaveLength(49);
    for (const structures of [frames, [all[hardest]!]]) {
      const exact = await evaluate(model, structures, { backend: wasm(), precision: 'f64', tables: false });
      const tables = await evaluate(model, structures, { backend: wasm(), precision: 'f64', tables: true });
      const { energy, forces } = largest(differences(tables, exact));
      console.log(`${structures.length} frames, tables: ${energy} eV/atom, ${forces} eV/Å`);
      expect(energy).toBeLessThan(gates.f64.energy);
      expect(forces).toBeLessThan(gates.f64.forces);
    }
  });

  test('what they are measured against is the reference', async () => {
    const [frame] = await readStructureFile(fixture(...mptrj));
    const exact = await evaluate(model, [frame!], { backend: wasm(), precision: 'f64', tables: false });
    const how = { backend: reference(), precision: 'f64', tables: false, plan: false } as const;
    const { energy, forces } = largest(differences(exact, await evaluate(model, [frame!], how)));
    expect(energy).toBeLessThan(gates.reference.energy);
    expect(forces).toBeLessThan(gates.reference.forces);
  });
});

function largest(all: readonly Difference[]): { energy: number; forces: number } {
  return {
    energy: Math.max(...all.map(({ energy }) => energy)),
    forces: Math.max(...all.map(({ forces }) => forces)),
  };
}
