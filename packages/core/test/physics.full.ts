/** What must hold for any potential, on tiny models: invariance, equivariance, extensivity, exact derivatives. */
import { describe, expect, test } from 'vitest';
import { createCalculator, reference, type Calculator, type MaceConfig, type Result } from '@mace/core';
import { randomRotation } from '@mace/core/equivariant';
import { makeStructure, type Structure } from '@mace/core/structure';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';

const models: Readonly<Record<string, MaceConfig>> = {
  'agnostic, L = 1': tinyModels.B.config,
  'density, Agnesi, ZBL, L = 2': tinyModels.C.config,
  'non-linear, two heads': tinyModels.D.config,
  'attention, Soft': tinyModels.F.config,
};
const shapes = ['molecule', 'crystal', 'slab'] as const;

async function withCalculator(config: MaceConfig, use: (calculator: Calculator) => Promise<void>): Promise<void> {
  const calculator = await createCalculator({ model: deterministicModel(config), backend: reference() });
  try {
    await use(calculator);
  } finally {
    await calculator.dispose();
  }
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((x, y) => Math.max(x, y), 0);

function rotateRows(rows: ArrayLike<number>, r: Float64Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 3) {
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) out[i + a]! += r[3 * a + b]! * rows[i + b]!;
  }
  return out;
}

/** R·S·Rᵀ */
function rotateTensor(s: ArrayLike<number>, r: Float64Array): Float64Array {
  const out = new Float64Array(9);
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++)
      for (let c = 0; c < 3; c++)
        for (let d = 0; d < 3; d++) out[3 * a + b]! += r[3 * a + c]! * s[3 * c + d]! * r[3 * b + d]!;
  return out;
}

function transformed(structure: Structure, r: Float64Array): Structure {
  return {
    ...structure,
    positions: rotateRows(structure.positions, r),
    cell: structure.cell && rotateRows(structure.cell, r),
  };
}

function supercell(structure: Structure, copies: number): Structure {
  const { positions, cell, numbers } = structure;
  const all = Array.from({ length: copies }, (_, k) => positions.map((x, i) => x + k * cell![i % 3]!));
  return makeStructure({
    numbers: Array.from({ length: copies }, () => [...numbers]).flat(),
    positions: all.flatMap((part) => [...part]),
    cell: cell!.map((x, i) => (i < 3 ? copies * x : x)),
    pbc: structure.pbc,
  });
}

