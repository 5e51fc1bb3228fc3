/** Batches that are refilled: order, failures, what is read ahead, and that nothing stays bound. */
import { describe, expect, test } from 'vitest';
import { StructureError, type CancelledError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { bindingOf } from '../testing/binding.js';
import { atomsOf } from '../testing/potentials.js';
import { batched, type BatchOptions, type Given } from './batcher.js';
import type { Computed } from '../relaxation/relaxation.js';
import type { Mover } from './mover.js';

/** Goes so many steps of 1 Å. */
class Walk implements Mover {
  readonly energies: number[] = [];

  constructor(
    public structure: Structure,
    readonly steps: number,
    readonly failsAt = Infinity,
  ) {}

  step({ energy }: Computed): boolean {
    this.energies.push(energy);
    if (this.energies.length > this.failsAt) throw new StructureError('a failure of its own');
    if (this.energies.length > this.steps) return false;
    this.structure = { ...this.structure, positions: this.structure.positions.map((x, i) => (i === 0 ? x + 1 : x)) };
    return true;
  }
}

/** The sum of coordinates; undefined beyond 100 Å. */
const sum = bindingOf.bind(null, (x, forces) => {
  forces.fill(-1);
  const energy = x.reduce((all, xi) => all + xi, 0);
  return energy > 100 ? NaN : energy;
});

const walk = (steps: number, start = 0, atoms = 2): Walk =>
  new Walk(
    atomsOf(8, atoms, (i) => (i === 0 ? start : 0)),
    steps,
  );
const give = (...movers: Walk[]): Given<Walk>[] => movers.map((mover) => ({ mover }));

async function outcomes(
  input: Parameters<typeof batched<Walk>>[1],
  options?: BatchOptions,
  binding = sum(),
): Promise<string[]> {
  const found: string[] = [];
  for await (const one of batched(binding, input, options))
    found.push(`${one.index} ${'error' in one ? one.error.message : one.mover.energies.join()}`);
  expect(binding.open).toBe(0);
  return found;
}

test('outcomes come in the order of the input, each as if it were alone', async () => {
  const walks = Array.from({ length: 40 }, (_, i) => ({ steps: (7 * i) % 11, start: i, atoms: 1 + (i % 3) }));
  const movers = (): Given<Walk>[] => give(...walks.map(({ steps, start, atoms }) => walk(steps, start, atoms)));
  const binding = sum();
  const together = await outcomes(movers(), { batchAtoms: 12 }, binding);
  expect(Math.max(...binding.sizes)).toBeGreaterThan(3);
  expect(together).toEqual(await outcomes(movers(), { batchAtoms: 1 }));
  expect(together[3]).toBe(
    '3 3,4,5,6,7,8,9,10,11,12,13'
      .split(',')
      .slice(0, walks[3]!.steps + 1)
      .join(),
  );
});

describe('what fails keeps its reason, and the others go on', () => {
  test('at the start, while it is computed, by itself, and before it enters', async () => {
    const input: Given<Walk>[] = [
      ...give(walk(3), new Walk(atomsOf(9, 2), 3), walk(2, 99.5), new Walk(atomsOf(8, 2), 5, 2)),
      { error: new StructureError('not readable') },
      ...give(walk(1, 5)),
    ];
    expect(await outcomes(input)).toEqual([
      '0 0,1,2,3',
      '1 Element that the model does not cover.',
      '2 energy = NaN is not a finite number.',
      '3 a failure of its own',
      '4 not readable',
      '5 5,6',
    ]);
  });

  test('positions that are no numbers are those of one structure', async () => {
    const lost = walk(2);
    lost.step = () => ((lost.structure = atomsOf(8, 2, () => NaN)), true);
    expect(await outcomes(give(walk(1), lost, walk(2)))).toEqual([
      '0 0,1',
      '1 energy = NaN is not a finite number.',
      '2 0,1,2',
    ]);
  });

  test('an input that breaks off does so after what stands before it', async () => {
    const found: number[] = [];
    const input = async function* (): AsyncGenerator<Given<Walk>> {
      yield* give(walk(4), walk(1));
      throw new Error('the file ends too early');
    };
    const run = async (): Promise<void> => {
      for await (const { index } of batched(sum(), input())) found.push(index);
    };
    await expect(run()).rejects.toThrow('the file ends too early');
    expect(found).toEqual([0, 1]);
  });

  test('what is no matter of a structure ends all', async () => {
    const binding = sum();
    binding.bind = async () => Promise.reject(new Error('no device'));
    await expect(outcomes(give(walk(1)), {}, binding)).rejects.toThrow('no device');
  });
});

test.each([
  ['structures', (i: number): Given<Walk> => ({ mover: walk(i === 0 ? 60 : 0) })],
  ['failures', (i: number): Given<Walk> => (i === 0 ? { mover: walk(60) } : { error: new StructureError('none') })],
])('no more %s are read than the window holds while the first is on its way', async (_, given) => {
  let read = 0;
  const input = function* (): Generator<Given<Walk>> {
    for (; read < 1000; ) yield given(read++);
  };
  const binding = sum();
  const outputs = batched(binding, input(), { batchAtoms: 8, aheadAtoms: 32 });
  expect((await outputs.next()).value).toMatchObject({ index: 0 });
  expect(read).toBeLessThanOrEqual(33);
  await outputs.return();
  expect(binding.open).toBe(0);
  expect(read).toBeLessThan(1000);
});

test('nothing gives nothing; a structure larger than a batch is computed alone', async () => {
  expect(await outcomes([])).toEqual([]);
  const binding = sum();
  expect(await outcomes(give(walk(0), walk(0, 1, 50), walk(0)), { batchAtoms: 4 }, binding)).toEqual([
    '0 0',
    '1 1',
    '2 0',
  ]);
  expect(binding.sizes).toEqual([1, 1, 1]);
});

test('a batch stops when asked to, and lets go of its structures', async () => {
  const cancellation = { aborted: false };
  const mover = walk(100);
  const step = mover.step.bind(mover);
  mover.step = (found) => ((cancellation.aborted = mover.energies.length === 3), step(found));
  await expect(outcomes(give(mover), { cancellation })).rejects.toMatchObject({
    code: 'cancelled',
  } satisfies Partial<CancelledError>);
});

test.each([{ batchAtoms: 0 }, { aheadAtoms: 1.5 }])('%j is refused', async (options) => {
  await expect(outcomes([], options)).rejects.toThrow(/Atoms is [\d.]+; expected a whole number from 1 on/);
});
