/**
 * A structure gets the same bits alone, in any batch, and after anything else, whichever elements and heads those have; on any number of
 * threads, and from `evaluate` as from a system.
 */
import { describe, expect, test } from 'vitest';
import { typedArrays } from '@mace/backend-typed-arrays';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, reference, type Calculator, type Result, type Structure, type System } from '@mace/core';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import type { MaceConfig } from '@mace/core/model';
import { makeStructure } from '@mace/core/structure';

const backends = { wasm, reference, typedArrays };
const options = { properties: ['forces', 'stress', 'descriptors'] } as const;

/** What many branches of the planner see: a transform by pairs, ZBL, densities; two heads, products of all elements. */
const configs = {
  'by pairs': { ...tinyModels.C.config, hiddenIrreps: '16x0e+16x1o', maxEll: 2 },
  'of two heads': { ...tinyModels.B.config, heads: ['one', 'two'] },
} satisfies Record<string, MaceConfig>;

/** Structures of one to all elements, the first two of one; half of them periodic. */
function structuresOf({ atomicNumbers, heads }: MaceConfig, seed: number): Structure[] {
  const random = seededRandom(seed);
  const one = (from: readonly number[]): number => from[Math.floor(from.length * random())]!;
  return Array.from({ length: 5 }, (_, i) => {
    const elements = i < 2 ? [atomicNumbers[2 * i]!] : atomicNumbers.filter((_, k) => i === 4 || k !== i % 3);
    const atoms = 3 + Math.floor(3 * random());
    return makeStructure({
      numbers: Array.from({ length: atoms }, (_, k) => elements[k] ?? one(elements)),
      positions: Array.from({ length: atoms }, (_, k) => [1.2 * k + 0.3 * random(), random(), random()]).flat(),
      ...(i % 2 === 1 && { cell: [1.2 * atoms + 0.5, 3.1, 3.3] }),
      info: { head: heads[i % heads.length]! },
    });
  });
}

/** All numbers of a result; as a sum with 0 a zero has no sign. */
function numbersOf({ energy, forces, virial, descriptors, tables }: Result): unknown {
  const all = [[energy], forces, virial, descriptors].map((values) => Array.from(values ?? [], (x) => x + 0));
  return { tables, all };
}

const cases = (Object.keys(configs) as (keyof typeof configs)[]).flatMap((name) =>
  (['wasm', 'reference', 'typedArrays'] as const).flatMap((backend) =>
    (['f64', 'f32'] as const).flatMap((precision) =>
      (backend === 'wasm' || precision === 'f32' ? [false, true] : [false]).map(
        (tables) => [name, backend, precision, tables ? 'tables' : 'exact', tables] as const,
      ),
    ),
  ),
);

describe.each(cases)('a model %s, %s, %s, %s', (name, backend, precision, _what, tables) => {
  const model = deterministicModel(configs[name]);
  const made = (): Promise<Calculator> => createCalculator({ model, backend: backends[backend](), precision, tables });

  test('bits depend on the structure alone', async () => {
    const structures = structuresOf(model.config, 11);
    const alone: unknown[] = [];
    for (const structure of structures) {
      const calculator = await made();
      alone.push(numbersOf(await calculator.evaluate(structure, options)));
      await calculator.dispose();
    }
    const calculator = await made();
    // Elements come and go, one by one and in batches.
    for (const chosen of [[1], [0], [1, 3], [2], [0, 1, 2, 3, 4], [4, 0, 4, 1], [3]]) {
      const found = await calculator.evaluateAll(
        chosen.map((i) => structures[i]!),
        options,
      );
      expect(found.map(numbersOf)).toEqual(chosen.map((i) => alone[i]));
    }
    // Several heads in one graph too.
    const prepared = await calculator.prepare(structures, options);
    expect((await prepared.run()).map(numbersOf)).toEqual(alone);
    await calculator.dispose();
  });
});

/** Numbers of each structure of a system as it is now; as a sum with 0 a zero has no sign. */
async function computedBy(system: System): Promise<unknown[]> {
  const { energies, forces, virials, atomEnergies } = await system.compute();
  const plain = (values: Float64Array | undefined, from: number, to: number): number[] =>
    Array.from(values!.subarray(from, to), (x) => x + 0);
  return Array.from(energies, (energy, g) => {
    const [from, to] = [system.offsets[g]!, system.offsets[g + 1]!];
    const [of, at] = [plain(virials, 9 * g, 9 * g + 9), plain(atomEnergies, from, to)];
    return [[energy + 0], plain(forces, 3 * from, 3 * to), of, at];
  });
}

const kinds = (['f64', 'f32'] as const).flatMap((precision) =>
  [false, true].map((tables) => [precision, tables ? 'tables' : 'exact', tables] as const),
);

describe.each(kinds)('on wasm, %s, %s', (precision, _what, tables) => {
  const model = deterministicModel(configs['by pairs']);
  const structures = structuresOf(model.config, 12);
  const random = seededRandom(13);
  const moved = structures.map((one) => ({ ...one, positions: one.positions.map((x) => x + 0.3 * (random() - 0.5)) }));
  const properties = ['forces', 'stress', 'atomEnergies'] as const;
  const plain = ({ energy, forces, virial, energies }: Result): unknown =>
    [[energy], forces!, virial!, energies].map((values) => Array.from(values, (x) => x + 0));

  test('evaluate and systems give the same bits, alone and beside others, on 1, 2 and 3 threads', async () => {
    const wanted: unknown[] = [];
    for (const threads of [1, 2, 3]) {
      const backend = wasm({ threads, atomsPerChunk: 2 });
      const calculator = await createCalculator({ model, backend, precision, tables });
      for (const structure of moved.slice(wanted.length)) wanted.push(plain(await calculator.evaluate(structure)));
      const results = await calculator.evaluateAll(moved);
      expect(results.map(plain)).toEqual(wanted);
      expect(results.map((one) => one.tables)).toEqual(moved.map(() => tables));
      const there = await calculator.bind(moved, { properties });
      expect(await computedBy(there)).toEqual(wanted);
      // Lists with a skin, of atoms that came from elsewhere; in the order in which `evaluate` computes them.
      const come = await calculator.bind(structures, { properties, skin: 0.7 });
      come.update(Float64Array.from(moved.flatMap(({ positions }) => [...positions])));
      await come.reorder();
      expect(await computedBy(come)).toEqual(wanted);
      for (const [i, structure] of moved.entries())
        expect(await computedBy(await calculator.bind([structure], { properties }))).toEqual([wanted[i]]);
      await calculator.dispose();
    }
  });
});
