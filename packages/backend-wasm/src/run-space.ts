/**
 * Where everything of one graph lies: what is kept from run to run, what a run needs, and the room of each thread for one chunk.
 */
import type { BoundInputs } from '@mace/core/backend';
import type { RuntimeDim } from '@mace/core/ir';
import type { Arena, Block } from './arena.js';
import { chunkOrder, type Chunks } from './chunks.js';
import { haloRows, keyOf, type AddressList } from './driver.js';
import type { Emitter, MapPart, Place } from './emitter.js';
import { valueOf } from './kernels/size.js';
import { lineBytes } from './lanes.js';

type Dims = Readonly<Record<RuntimeDim, number>>;
type Maps = BoundInputs['maps'];

/** What sizes follow from. */
interface Sizes {
  readonly dims: Dims;
  readonly maps: Maps;
  readonly chunks: Chunks | null;
}

const noSizes: Sizes = { dims: { atoms: 0, edges: 0, graphs: 0 }, maps: new Map(), chunks: null };

/** Which things there are, and how large each is. */
export class RunLayout {
  readonly kept = new Ranges();
  readonly passing = new Ranges();
  readonly inChunk = new Ranges();
  /** Maps along which chunks add to other atoms. */
  readonly scatteredMaps: readonly string[];

  constructor(
    readonly emitter: Emitter,
    readonly list: AddressList,
  ) {
    const { memory, rooms, mapParts, kernels } = emitter;
    const { bytes } = kernels.lanes;
    memory.slots.forEach(({ home, width, dims }, slot) => {
      const key = keyOf({ kind: 'slot', slot });
      const numbers = (sizes: Dims): number => dims.reduce((size, dim) => size * sizes[dim], width);
      if (home === 'fixed') this.kept.add(key, () => numbers(noSizes.dims) * bytes);
      else if (home === 'run') this.passing.add(key, (sizes) => numbers(sizes.dims) * bytes);
      else
        this.inChunk.add(key, ({ chunks }) => {
          const { atoms, edges, halo } = chunks!.most;
          return numbers({ atoms: home === 'halo' ? halo : atoms, edges, graphs: 0 }) * bytes;
        });
    });
    rooms.forEach(({ size, home }, room) => {
      const ranges = { fixed: this.kept, run: this.passing, chunk: this.inChunk }[home];
      ranges.add(keyOf({ kind: 'room', room }), ({ dims }) => valueOf(size, dims) * bytes);
    });
    for (const [map, { parts }] of mapParts)
      for (const part of parts) {
        const from = ({ maps }: Sizes): number => maps.get(map)!.values.length;
        const size = (sizes: Sizes): number => (part === 'offsets' ? sizes.maps.get(map)!.offsets.length : from(sizes));
        this.passing.add(keyOf({ kind: 'map', map, part }), (sizes) => 4 * size(sizes));
      }
    this.passing.add(keyOf(haloRows), ({ chunks }) => 4 * chunks!.haloRows.length);
    this.passing.add('chunks', ({ chunks }) => 4 * chunks!.words.length);
    this.passing.add('list', () => 4 * list.length);
    this.scatteredMaps = [...mapParts].flatMap(([map, { parts }]) => (parts.has('halo') ? [map] : []));
  }

  /** Bytes that a run needs beside what is kept. */
  bytesOf({ dims, maps }: Pick<BoundInputs, 'dims' | 'maps'>, chunks: Chunks, threads: number): number {
    const sizes = { dims, maps, chunks };
    return this.passing.bytes(sizes) + this.inChunk.bytes(sizes) * threads;
  }
}

/** The memory of one graph. */
export class RunSpace {
  #kept: Block | undefined;
  #run: Block | undefined;

  constructor(
    readonly arena: Arena,
    readonly layout: RunLayout,
  ) {
    this.#kept = arena.allocate(layout.kept.place(noSizes));
  }

  /** Where the list of addresses is, which drivers read. */
  get listAddress(): number {
    return this.#run!.address + this.layout.passing.offset('list');
  }

  memory(): { liveBytes: number; liveBuffers: number } {
    const blocks = [this.#kept, this.#run].filter((block) => block !== undefined);
    return { liveBytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0), liveBuffers: blocks.length };
  }

