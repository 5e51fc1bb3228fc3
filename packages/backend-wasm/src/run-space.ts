/** The memory of one graph: what is kept from run to run, and what belongs to a binding and to a run of it. */
import type { BoundSizes } from '@mace/core/backend';
import type { Arena, Block } from './arena.js';
import { chunkOrder, type Chunks } from './chunks.js';
import { haloRows, keyOf } from './driver.js';
import type { MapPart, Place } from './emitter.js';
import type { Placement } from './ranges.js';
import { noDims, type RunLayout } from './run-layout.js';

const noSizes = {
  dims: noDims,
  maps: new Map(),
  chunks: {
    count: 0,
    words: new Int32Array(),
    most: { atoms: 0, edges: 0, halo: 0 },
    haloRows: new Int32Array(),
    halo: new Map(),
  },
};

/** What depends on parameters alone. */
export class KeptSpace {
  readonly #placement: Placement;
  readonly #block: Block;

  constructor(
    readonly arena: Arena,
    readonly layout: RunLayout,
  ) {
    this.#placement = layout.kept.place(noSizes);
    this.#block = arena.allocate(this.#placement.bytes);
  }

  get bytes(): number {
    return this.#block.bytes;
  }

  /** Undefined for what is not kept. */
  addressOf(key: string): number | undefined {
    const offset = this.#placement.offsets.get(key);
    return offset === undefined ? undefined : this.#block.address + offset;
  }

  free(): void {
    this.arena.free(this.#block);
  }
}

/** The memory of a binding: index maps, chunks and the list of addresses as long as it lives, values while it runs. */
export class BoundSpace {
  readonly #bound: Placement;
  readonly #passing: Placement;
  readonly #inChunk: Placement;
  #block: Block | undefined;
  #run: Block | undefined;
  /** Address of the run that the list holds. */
  #listed: number | undefined;

  constructor(
    readonly kept: KeptSpace,
    readonly sizes: BoundSizes,
    readonly chunks: Chunks,
    readonly threads: number,
  ) {
    const all = { ...sizes, chunks };
    const { bound, passing, inChunk } = kept.layout;
    this.#bound = bound.place(all);
    this.#passing = passing.place(all);
    this.#inChunk = inChunk.place(all);
  }

  get bytes(): number {
    return (this.#block?.bytes ?? 0) + (this.#run?.bytes ?? 0);
  }

  get blocks(): number {
    return Number(this.#block !== undefined) + Number(this.#run !== undefined);
  }

  /** Where the list of addresses is, which drivers read. */
  get listAddress(): number {
    return this.#block!.address + this.#bound.offsets.get('list')!;
  }

  /** Makes room for a run. @returns whether addresses have changed since the last one */
  enter(): boolean {
    if (!this.#block) this.#write();
    this.#run = this.kept.arena.allocate(this.#passing.bytes + this.#inChunk.bytes * this.threads);
    if (this.#run.address === this.#listed) return false;
    this.#list();
    return true;
  }

  /** Gives back what a run needed: other graphs and neighbor lists use the same room. */
  leave(): void {
    if (this.#run) this.kept.arena.free(this.#run);
    this.#run = undefined;
  }

  free(): void {
    if (this.#block) this.kept.arena.free(this.#block);
    this.#block = this.#listed = undefined;
  }

  /** The address of a place that is not of a chunk. */
  address(place: Place): number {
    const key = keyOf(place);
    const kept = this.kept.addressOf(key);
    if (kept !== undefined) return kept;
    const bound = this.#bound.offsets.get(key);
    return bound !== undefined ? this.#block!.address + bound : this.#run!.address + this.#passing.offsets.get(key)!;
  }

  /** The address of any place for the first thread; of a value of which memory holds the rows of a chunk, where row 0 would be. */
  addressInChunk(place: Place, limits: Int32Array): number {
    const offset = this.#inChunk.offsets.get(keyOf(place));
    if (offset === undefined) return this.address(place);
    const own = this.#run!.address + this.#passing.bytes + offset;
    if (place.kind !== 'slot' || !place.rows) return own;
    const { dim, numbers } = place.rows;
    return own - limits[dim === 'atoms' ? 0 : 2]! * numbers * this.kept.layout.emitter.kernels.lanes.bytes;
  }

  /** Writes what stays as long as the binding. */
  #write(): void {
    const { arena, layout } = this.kept;
    this.#block = arena.allocate(this.#bound.bytes);
    for (const [map, { parts }] of layout.emitter.mapParts)
      for (const part of parts) this.#put(keyOf({ kind: 'map', map, part }), this.#part(map, part));
    this.#put(keyOf(haloRows), this.chunks.haloRows);
    this.#put('chunks', this.chunks.words);
  }

  #list(): void {
    const { list } = this.kept.layout;
    const { atoms, edges, graphs } = this.sizes.dims;
    const [block, run] = [this.#block!.address, this.#run!.address];
    const words = new Int32Array(list.length);
    const chunksAt = block + this.#bound.offsets.get('chunks')!;
    words.set([atoms, edges, graphs, chunksAt, run + this.#passing.bytes, this.#inChunk.bytes]);
    for (const [key, word] of list.entries) {
      const [inChunk, bound] = [this.#inChunk.offsets.get(key), this.#bound.offsets.get(key)];
      words[word] =
        inChunk ??
        (bound !== undefined ? block + bound : (this.kept.addressOf(key) ?? run + this.#passing.offsets.get(key)!));
    }
    this.#put('list', words);
    this.#listed = run;
  }

  #put(key: string, values: Int32Array): void {
    const { buffer } = this.kept.arena.memory;
    new Int32Array(buffer, this.#block!.address + this.#bound.offsets.get(key)!, values.length).set(values);
  }

  #part(name: string, part: MapPart): Int32Array {
    const map = this.sizes.maps.get(name)!;
    if (part === 'halo') return this.chunks.halo.get(name)!;
    if (part !== 'chunkOrder') return map[part];
    const { from } = this.kept.layout.emitter.mapParts.get(name)!.map;
    return chunkOrder(map, this.chunks, from as 'atoms' | 'edges');
  }
}
