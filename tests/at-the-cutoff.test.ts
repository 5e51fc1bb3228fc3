/**
 * Pairs of atoms just beyond the cutoff, which are in a list with a skin. In float32 such a distance may round to below the cutoff, and
 * what rounding leaves of the envelope counts; so all lists have those pairs, and bits do not depend on the skin.
 */
import { expect, test } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, reference, type System } from '@mace/core';
import { deterministicModel, seededRandom, tinyModels } from '@mace/core/generators';
import { makeStructure } from '@mace/core/structure';

const { config } = tinyModels.A;
const model = deterministicModel(config);
const [z, other] = config.atomicNumbers as [number, number];

/** The next number in float64. */
function above(x: number): number {
  const bits = new BigInt64Array(Float64Array.of(x).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
}

/** Two atoms so far beyond the cutoff (0: as little as float64 can say), in some direction, and one near the first. */
function places(beyond: number, direction: readonly number[]): number[] {
  const [x, y, w] = direction.map((one) => (one / Math.hypot(...direction)) * (config.cutoff + beyond)) as [
    number,
    number,
    number,
  ];
  let far = x;
  while (Math.hypot(far, y, w) <= config.cutoff) far = above(far);
  return [0, 0, 0, far, y, w, -0.4, 0.9, 0.3];
}

async function numbersOf(system: System, positions: readonly number[]): Promise<number[]> {
  system.update(positions);
  const { energies, forces } = await system.compute();
  return [...energies, ...forces!].map((x) => x + 0);
}

const random = seededRandom(3);
/** Of some the distance rounds up, of a fifth down. */
const directions = Array.from({ length: 60 }, () => [0.2 + random(), random() - 0.5, random() - 0.5]);

const backends = { wasm: () => wasm({ threads: 1 }), reference };
const cases = (['wasm', 'reference'] as const).flatMap((backend) =>
  (['f64', 'f32'] as const).flatMap((precision) =>
    [false, true].map((tables) => [backend, precision, tables ? 'tables' : 'exact', tables] as const),
  ),
);

test.each(cases)('%s, %s, %s', async (backend, precision, _what, tables) => {
  const calculator = await createCalculator({ model, backend: backends[backend](), precision, tables });
  const structure = makeStructure({ numbers: [z, other, z], positions: places(0.1, [1, 1, 1]) });
  const plain = await calculator.bind([structure], { skin: 0 });
  const skinned = await calculator.bind([structure], { skin: 0.5, order: plain.order });
  for (const beyond of [0, 1e-9, 1e-8, 3e-7]) {
    let apart = 0;
    let size = 0;
    // The reference is slow; of so many some round down, too.
    for (const direction of backend === 'reference' ? directions.slice(0, 20) : directions) {
      const positions = places(beyond, direction);
      const [one, two] = [await numbersOf(plain, positions), await numbersOf(skinned, positions)];
      size = Math.max(size, ...one.map(Math.abs));
      one.forEach((value, i) => (apart = Math.max(apart, Math.abs(value - two[i]!))));
    }
    expect(size).toBeGreaterThan(0.1);
    expect(apart, `${beyond} Å beyond the cutoff`).toBe(0);
  }
  // The lists are what this is about.
  expect([plain.skin, skinned.skin]).toEqual([0, 0.5]);
  await calculator.dispose();
});
