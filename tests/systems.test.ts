/** Systems that move: the same bits whatever the skin, the list, the company and the threads; errors that leave them as they were. */
import { describe, expect, test } from 'vitest';
import { typedArrays } from '@mace/backend-typed-arrays';
import { wasm } from '@mace/backend-wasm';
import {
  createCalculator,
  reference,
  StructureError,
  type Calculator,
  type System,
  type SystemArrays,
  type SystemProperty,
} from '@mace/core';
import type { BackendDefinition } from '@mace/core/backend';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';

const { config } = tinyModels.B;
const model = deterministicModel(config);
const properties = ['forces', 'stress', 'atomEnergies'] as const;

/** Atoms on a grid that is shaken; in a skewed cell, or in none. */
function shaken(atoms: number, seed: number, periodic: boolean): Structure {
  const random = seededRandom(seed);
  const perSide = Math.ceil(Math.cbrt(atoms));
  const side = 2.2 * perSide;
  const place = (i: number): number[] =>
    [i % perSide, Math.floor(i / perSide) % perSide, Math.floor(i / perSide ** 2)].map((x) => 2.2 * x + 0.3 * random());
  const element = (): number => config.atomicNumbers[Math.floor(config.atomicNumbers.length * random())]!;
  return makeStructure({
    numbers: Array.from({ length: atoms }, element),
    positions: Array.from({ length: atoms }, (_, i) => place(i)).flat(),
    ...(periodic && { cell: [side, 0, 0, 0.2 * side, side, 0, 0, -0.1 * side, side] }),
  });
}

const members = [shaken(20, 1, true), shaken(9, 2, false), shaken(37, 3, true)];

interface Frame {
  readonly positions: Float64Array;
  readonly cells: Float64Array;
}

/** A walk of all atoms, with cells that breathe. */
function walk(structures: readonly Structure[], steps: number, stride = 0.12): Frame[] {
  const random = seededRandom(7);
  let positions = Float64Array.from(structures.flatMap((one) => [...one.positions]));
  let cells = Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))]));
  return Array.from({ length: steps }, (_, step) => {
    positions = positions.map((x) => x + stride * (random() - 0.5));
    if (step % 3 === 2) cells = cells.map((x) => x * (1 + 0.01 * (random() - 0.5)));
    return { positions, cells };
  });
}

const frames = walk(members, 12);

/** Results of all frames; -0 is 0. */
async function along(system: System, path: readonly Frame[] = frames): Promise<number[][]> {
  const found: number[][] = [];
  for (const { positions, cells } of path) {
    system.update(positions, cells);
    const { energies, forces, virials, stresses, atomEnergies } = await system.compute();
    found.push([energies, forces!, virials!, stresses!, atomEnergies!].flatMap((all) => [...all].map((x) => x + 0)));
  }
  system.dispose();
  return found;
}

const backends: [string, () => BackendDefinition][] = [
  ['reference', reference],
  ['typed-arrays', typedArrays],
  ['wasm', () => wasm({ threads: 1 })],
];
const calculatorOf = (backend: BackendDefinition, precision: 'f64' | 'f32', tables: boolean): Promise<Calculator> =>
  createCalculator({ model, backend, precision, tables });