  /** The address of a place that is not of a chunk. */
  address(place: Place): number {
    const { kept, passing } = this.layout;
    const key = keyOf(place);
    return kept.has(key) ? this.#kept!.address + kept.offset(key) : this.#run!.address + passing.offset(key);
  }

  /** The address of any place for the first thread; of a value of which memory holds the rows of a chunk, where row 0 would be. */
  addressInChunk(place: Place, limits: Int32Array): number {
    const { inChunk, passing, emitter } = this.layout;
    const key = keyOf(place);
    if (!inChunk.has(key)) return this.address(place);
    const own = this.#run!.address + passing.size + inChunk.offset(key);
    if (place.kind !== 'slot' || !place.rows) return own;
    const { dim, numbers } = place.rows;
    return own - limits[dim === 'atoms' ? 0 : 2]! * numbers * emitter.kernels.lanes.bytes;
  }

  /** Gives back what a run needed: other graphs and neighbor lists use the same room. */
  freeRun(): void {
    if (this.#run) this.arena.free(this.#run);
    this.#run = undefined;
  }

  /** Makes room for a run and writes what it reads beside its inputs: index maps, chunks, addresses. */
  prepare({ dims, maps }: BoundInputs, chunks: Chunks, threads = 1): void {
    const { passing, inChunk, emitter, list } = this.layout;
    const sizes = { dims, maps, chunks };
    const bytes = passing.place(sizes) + inChunk.place(sizes) * threads;
    this.#run = this.arena.allocate(bytes);
    for (const [map, { parts }] of emitter.mapParts)
      for (const part of parts) this.#write(keyOf({ kind: 'map', map, part }), this.#part(map, part, maps, chunks));
    this.#write(keyOf(haloRows), chunks.haloRows);
    this.#write('chunks', chunks.words);
    const words = new Int32Array(list.length);
    const chunksAt = this.#run.address + passing.offset('chunks');
    words.set([dims.atoms, dims.edges, dims.graphs, chunksAt, this.#run.address + passing.size, inChunk.size]);
    for (const [key, word] of list.entries)
      words[word] = inChunk.has(key)
        ? inChunk.offset(key)
        : this.layout.kept.has(key)
          ? this.#kept!.address + this.layout.kept.offset(key)
          : this.#run.address + passing.offset(key);
    this.#write('list', words);
  }

  free(): void {
    for (const block of [this.#kept, this.#run]) if (block) this.arena.free(block);
    this.#kept = this.#run = undefined;
  }

  #write(key: string, values: Int32Array): void {
    new Int32Array(this.arena.memory.buffer, this.#run!.address + this.layout.passing.offset(key), values.length).set(
      values,
    );
  }

  #part(name: string, part: MapPart, maps: Maps, chunks: Chunks): Int32Array {
    const map = maps.get(name)!;
    if (part === 'halo') return chunks.halo.get(name)!;
    if (part !== 'chunkOrder') return map[part];
    return chunkOrder(map, chunks, this.layout.emitter.mapParts.get(name)!.map.from as 'atoms' | 'edges');
  }
}

/** Named ranges one after the other, each at the start of a cache line. */
class Ranges {
  /** Bytes of the whole. */
  size = 0;
  readonly #offsets = new Map<string, number>();
  readonly #sizes: { readonly key: string; readonly bytes: (sizes: Sizes) => number }[] = [];

  add(key: string, bytes: (sizes: Sizes) => number): void {
    this.#sizes.push({ key, bytes });
    this.#offsets.set(key, 0);
  }

  has(key: string): boolean {
    return this.#offsets.has(key);
  }

  offset(key: string): number {
    return this.#offsets.get(key)!;
  }

  /** Decides all offsets for these sizes. @returns bytes of the whole */
  place(sizes: Sizes): number {
    return (this.size = this.bytes(sizes, (key, offset) => this.#offsets.set(key, offset)));
  }

  /** Bytes of the whole for these sizes. @param told - of the offset of each range */
  bytes(sizes: Sizes, told: (key: string, offset: number) => unknown = () => {}): number {
    let offset = 0;
    for (const { key, bytes } of this.#sizes) {
      told(key, offset);
      // Whole vectors may be read past the end.
      offset += Math.ceil((bytes(sizes) + lineBytes) / lineBytes) * lineBytes;
    }
    return offset;
  }
}
