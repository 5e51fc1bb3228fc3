/** Consecutive structures of a batch, as inputs of a run of their own; edge vectors are those of the batch, in place. */
import { indexMapValues, type IndexMapValues, type RealArray } from '../backend/index.js';
import type { MaceConfig } from '../model/index.js';
import type { Batch } from './batch.js';

export type BatchRange = Pick<Batch, 'edges' | 'inputs' | 'elements' | 'heads'>;

/** Structures `from` to `to`. */
export function rangeOf(config: MaceConfig, batch: Batch, from: number, to: number): BatchRange {
  if (from === 0 && to === batch.structures.length) return batch;
  const { edges, inputs } = batch;
  const [atom, lastAtom] = [edges.graph.offsets[from]!, edges.graph.offsets[to]!];
  const [edge, lastEdge] = [edges.edgeOffsets[from]!, edges.edgeOffsets[to]!];
  const [atoms, graphs] = [lastAtom - atom, to - from];
  const rows = { atom: [atom, lastAtom], graph: [from, to] } as const;
  const numberedFrom = (
    { values }: IndexMapValues,
    [first, last]: readonly [number, number],
    zero: number,
    of: number,
  ) =>
    indexMapValues(
      values.subarray(first, last).map((value) => value - zero),
      of,
    );
  const targets = ({ offsets }: IndexMapValues): number => offsets.length - 1;
  const own = {
    sender: numberedFrom(edges.sender, [edge, lastEdge], atom, atoms),
    receiver: numberedFrom(edges.receiver, [edge, lastEdge], atom, atoms),
    graph: numberedFrom(edges.graph, rows.atom, from, graphs),
  };
  const { species, head } = inputs.maps as Record<string, IndexMapValues>;
  const maps: Record<string, IndexMapValues> = {
    ...own,
    species: numberedFrom(species!, rows.atom, 0, targets(species!)),
    head: numberedFrom(head!, rows.graph, 0, targets(head!)),
  };
  const vectors = edges.vectors.subarray(3 * edge, 3 * lastEdge);
  const values: Record<string, RealArray> = { edgeVectors: vectors };
  for (const { name, per } of config.embeddings) {
    const [first, last] = rows[per];
    const [map, value] = [inputs.maps[name], inputs.values[name] as RealArray | undefined];
    if (map) maps[name] = numberedFrom(map, [first, last], 0, targets(map));
    if (value) {
      const width = value.length / (per === 'atom' ? edges.atoms : edges.graphs);
      values[name] = value.subarray(first * width, last * width);
    }
  }
  return {
    edges: {
      ...own,
      atoms,
      graphs,
      edges: lastEdge - edge,
      vectors,
      shifts: edges.shifts.subarray(3 * edge, 3 * lastEdge),
      edgeOffsets: edges.edgeOffsets.subarray(from, to + 1).map((first) => first - edge),
    },
    elements: occurring(maps.species!),
    heads: occurring(maps.head!),
    inputs: { dims: { atoms, edges: lastEdge - edge, graphs }, maps, borders: own.graph.offsets, values },
  };
}

/** Targets that occur, ascending. */
function occurring({ values }: IndexMapValues): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