describe.each(backends)('on %s', (name, backend) => {
  test.each([
    ['f64', false],
    ['f32', false],
    ['f64', true],
    ['f32', true],
  ] as const)(
    '%s with tables %s: the same bits with any skin, before and after new lists',
    async (precision, tables) => {
      // The others are slow.
      const path = name === 'wasm' ? frames : frames.slice(0, 4);
      if (name !== 'wasm' && (tables || precision === 'f32')) return;
      const calculator = await calculatorOf(backend(), precision, tables);
      const first = await calculator.bind(members, { skin: 0, properties });
      const { order } = first;
      const wanted = await along(first, path);
      const lists: number[] = [];
      for (const skin of [0.5, 1]) {
        const system = await calculator.bind(members, { skin, properties, order });
        expect(await along(system, path)).toEqual(wanted);
        lists.push(system.lists);
      }
      if (name === 'wasm') expect(lists[0]).toBeGreaterThan(lists[1]!);
      expect(lists[1]).toBeLessThan(path.length);
      await calculator.dispose();
    },
  );

  test('a frame has the numbers that evaluate gives', async () => {
    const calculator = await calculatorOf(backend(), 'f64', false);
    const system = await calculator.bind(members, { properties });
    const { positions, cells } = frames.at(-1)!;
    system.update(positions, cells);
    const { energies, forces, stresses, virials } = await system.compute();
    const results = await calculator.evaluateAll(system.structures());
    const close = (found: ArrayLike<number>, expected: ArrayLike<number>): void =>
      Array.from(expected).forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-10));
    results.forEach((result, g) => {
      const [from, to] = [system.offsets[g]!, system.offsets[g + 1]!];
      close([energies[g]!], [result.energy]);
      close(forces!.subarray(3 * from, 3 * to), result.forces!);
      close(virials!.subarray(9 * g, 9 * g + 9), result.virial!);
      if (result.stress) close(stresses!.subarray(9 * g, 9 * g + 9), result.stress);
      else expect(stresses!.subarray(9 * g, 9 * g + 9).every(Number.isNaN)).toBe(true);
    });
    await calculator.dispose();
  });
});

test.each(Object.entries(tinyModels))('edges in the skin add nothing in model %s', async (_, { config: own }) => {
  const calculator = await createCalculator({ model: deterministicModel(own), backend: wasm({ threads: 1 }) });
  const numbers = [0, 1, 0, 1].map((k) => own.atomicNumbers[k % own.atomicNumbers.length]!);
  // Pairs in the shell from the start, and pairs that come into it on the way.
  const line = (stretch: number): number[] =>
    [0, 1.1, own.cutoff + 0.15, own.cutoff + 1.3].flatMap((x, i) => [x * stretch, 0.3 * i, 0.1 * i * i]);
  const system = await calculator.bind([makeStructure({ numbers, positions: line(1) })], { skin: 1 });
  for (const stretch of [1, 1.02, 0.98, 0.95, 1.05]) {
    system.update(line(stretch));
    const { energies, forces } = await system.compute();
    const wanted = await calculator.evaluate(makeStructure({ numbers, positions: line(stretch) }));
    expect(Math.abs(energies[0]! - wanted.energy)).toBeLessThan(1e-11);
    wanted.forces!.forEach((force, i) => expect(Math.abs(forces![i]! - force)).toBeLessThan(1e-11));
  }
  await calculator.dispose();
});

test('members of different heads, with a skin', async () => {
  const heads = deterministicModel({ ...config, heads: ['one', 'two'] });
  const calculator = await createCalculator({ model: heads, backend: wasm({ threads: 1 }) });
  const structures = ['one', 'two', 'one'].map((head, i) => ({ ...shaken(5, i, false), info: { head } }));
  const system = await calculator.bind(structures, { skin: 0.5 });
  const results = await calculator.evaluateAll(structures);
  expect([...(await system.compute()).energies]).toEqual(results.map(({ energy }) => energy));
  await calculator.dispose();
});

test.each([
  ['a slab without a third vector', [6, 0, 0, 1, 6, 0, 0, 0, 0], [true, true, false]],
  ['a molecule in a cell that is not one', [0, 0, 0, 0, 0, 0, 0, 0, 0], [false, false, false]],
  ['a wire', [0, 0, 0, 0, 5, 0, 0, 0, 0], [false, true, false]],
] as const)('cells of %s change', async (_, cell, pbc) => {
  const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
  const structure = { ...shaken(8, 4, false), cell: Float64Array.from(cell), pbc };
  const system = await calculator.bind([structure], { skin: 0.8 });
  for (const factor of [1, 1.01, 0.98, 1.2, 0.9]) {
    const [positions, now] = [structure.positions.map((x) => x * factor), structure.cell.map((x) => x * factor)];
    system.update(positions, now);
    const { energies } = await system.compute();
    const { energy } = await calculator.evaluate({ ...structure, positions, cell: now });
    expect(Math.abs(energies[0]! - energy)).toBeLessThan(1e-10);
  }
  await calculator.dispose();
});

