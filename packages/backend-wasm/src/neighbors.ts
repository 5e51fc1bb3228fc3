/** The contract's `neighbors`: the grid is made by core, the pairs are found in WebAssembly. */
import type { NeighborEdges, NeighborRequest } from '@mace/core/backend';
import {
  coincidence,
  findNeighbors,
  makeStructure,
  neighborGrid,
  refuseSize,
  type NeighborGrid,
} from '@mace/core/structure';
import type { Arena, Block } from './arena.js';
import { encodeModule } from './encoder/module-builder.js';
import { mostCellsAway, neighborSearch, searchOperands } from './kernels/neighbor-search.js';

type Search = (...operands: number[]) => void;

/** More than these go to the host's search: they would take most of what 32-bit addresses reach. */
const mostEdges = 2 ** 26;
/** Bins of an atom; more, as in a skewed cell, go to the host's search, which narrows windows as it goes. */
const mostBinsPerAtom = 1e5;
/** Atoms that are looked at in one call of the kernel, as far as so many calls do. */
const atomsAtOnce = 1e9;
const mostCalls = 1000;
/** Bins along an edge, with which the kernel's 32-bit numbers hold the cells that it may be away. */
const mostBins = 2 ** 18;

export class Neighbors {
  #search: Promise<Search> | undefined;

  constructor(readonly arena: Arena) {}

  /**
   * Sorted by receiver, sender, shift, with the bits of `findNeighbors`.
   * @throws StructureError for what is no structure or has two atoms in one place, UnsupportedError (`size`) for more than can be
   *   searched, DeviceError without memory
   */
  async find(request: NeighborRequest): Promise<NeighborEdges> {
    const { pbc, cell, cutoff, skin = 0 } = request;
    const positions = Float64Array.from(request.positions);
    const atoms = positions.length / 3;
    const reach = cutoff + skin;
    const structure = makeStructure({ numbers: new Array<number>(atoms).fill(1), positions, cell, pbc });
    // An impossible cutoff gets the error of the host's search, and no atoms need none.
    if (atoms === 0 || !(reach > 0 && Number.isFinite(reach))) return findNeighbors(structure, reach);
    const grid = neighborGrid(structure, reach);
    const { proposed, fullest, cellsAway, counts: bins, maximumEdges } = grid;
    if (proposed > mostBinsPerAtom * atoms || cellsAway >= mostCellsAway || bins.some((count) => count > mostBins))
      return findNeighbors(structure, reach);
    const search = await (this.#search ??= this.#compile());
    return this.arena.alone(async () => {
      const blocks: Block[] = [];
      try {
        const given = this.#given(grid, positions, reach, blocks);
        const run = (writes: number, begin: number, end: number, outputs: Partial<Operands>): void => {
          const all = { ...given, ...outputs, begin, end, writes } as Operands;
          search(...searchOperands.map((name) => all[name] ?? 0));
        };
        const { buffer } = this.arena.memory;
        const found = new Int32Array(buffer, given.counts, atoms);
        // Between calls there is time to see that atoms crowd.
        const step = Math.ceil(atoms / Math.min(mostCalls, Math.ceil((proposed * fullest) / atomsAtOnce)));
        for (let begin = 0; begin < atoms; begin += step) {
          run(0, begin, Math.min(begin + step, atoms), {});
          const coincide = new Int32Array(buffer, given.coincide, 1)[0] !== 0;
          const edges = found.reduce((sum, count) => sum + count, 0);
          if (edges > maximumEdges) refuseSize(structure, reach, `more than ${edges}`, maximumEdges);
          if (coincide) return findNeighbors(structure, reach);
        }
        const edges = firstEdges(found);
        if (edges > mostEdges) return findNeighbors(structure, reach);
        const place = (bytes: number): number => this.#allocate(bytes, blocks);
        const outputs = { sender: place(4 * edges), shifts: place(12 * edges), vectors: place(24 * edges) };
        const offsets = new Int32Array(this.arena.memory.buffer, given.counts, atoms).slice();
        run(1, 0, atoms, outputs);
        const memory = this.arena.memory.buffer;
        const receiver = new Int32Array(edges);
        offsets.forEach((first, atom) => receiver.fill(atom, first, offsets[atom + 1] ?? edges));
        return {
          sender: new Int32Array(memory, outputs.sender, edges).slice(),
          receiver,
          shifts: new Int32Array(memory, outputs.shifts, 3 * edges).slice(),
          vectors: new Float64Array(memory, outputs.vectors, 3 * edges).slice(),
        };
      } finally {
        for (const block of blocks) this.arena.free(block);
      }
    });
  }

  /** Copies what the search reads, by place where it reads much of it, and clears what it counts. */
  #given(grid: NeighborGrid, positions: Float64Array, reach: number, blocks: Block[]): Given {
    const { counts, starts, atoms, windows, wrapped, wraps, cell } = grid;
    const count = atoms.length;
    const put = (values: Int32Array | Float64Array): number => {
      const address = this.#allocate(values.byteLength, blocks);
      new Uint8Array(this.arena.memory.buffer).set(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        address,
      );
      return address;
    };
    const places = new Int32Array(count);
    atoms.forEach((atom, place) => (places[atom] = place));
    const byPlace = <T extends Int32Array | Float64Array>(rows: T, width: number): T => {
      const sorted = rows.slice() as T;
      atoms.forEach((atom, place) => sorted.set(rows.subarray(atom * width, (atom + 1) * width), place * width));
      return sorted;
    };
    const squares = [grid.reach, reach, coincidence].map((distance) => distance * distance);
    return {
      bins0: counts[0],
      bins1: counts[1],
      bins2: counts[2],
      starts: put(starts),
      atoms: put(atoms),
      places: put(places),
      windows: put(byPlace(windows, 6)),
      wrapped: put(byPlace(wrapped, 3)),
      positions: put(byPlace(positions, 3)),
      wraps: put(byPlace(wraps, 3)),
      constants: put(Float64Array.of(...cell, ...squares)),
      counts: put(new Int32Array(count)),
      coincide: put(new Int32Array(1)),
    };
  }

  #allocate(bytes: number, blocks: Block[]): number {
    const block = this.arena.allocate(bytes);
    blocks.push(block);
    return block.address;
  }

  async #compile(): Promise<Search> {
    const { memory, shared, maximumPages: maximum } = this.arena;
    const bytes = encodeModule({ shared, maximum }, [], { search: neighborSearch() });
    const { instance } = await WebAssembly.instantiate(bytes, { host: { memory } });
    return instance.exports.search as Search;
  }
}

type Operands = Record<(typeof searchOperands)[number], number>;
type Given = Omit<Operands, 'begin' | 'end' | 'writes' | 'sender' | 'shifts' | 'vectors'>;

/** Counts become the first edge of each receiver; gives the sum. */
function firstEdges(counts: Int32Array): number {
  let edges = 0;
  counts.forEach((count, atom) => {
    counts[atom] = edges;
    edges += count;
  });
  return edges;
}
