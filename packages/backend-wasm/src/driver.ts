/**
 * The code that runs a phase for one chunk: it calls the kernels of the phase, each on the rows of the chunk. What lies where it
 * reads from a list of numbers, so the same code serves all sizes.
 */
import type { Node } from '@mace/core/ir';
import { i32, type Expression } from './encoder/expressions.js';
import type { FunctionBuilder, Local } from './encoder/function-builder.js';
import { chunkWords } from './chunks.js';
import type { Emitter, Place } from './emitter.js';
import { writeEdgeVectors } from './kernels/edge-vectors.js';
import { runtimeDims } from './kernels/kernel-set.js';
import { wordOf } from './kernels/rows.js';

/** Words at the start of the list: sizes, where the chunks are described, where threads have their room and how much each. */
export const header = ['atoms', 'edges', 'graphs', 'chunks', 'threads', 'perThread'] as const;

/** What lies where in the list: the number of the word that holds the address of each place. */
export class AddressList {
  readonly #words = new Map<string, number>();

  /** The word of a place. In a chunk's room the address is from the start of the room. */
  word(place: Place): number {
    const key = keyOf(place);
    const known = this.#words.get(key);
    if (known !== undefined) return known;
    const word = header.length + this.#words.size;
    this.#words.set(key, word);
    return word;
  }

  /** Key and word of every place. */
  get entries(): Iterable<[string, number]> {
    return this.#words;
  }

  get length(): number {
    return header.length + this.#words.size;
  }
}

/** The name of a place among all places. */
export function keyOf(place: Place): string {
  switch (place.kind) {
    case 'slot':
      return `slot ${place.slot}`;
    case 'room':
      return `room ${place.room}`;
    case 'map':
      return `map ${place.map} ${place.part}`;
  }
}

export const phaseName = (phase: number): string => `phase${phase}`;
export const commitName = (phase: number): string => `commit${phase}`;
export const chunksName = (phase: number): string => `chunks${phase}`;

/**
 * Writes `phaseN` for every phase by rows, and `commitN` where it has scattered values: that adds what the chunk has for rows of
 * all atoms to these. Both take the list, the number of the thread and the number of the chunk. `chunksN` is for one thread alone:
 * it takes the list, the first chunk and the end, and does both for each.
 */
export function writeDrivers(emitter: Emitter, list: AddressList): void {
  const { kernels, plan, phases } = emitter;
  writeEdgeVectors(kernels);
  phases.forEach(({ byRows }, phase) => {
    const scattered = plan.phases[phase]!.steps.flatMap(({ node }) => (plan.scattered.has(node) ? [node] : []));
    if (byRows.length === 0) return;
    kernels.driver(phaseName(phase), 3, (f) => {
      const at = rangesOf(f);
      for (const node of scattered) {
        const rows = i32.sub(at.halo[1], at.halo[0]);
        f.clear(address(emitter, list, at, haloPlace(emitter, node)), i32.mul(rows, i32.of(rowBytes(emitter, node))));
      }
      for (const { kernel, units, places } of byRows) {
        const [dim] = units.dims as readonly ['atoms' | 'edges'];
        const [begin, end] = at[dim].map((limit) => i32.mul(limit, i32.of(units.factor))) as [Expression, Expression];
        const sizes = runtimeDims.map((_, i) => i32.load(at.list, 4 * i));
        const addresses = places.map((place) => address(emitter, list, at, place));
        f.call(kernels.indexOf(kernel), begin, end, ...sizes, ...addresses);
      }
    });
    if (scattered.length > 0) writeCommit(emitter, list, phase, scattered);
    kernels.driver(chunksName(phase), 3, (f) => {
      const [at, first, end] = f.parameters as [Local, Local, Local];
      const chunk = f.local('i32');
      f.loop(chunk, first, end, 1, () => {
        f.call(kernels.indexOf(phaseName(phase)), at, i32.of(0), chunk);
        if (scattered.length > 0) f.call(kernels.indexOf(commitName(phase)), at, i32.of(0), chunk);
      });
    });
  });
}

function writeCommit(emitter: Emitter, list: AddressList, phase: number, scattered: readonly Node[]): void {
  const { kernels, memory } = emitter;
  kernels.driver(commitName(phase), 3, (f) => {
    const at = rangesOf(f);
    for (const node of scattered) {
      const bytes = rowBytes(emitter, node);
      const rows = f.keep(i32.load(at.list, 4 * list.word(haloRows)));
      const total = f.keep(address(emitter, list, at, { kind: 'slot', slot: memory.slotOf(node, null) }));
      const from = f.keep(address(emitter, list, at, haloPlace(emitter, node)));
      const row = f.local('i32');
      f.loop(row, at.halo[0], at.halo[1], 1, () => {
        const to = f.keep(i32.add(total, i32.mul(i32.load(wordOf(rows, row)), i32.of(bytes))));
        const stop = f.keep(i32.add(from, i32.of(bytes)));
        const { vector } = kernels.lanes;
        f.while(i32.less(from, stop), () => {
          f.store(to, vector.add(vector.load(to), vector.load(from)));
          f.assign(to, i32.add(to, i32.of(16)));
          f.assign(from, i32.add(from, i32.of(16)));
        });
      });
    }
  });
}

/** The list of rows that chunks add to, one chunk after the other. */
export const haloRows: Place = { kind: 'map', map: '', part: 'halo' };

interface Ranges {
  readonly list: Local;
  /** Where the room of this thread starts. */
  readonly room: Local;
  readonly atoms: readonly [Local, Local];
  readonly edges: readonly [Local, Local];
  readonly halo: readonly [Local, Local];
}

function rangesOf(f: FunctionBuilder): Ranges {
  const [list, thread, chunk] = f.parameters as [Local, Local, Local];
  const word = (name: (typeof header)[number]): Expression => i32.load(list, 4 * header.indexOf(name));
  const described = f.keep(i32.add(word('chunks'), i32.mul(chunk, i32.of(4 * chunkWords))));
  const range = (first: number): [Local, Local] => [
    f.keep(i32.load(described, 4 * first)),
    f.keep(i32.load(described, 4 * first + 4)),
  ];
  const room = f.keep(i32.add(word('threads'), i32.mul(thread, word('perThread'))));
  return { list, room, atoms: range(0), edges: range(2), halo: range(4) };
}

/** Where a place is; of a value of which memory holds the rows of a chunk, where row 0 would be. */
function address({ memory, rooms, kernels }: Emitter, list: AddressList, at: Ranges, place: Place): Expression {
  const held = i32.load(at.list, 4 * list.word(place));
  const home =
    place.kind === 'slot' ? memory.slots[place.slot]!.home : place.kind === 'room' ? rooms[place.room]!.home : 'run';
  if (home !== 'chunk' && home !== 'halo') return held;
  const own = i32.add(at.room, held);
  if (place.kind !== 'slot' || !place.rows) return own;
  const { dim, numbers } = place.rows;
  return i32.sub(own, i32.mul(at[dim][0], i32.of(numbers * kernels.lanes.bytes)));
}

function haloPlace({ memory }: Emitter, node: Node): Place {
  return { kind: 'slot', slot: memory.haloOf.get(node)! };
}

function rowBytes({ memory, kernels }: Emitter, node: Node): number {
  return memory.slots[memory.haloOf.get(node)!]!.width * kernels.lanes.bytes;
}