describe('physics', () => {
  for (const [name, config] of Object.entries(models)) {
    const inverting = !config.useSo3;
    for (const shape of shapes) {
      test(`${name}, ${shape}: rotation, inversion, translation, permutation`, () =>
        withCalculator(config, async (calculator) => {
          const structure = tinyStructure(shape);
          const base = await calculator.evaluate(structure);
          const rotation = randomRotation(7);
          const checks: [Structure, Float64Array][] = [[transformed(structure, rotation), rotation]];
          if (inverting) {
            const improper = rotation.map((x) => -x);
            checks.push([transformed(structure, improper), improper]);
          }
          for (const [moved, r] of checks) {
            const result = await calculator.evaluate(moved);
            expect(Math.abs(result.energy - base.energy)).toBeLessThan(1e-10);
            expect(largest(result.forces!, rotateRows(base.forces!, r))).toBeLessThan(1e-10);
            expect(largest(result.virial!, rotateTensor(base.virial!, r))).toBeLessThan(1e-10);
          }
          const translated = await calculator.evaluate({
            ...structure,
            positions: structure.positions.map((x, i) => x + [1000, -333, 57][i % 3]!),
          });
          // Positions of 1000 Å keep 1e-13 Å.
          expect(Math.abs(translated.energy - base.energy)).toBeLessThan(1e-10);
          const order = [2, 0, 3, 1];
          const permuted = await calculator.evaluate(
            makeStructure({
              numbers: order.map((i) => structure.numbers[i]!),
              positions: order.flatMap((i) => [...structure.positions.subarray(3 * i, 3 * i + 3)]),
              ...(structure.cell && { cell: structure.cell }),
              pbc: structure.pbc,
            }),
          );
          expect(Math.abs(permuted.energy - base.energy)).toBeLessThan(1e-12);
          expect(
            largest(
              permuted.forces!,
              order.flatMap((i) => [...base.forces!.subarray(3 * i, 3 * i + 3)]),
            ),
          ).toBeLessThan(1e-12);
          const total = base.forces!.reduce(
            (sum, f, i) => {
              sum[i % 3]! += f;
              return sum;
            },
            [0, 0, 0],
          );
          expect(Math.max(...total.map(Math.abs))).toBeLessThan(1e-12);
        }));
    }

    test(`${name}: extensive in a supercell, separated fragments add up`, () =>
      withCalculator(config, async (calculator) => {
        const crystal = tinyStructure('crystal');
        const one = await calculator.evaluate(crystal);
        const three = await calculator.evaluate(supercell(crystal, 3));
        expect(Math.abs(three.energy - 3 * one.energy)).toBeLessThan(1e-10);
        expect(largest(three.stress!, one.stress!)).toBeLessThan(1e-10);
        const molecule = tinyStructure('molecule');
        const alone = await calculator.evaluate(molecule);
        const far = makeStructure({
          numbers: [...molecule.numbers, ...molecule.numbers],
          positions: [...molecule.positions, ...molecule.positions.map((x) => x + 50)],
        });
        expect(Math.abs((await calculator.evaluate(far)).energy - 2 * alone.energy)).toBeLessThan(1e-10);
      }));

    test(`${name}: a result has the same bits alone and in any batch`, () =>
      withCalculator(config, async (calculator) => {
        const structures = [...shapes.map(tinyStructure), makeStructure({ numbers: [8], positions: [0, 0, 0] })];
        const together = await calculator.evaluateAll(structures);
        for (const [i, structure] of structures.entries()) {
          const alone = await calculator.evaluate(structure);
          expect(together[i]!.energy).toBe(alone.energy);
          expect([...together[i]!.forces!]).toEqual([...alone.forces!]);
          expect([...together[i]!.virial!]).toEqual([...alone.virial!]);
        }
      }));

    test(`${name}: forces, stress and Hessian are derivatives`, () =>
      withCalculator(config, async (calculator) => {
        const crystal = tinyStructure('crystal');
        const result = await calculator.evaluate(crystal);
        const h = 1e-4;
        const energyAt = async (structure: Structure): Promise<number> =>
          (await calculator.evaluate(structure, { properties: [] })).energy;
        for (const at of [0, 4, 11]) {
          const moved = (step: number): Structure => ({
            ...crystal,
            positions: crystal.positions.map((x, i) => (i === at ? x + step : x)),
          });
          const numeric = -((await energyAt(moved(h))) - (await energyAt(moved(-h)))) / (2 * h);
          expect(Math.abs(numeric - result.forces![at]!)).toBeLessThan(1e-7);
        }
        for (const [a, b] of [
          [0, 0],
          [1, 2],
        ] as const) {
          const strained = (step: number): Structure => {
            const r = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
            r[3 * a + b]! += step / 2;
            r[3 * b + a]! += step / 2;
            return transformed(crystal, r);
          };
          const numeric = ((await energyAt(strained(h))) - (await energyAt(strained(-h)))) / (2 * h) / result.volume!;
          expect(Math.abs(numeric - result.stress![3 * a + b]!)).toBeLessThan(1e-8);
        }
        const molecule = tinyStructure('molecule');
        const hessian = await calculator.hessian(molecule);
        const forcesAt = async (step: number): Promise<Float64Array> =>
          (
            await calculator.evaluate({
              ...molecule,
              positions: molecule.positions.map((x, i) => (i === 3 ? x + step : x)),
            })
          ).forces!;
        const [up, down] = [await forcesAt(h), await forcesAt(-h)];
        expect(
          largest(
            hessian.subarray(36, 48),
            up.map((f, i) => -(f - down[i]!) / (2 * h)),
          ),
        ).toBeLessThan(1e-6);
        for (let i = 0; i < 12; i++)
          for (let j = 0; j < i; j++) expect(Math.abs(hessian[12 * i + j]! - hessian[12 * j + i]!)).toBeLessThan(1e-11);
      }));
  }

  test('an isolated atom gets its isolated-atom energy plus scale · readout + shift, and no force', () =>
    withCalculator(tinyModels.B.config, async (calculator) => {
      const result: Result = await calculator.evaluate(makeStructure({ symbols: ['O'], positions: [1, 2, 3] }));
      expect(result.edges).toBe(0);
      expect([...result.forces!]).toEqual([0, 0, 0]);
      expect(result.energy).toBe(result.energies[0]);
      expect(result.energies[0]! - result.interactionEnergies[0]!).toBeCloseTo(-3, 14);
    }));

  test('energy and forces are continuous as an atom crosses the cut-off', () =>
    withCalculator(tinyModels.B.config, async (calculator) => {
      const at = async (distance: number): Promise<Result> =>
        calculator.evaluate(makeStructure({ symbols: ['O', 'H'], positions: [0, 0, 0, distance, 0, 0] }));
      const [inside, outside] = [await at(4 - 1e-7), await at(4 + 1e-7)];
      expect(inside.edges).toBe(2);
      expect(outside.edges).toBe(0);
      expect(Math.abs(inside.energy - outside.energy)).toBeLessThan(1e-12);
      expect(largest(inside.forces!, outside.forces!)).toBeLessThan(1e-9);
    }));
});
