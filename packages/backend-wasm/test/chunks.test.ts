// Where structures are cut: in the same way alone and among others, never where a small one would be torn.
import { describe, expect, it } from 'vitest';
import { indexMapValues, type BoundSizes } from '@mace/core/backend';
import { chunkOrder, chunksOf, chunkWords } from '../src/chunks.js';

/** A ring of atoms, each with edges from its two neighbors; sorted by receiver. */
function ring(atoms: number, first = 0): [sender: number, receiver: number][] {
  if (atoms < 3) return [];
  return Array.from({ length: atoms }, (_, i) => [
    [first + ((i + 1) % atoms), first + i] as [number, number],
    [first + ((i + atoms - 1) % atoms), first + i] as [number, number],
  ]).flat();
}

/** Rings of these sizes beside each other. */
function inputs(sizes: readonly number[], edges?: [number, number][]): BoundSizes {
  let atoms = 0;
  const all = edges ?? [];
  for (const size of sizes) {
    if (!edges) all.push(...ring(size, atoms));
    atoms += size;
  }
  const map = (end: 0 | 1) =>
    indexMapValues(
      Int32Array.from(all, (edge) => edge[end]),
      atoms,
    );
  const borders = Int32Array.from([0, ...sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b, 0))]);
  const maps = new Map([
    ['sender', map(0)],
    ['receiver', map(1)],
  ]);
  return { dims: { atoms, edges: all.length, graphs: sizes.length }, maps, borders };
}

function chunks(bound: BoundSizes, atomsPerChunk = 8) {
  const found = chunksOf(bound, 'receiver', ['sender'], atomsPerChunk);
  const rows = Array.from({ length: found.count }, (_, i) => [
    ...found.words.subarray(i * chunkWords, (i + 1) * chunkWords),
  ]) as [number, number, number, number, number, number][];
  return { ...found, rows, atoms: rows.map(([from, to]) => to - from) };
}

describe('chunks', () => {
  it.each([
    [
      [5, 2, 3],
      [7, 3],
    ],
    [[30], [8, 8, 8, 6]],
    [
      [3, 30, 3],
      [3, 8, 8, 8, 6, 3],
    ],
    [[11], [11]],
    [
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      [8, 2],
    ],
    [[], [0]],
  ])('of rings of %j atoms have %j', (sizes, expected) => {
    expect(chunks(inputs(sizes)).atoms).toEqual(expected);
  });

  it('cover all atoms and edges, each edge with the atom that owns it', () => {
    const bound = inputs([4, 30, 9]);
    const { rows } = chunks(bound);
    let [atom, edge] = [0, 0];
    for (const [a, b, c, d] of rows) {
      expect([a, c]).toEqual([atom, edge]);
      const owners = [...bound.maps.get('receiver')!.values.subarray(c, d)];
      expect(owners.every((owner) => owner >= a && owner < b)).toBe(true);
      [atom, edge] = [b, d];
    }
    expect([atom, edge]).toEqual([bound.dims.atoms, bound.dims.edges]);
  });

  it('list once each atom that they add to', () => {
    const bound = inputs([30]);
    const { rows, halo, haloRows, most } = chunks(bound);
    const senders = bound.maps.get('sender')!.values;
    for (const [, , from, to, first, last] of rows) {
      const own = haloRows.subarray(first, last);
      expect(new Set(own).size).toBe(own.length);
      for (let e = from; e < to; e++) expect(own[halo.get('sender')![e]!]).toBe(senders[e]);
    }
    expect(most).toEqual({ atoms: 8, edges: 16, halo: 10 });
  });

  it('are one where edges are not in the order of their owners', () => {
    const edges = ring(30).reverse();
    expect(chunks(inputs([30], edges)).atoms).toEqual([30]);
  });

  it('have their rows grouped by target', () => {
    const bound = inputs([30]);
    const species = indexMapValues(
      Int32Array.from({ length: 30 }, (_, i) => (7 * i) % 3),
      3,
    );
    const found = chunks(bound);
    const order = chunkOrder(species, found, 'atoms');
    for (const [from, to] of found.rows) {
      const part = [...order.subarray(from, to)];
      expect([...part].sort((a, b) => a - b)).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
      const kinds = part.map((row) => species.values[row]!);
      expect(kinds).toEqual([...kinds].sort());
    }
  });
});
