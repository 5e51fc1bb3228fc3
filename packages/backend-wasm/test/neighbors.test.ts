// The neighbors found in WebAssembly are those of core: same order, same bits, same refusals.
import { afterAll, describe, expect, test } from 'vitest';
import type { Backend } from '@mace/core/backend';
import { seededRandom } from '@mace/core/generators';
import { findNeighbors, makeStructure, type Structure } from '@mace/core/structure';
import { wasm } from '@mace/backend-wasm';

const opened = [1, 2].map((threads) => wasm({ threads }).create());
afterAll(async () => {
  for (const backend of opened) await (await backend).dispose();
});

const cases = Array.from({ length: 240 }, (_, i) => randomCase(i));

function randomCase(seed: number): { structure: Structure; cutoff: number; skin: number } {
  const random = seededRandom(seed + 1);
  const atoms = 1 + Math.floor(random() * 14);
  // Skewed, and often thin beside the cutoff; atoms far outside of the cell.
  const cell = Float64Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 2.2 + 5 * random() : 3 * (random() - 0.5)));
  const positions = Float64Array.from({ length: 3 * atoms }, () => 25 * (random() - 0.5));
  const pbc = [0, 1, 2].map((k) => ((seed >> k) & 1) === 1) as [boolean, boolean, boolean];
  const structure = makeStructure({
    numbers: new Array<number>(atoms).fill(1),
    positions,
    cell: pbc.some(Boolean) ? cell : null,
    pbc,
  });
  return { structure, cutoff: 2 + 4 * random(), skin: seed % 3 === 0 ? random() : 0 };
}

async function found(backend: Backend, { positions, cell, pbc }: Structure, cutoff: number, skin: number) {
  const { sender, receiver, shifts, vectors } = await backend.neighbors!({ positions, cell, pbc, cutoff, skin });
  return { sender, receiver, shifts, vectors };
}

describe('neighbors of the backend wasm', () => {
  for (const [i, threads] of ['one thread', 'two threads'].entries()) {
    test(`are those of core on ${cases.length} cells of every periodicity, with ${threads}`, async () => {
      const backend = await opened[i]!;
      let edges = 0;
      for (const { structure, cutoff, skin } of cases) {
        const { sender, receiver, shifts, vectors } = findNeighbors(structure, cutoff + skin);
        expect(await found(backend, structure, cutoff, skin)).toEqual({ sender, receiver, shifts, vectors });
        edges += sender.length;
      }
      expect(edges).toBeGreaterThan(10_000);
      expect(backend.memory().liveBytes).toBe(0);
    });
  }

  test('take positions of either kind, none, and searches at once', async () => {
    const backend = await opened[0]!;
    const { structure, cutoff } = cases[7]!;
    const rounded = Float32Array.from(structure.positions);
    const { positions: _, ...rest } = structure;
    const wanted = findNeighbors({ ...rest, positions: Float64Array.from(rounded) }, cutoff);
    const request = { positions: rounded, cell: structure.cell, pbc: structure.pbc, cutoff };
    const all = await Promise.all(Array.from({ length: 4 }, () => backend.neighbors!(request)));
    for (const one of all) expect(one.vectors).toEqual(wanted.vectors);
    const none = await backend.neighbors!({ ...request, positions: new Float64Array(0) });
    expect(none.sender).toHaveLength(0);
  });

  test('refuse what core refuses, and lose nothing', async () => {
    const backend = await opened[0]!;
    const two = Float64Array.of(0, 0, 0, 0, 0, 1e-9);
    const bare = { cell: null, pbc: [false, false, false] as const };
    await expect(backend.neighbors!({ positions: two, ...bare, cutoff: 3 })).rejects.toThrow(/coincide/);
    await expect(backend.neighbors!({ positions: two, ...bare, cutoff: -1 })).rejects.toThrow(/positive cutoff/);
    const flat = { cell: new Float64Array(9), pbc: [true, true, true] as const };
    await expect(backend.neighbors!({ positions: two, ...flat, cutoff: 3 })).rejects.toThrow(/cell/);
    expect(backend.memory().liveBytes).toBe(0);
  });

  const cube = (side: number): number[] => [side, 0, 0, 0, side, 0, 0, 0, side];
  const periodic = [true, true, true] as const;

  test.each([
    ['tiny', cube(1e-5), /at most 100000 edges/],
    ['small', cube(0.01), /at most 100000 edges/],
    ['nearly flat', [5, 0, 0, 5, 1e-7, 0, 0, 0, 5], /at most 100000 edges/],
    ['skewed by 100 million cells', [5, 0, 0, 4e8, 5, 0, 0, 0, 5], /too skewed/],
    ['huge', cube(1e160), /longer than 1e\+100/],
  ])('refuse a cell that is %s', async (_, cell, message) => {
    const backend = await opened[0]!;
    const request = { positions: Float64Array.of(0, 0, 0), cell: Float64Array.from(cell), pbc: periodic, cutoff: 5 };
    await expect(backend.neighbors!(request)).rejects.toThrow(message);
    expect(backend.memory().liveBytes).toBe(0);
  });

  test('are those of core in skewed, thin and wide cells', async () => {
    const backend = await opened[0]!;
    const one = { numbers: [1], positions: [0, 0, 0] };
    const two = { numbers: [1, 1], positions: [0, 0, 0, 0, 0, 1] };
    for (const structure of [
      makeStructure({ ...one, cell: [5, 0, 0, 5e6, 5, 0, 0, 0, 5], pbc: true }),
      makeStructure({ ...one, cell: [5, 0, 0, 5e3, 5, 0, 0, 0, 5], pbc: true }),
      makeStructure({ ...one, cell: cube(1e-3), pbc: [false, false, true] }),
      makeStructure({ ...two, cell: cube(1e15), pbc: true }),
      makeStructure({ ...two, cell: cube(1e100), pbc: true }),
    ]) {
      const { sender, receiver, shifts, vectors } = findNeighbors(structure, 5.1);
      expect(sender.length).toBeGreaterThan(1);
      expect(await found(backend, structure, 5.1, 0)).toEqual({ sender, receiver, shifts, vectors });
    }
  });

  test('stop where atoms crowd in a corner that is less than one bin of an empty cell', async () => {
    const backend = await opened[0]!;
    const random = seededRandom(9);
    const atoms = 50_000;
    const positions = Float64Array.from({ length: 3 * atoms }, () => 2 * random());
    const request = { positions, cell: Float64Array.from(cube(1e6)), pbc: periodic, cutoff: 5 };
    await expect(backend.neighbors!(request)).rejects.toThrow(/edges, found more than/);
    expect(backend.memory().liveBytes).toBe(0);
  });
});