test('a model whose edges do not end at the cutoff gets lists without a skin, and the numbers of evaluate', async () => {
  const attention = deterministicModel(tinyModels.F.config);
  const calculator = await createCalculator({ model: attention, backend: wasm({ threads: 1 }) });
  const [z] = tinyModels.F.config.atomicNumbers;
  const line = [0, 3, 3 + tinyModels.F.config.cutoff + 0.1].flatMap((x) => [x, 0, 0]);
  const structure = makeStructure({ numbers: [z!, z!, z!], positions: line });
  const system = await calculator.bind([structure], { skin: 1 });
  expect(system.skin).toBe(0);
  const { energies } = await system.compute();
  expect(energies[0]).toBe((await calculator.evaluate(structure)).energy);
  await calculator.dispose();
});

describe('on wasm', () => {
  test('the same bits alone and beside others, on 1, 2 and 3 threads', async () => {
    const size = members.map(({ numbers }) => numbers.length);
    let wanted: number[][] | undefined;
    for (const threads of [1, 2, 3]) {
      const calculator = await calculatorOf(wasm({ threads }), 'f32', false);
      const all = await calculator.bind(members, { properties: ['forces'] });
      const found: number[][] = [];
      for (const { positions, cells } of frames) {
        all.update(positions, cells);
        found.push([...(await all.compute()).forces!].map((x) => x + 0));
      }
      expect((wanted ??= found)).toEqual(found);
      for (const [g, member] of members.entries()) {
        const [from, to] = [all.offsets[g]!, all.offsets[g]! + size[g]!];
        const order = all.order.subarray(from, to).map((atom) => atom - from);
        const alone = await calculator.bind([member], { properties: ['forces'], skin: 0.2, order });
        for (const [i, { positions, cells }] of frames.entries()) {
          alone.update(positions.subarray(3 * from, 3 * to), cells.subarray(9 * g, 9 * g + 9));
          const { forces } = await alone.compute();
          expect([...forces!].map((x) => x + 0)).toEqual(found[i]!.slice(3 * from, 3 * to));
        }
      }
      await calculator.dispose();
    }
  });

  test('a member with atoms nearer than tables hold for is computed without them, for that step', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', true);
    const exact = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const pair = (distance: number): Structure =>
      makeStructure({
        numbers: [config.atomicNumbers[0]!, config.atomicNumbers[1]!],
        positions: [0, 0, 0, distance, 0, 0],
      });
    const structures = [pair(1), pair(1)];
    const system = await calculator.bind(structures);
    const far = (await system.compute()).energies.slice();
    system.update([0, 0, 0, 0.35, 0, 0, 0, 0, 0, 1, 0, 0]);
    const { energies } = await system.compute();
    const near = await exact.evaluate(pair(0.35));
    expect(energies[0]).toBe(near.energy);
    expect(energies[1]).toBe(far[1]);
    system.update([0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
    expect([...(await system.compute()).energies]).toEqual([...far]);
    await calculator.dispose();
    await exact.dispose();
  });

  test('results go into the arrays of the caller, and only what is bound is there', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const system = await calculator.bind(members);
    const into = { energies: new Float64Array(3), forces: new Float64Array(3 * 66) };
    const found = await system.compute({ into });
    expect(found).toEqual(into);
    expect([found.energies === into.energies, found.forces === into.forces]).toEqual([true, true]);
    await expect(system.compute({ into: { energies: new Float64Array(2) } })).rejects.toThrow(/3 values, got 2/);
    await expect(system.compute({ into: { virials: new Float64Array(27) } })).rejects.toThrow(/without stress/);
    await calculator.dispose();
  });

  test('atoms moved on while a list is made count for the next computation', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const [one, two] = [frames[3]!, frames[9]!];
    const system = await calculator.bind(members, { skin: 0.1 });
    const { order } = system;
    const alone = async ({ positions, cells }: Frame): Promise<number[]> => {
      const other = await calculator.bind(members, { order });
      other.update(positions, cells);
      return [...(await other.compute()).energies];
    };
    const wanted = [await alone(one), await alone(two)];
    system.update(one.positions, one.cells);
    const first = system.compute();
    system.update(two.positions, two.cells);
    expect([...(await first).energies]).toEqual(wanted[0]);
    expect([...(await system.compute()).energies]).toEqual(wanted[1]);
    await calculator.dispose();
  });

  test('calls that overlap have the positions of when they were made, whatever has to be waited for', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const weights = { 'interactions.0.linear_up.weight': model.weights['interactions.0.linear_up.weight']!.data };
    // With a skin of 0 each needs a list of its own; far moves are made, too.
    const path = [3, 11, 0, 7].map((step) => frames[step]!);
    const system = await calculator.bind(members, { skin: 0 });
    const wanted: number[][] = [];
    for (const { positions, cells } of path) {
      system.update(positions, cells);
      wanted.push([...(await system.compute()).energies]);
    }
    const computed: Promise<{ readonly energies: Float64Array }>[] = [];
    const changing: Promise<unknown>[] = [];
    for (const [i, { positions, cells }] of path.entries()) {
      if (i === 1) changing.push(calculator.setParameters(weights));
      system.update(positions, cells);
      computed.push(system.compute());
    }
    system.update(frames[1]!.positions, frames[1]!.cells);
    expect((await Promise.all(computed)).map(({ energies }) => [...energies])).toEqual(wanted);
    await Promise.all(changing);
    // Who computes while structures are replaced computes what is there then.
    const replacing = system.replace(new Map([[0, members[1]!]]));
    const { energies } = await system.compute();
    await replacing;
    expect([...energies]).toEqual([...(await system.compute()).energies]);
    expect(energies[0]).toBe((await calculator.evaluate(members[1]!)).energy);
    await calculator.dispose();
  });

  test('atoms moved on while atoms are reordered or replaced stay where they were put', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const { positions, cells } = frames[5]!;
    const system = await calculator.bind(members);
    for (const change of [() => system.reorder(), () => system.replace(new Map([[1, members[1]!]]))]) {
      system.update(frames[0]!.positions, frames[0]!.cells);
      const changed = change();
      system.update(positions, cells);
      await changed;
      expect(system.structures()[2]!.positions).toEqual(positions.slice(3 * 29));
    }
    expect(system.structures()[1]!.positions).toEqual(members[1]!.positions);
    await calculator.dispose();
  });

  test('new weights are used from the next computation on', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', true);
    const system = await calculator.bind(members);
    const before = (await system.compute()).energies;
    const name = 'atomic_energies_fn.atomic_energies';
    const isolated = model.weights[name]!.data;
    await calculator.setParameters({ [name]: isolated.map((x) => x + 1) });
    const after = (await system.compute()).energies;
    members.forEach(({ numbers }, g) => expect(after[g]! - before[g]!).toBeCloseTo(numbers.length, 6));
    await calculator.dispose();
  });

  test('structures are replaced, reordered, and refused with the system as it was', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const system = await calculator.bind(members);
    const before = [...(await system.compute()).energies];
    const nan = new Float64Array(3 * 66).fill(NaN);
    const flat = Float64Array.from({ length: 27 }, () => 1);
    expect(() => system.update(new Float64Array(5))).toThrow(/positions have 5 values; expected 198/);
    expect(() => system.update(nan)).toThrow(/positions\[0\] = NaN/);
    expect(() => system.update(frames[0]!.positions, flat)).toThrow(StructureError);
    const other = makeStructure({ numbers: [79], positions: [0, 0, 0] });
    await expect(system.replace(new Map([[1, other]]))).rejects.toThrow(StructureError);
    await expect(system.replace(new Map([[3, members[0]!]]))).rejects.toThrow(/no structure 3/);
    expect([...(await system.compute()).energies]).toEqual(before);
    await system.replace(new Map([[1, members[0]!]]));
    expect([...system.offsets]).toEqual([0, 20, 40, 77]);
    const { energies } = await system.compute();
    expect([energies[0], energies[1], energies[2]]).toEqual([before[0], before[0], before[2]]);
    await system.reorder();
    expect(Math.abs((await system.compute()).energies[0]! - before[0]!)).toBeLessThan(1e-10);
    system.dispose();
    system.dispose();
    expect(() => system.update(frames[0]!.positions)).toThrow(/after dispose/);
    await expect(system.compute()).rejects.toThrow(/after dispose/);
    await calculator.dispose();
  });

  test('replaced and reordered at once, with structures that the caller changes afterwards', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const [larger, smaller] = [shaken(12, 5, false), shaken(4, 6, false)];
    const wanted = await calculator.evaluateAll([larger, smaller, members[2]!]);
    // However far the replacement has come when the others are called.
    for (let ticks = 0; ticks < 6; ticks++) {
      const system = await calculator.bind(members);
      const own = { ...larger, numbers: larger.numbers.slice(), positions: larger.positions.slice() };
      const first = system.replace(new Map([[0, own]]));
      own.numbers.fill(8);
      own.positions.fill(0);
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      const others = [system.reorder(), system.replace(new Map([[1, smaller]]))];
      await Promise.all([first, ...others]);
      const { energies } = await system.compute();
      wanted.forEach(({ energy }, g) => expect(Math.abs(energies[g]! - energy)).toBeLessThan(1e-10));
      system.dispose();
    }
    await calculator.dispose();
  });

  test('what is asked for wrongly is refused, and what was asked for stays that', async () => {
    const calculator = await calculatorOf(wasm({ threads: 1 }), 'f64', false);
    const properties: SystemProperty[] = ['forces'];
    const system = await calculator.bind([members[1]!], { properties });
    properties.push('stress');
    expect(Object.keys(await system.compute())).toEqual(['energies', 'forces']);
    const misnamed = { stress: new Float64Array(9) } as Partial<SystemArrays>;
    await expect(system.compute({ into: misnamed })).rejects.toThrow(/into.stress: there is no such array.*stresses/);
    const list = { energies: [0] as unknown as Float64Array };
    await expect(system.compute({ into: list })).rejects.toThrow(/a Float64Array of 1 values, got Array/);
    await expect(calculator.bind([members[1]!], { properties: ['energy' as 'forces'] })).rejects.toThrow(
      /no property energy/,
    );
    const halves = [...system.order].map((atom) => atom + 0.5) as unknown as Int32Array;
    await expect(calculator.bind([members[1]!], { order: halves })).rejects.toThrow(/does not have each of them once/);
    await calculator.dispose();
  });
});

test('atoms in one place are refused as often as they are computed', async () => {
  const calculator = await calculatorOf(reference(), 'f64', false);
  const [z] = config.atomicNumbers;
  const pair = makeStructure({ numbers: [z!, z!], positions: [0, 0, 0, 1, 0, 0] });
  const system = await calculator.bind([pair, pair], { skin: 3 });
  system.update([0, 0, 0, 5e-7, 0, 0, 0, 0, 0, 1.2, 0, 0]);
  for (let time = 0; time < 2; time++) await expect(system.compute()).rejects.toThrow(/in one place/);
  await calculator.dispose();
});
