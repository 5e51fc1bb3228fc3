/**
 * Chunks of atoms: ranges that follow each other, with the edges that their atoms own. Where they are cut depends on nothing
 * but the structure at hand, so a structure gives the same bits alone and among others.
 */
import type { BoundSizes, IndexMapValues } from '@mace/core/backend';

/** Words that describe a chunk: its atoms, its edges, the rows that it adds to; each from and to. */
export const chunkWords = 6;

/** Fewer than these at the end of a structure go with the chunk before. */
const fewest = 4;

export interface Chunks {
  readonly count: number;
  /** For each chunk first and end of its atoms, its edges, the rows that it adds to. */
  readonly words: Int32Array;
  /** Largest number of each in a chunk. */
  readonly most: { readonly atoms: number; readonly edges: number; readonly halo: number };
  /** The atoms that chunks add to, chunk by chunk. */
  readonly haloRows: Int32Array;
  /** For each edge the place of its target among those of its chunk, by the name of the map. */
  readonly halo: ReadonlyMap<string, Int32Array>;
}

/**
 * @param owner - the map from edges to the atoms that own them
 * @param scattered - those along which chunks add to other atoms
 * @param atomsPerChunk - few enough for the cache, enough for products with matrices
 */
export function chunksOf(
  { dims, maps, borders }: BoundSizes,
  owner: string | null,
  scattered: readonly string[],
  atomsPerChunk: number,
): Chunks {
  const owned = owner === null ? undefined : maps.get(owner);
  const starts = borders ?? Int32Array.of(0, dims.atoms);
  const stops = owned && isSorted(owned.values) ? cuts(starts, dims.atoms, atomsPerChunk) : [dims.atoms];
  const words = new Int32Array(stops.length * chunkWords);
  const most = { atoms: 0, edges: 0, halo: 0 };
  const halo = new Map(scattered.map((name) => [name, new Int32Array(dims.edges)]));
  const rows: number[] = [];
  const placeOf = new Int32Array(dims.atoms);
  const seenIn = new Int32Array(dims.atoms).fill(-1);
  let [atom, edge] = [0, 0];
  stops.forEach((end, chunk) => {
    const lastEdge = stops.length === 1 ? dims.edges : owned!.offsets[end]!;
    const firstRow = rows.length;
    for (const [name, places] of halo) {
      const { values } = maps.get(name)!;
      for (let e = edge; e < lastEdge; e++) {
        const target = values[e]!;
        if (seenIn[target] !== chunk) {
          seenIn[target] = chunk;
          placeOf[target] = rows.push(target) - 1 - firstRow;
        }
        places[e] = placeOf[target]!;
      }
    }
    words.set([atom, end, edge, lastEdge, firstRow, rows.length], chunk * chunkWords);
    most.atoms = Math.max(most.atoms, end - atom);
    most.edges = Math.max(most.edges, lastEdge - edge);
    most.halo = Math.max(most.halo, rows.length - firstRow);
    [atom, edge] = [end, lastEdge];
  });
  return { count: stops.length, words, most, haloRows: Int32Array.from(rows), halo };
}

/** The rows of each chunk, grouped by their targets: `order` of a map, chunk by chunk. */
export function chunkOrder(
  { values, order }: IndexMapValues,
  { count, words }: Chunks,
  dim: 'atoms' | 'edges',
): Int32Array {
  if (count === 1) return order;
  const first = dim === 'atoms' ? 0 : 2;
  const sorted = Int32Array.from(values, (_, row) => row);
  for (let chunk = 0; chunk < count; chunk++) {
    const [from, to] = [words[chunk * chunkWords + first]!, words[chunk * chunkWords + first + 1]!];
    sorted.subarray(from, to).sort((a, b) => values[a]! - values[b]! || a - b);
  }
  return sorted;
}

function isSorted(values: Int32Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) return false;
  return true;
}

/**
 * Ends of the chunks. Small structures share one and are never torn apart; a large one is cut at multiples of the size of a chunk,
 * counted from its own first atom, and shares none.
 */
function cuts(borders: Int32Array, atoms: number, atomsPerChunk: number): number[] {
  const ends: number[] = [];
  // Chunks end at `open`; structures from there on wait for company.
  let open = 0;
  for (let structure = 0; structure + 1 < borders.length; structure++) {
    const [start, end] = [borders[structure]!, borders[structure + 1]!];
    if (end - open > atomsPerChunk && start > open) {
      ends.push(start);
      open = start;
    }
    while (end - open >= atomsPerChunk + fewest && open >= start) ends.push((open += atomsPerChunk));
    if (open > start) {
      ends.push(end);
      open = end;
    }
  }
  if (open < atoms || atoms === 0) ends.push(atoms);
  return ends;
}
