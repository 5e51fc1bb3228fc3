/**
 * Which things the code of a graph works on, by how long they live: kept from run to run, as long as a binding, for one run, for
 * one chunk on one thread.
 */
import type { BoundSizes } from '@mace/core/backend';
import type { RuntimeDim } from '@mace/core/ir';
import type { Chunks } from './chunks.js';
import { haloRows, keyOf, type AddressList } from './driver.js';
import type { Emitter } from './emitter.js';
import { valueOf } from './kernels/size.js';
import { Ranges, type Sizes } from './ranges.js';

type Dims = Readonly<Record<RuntimeDim, number>>;

export const noDims: Dims = { atoms: 0, edges: 0, graphs: 0 };

export class RunLayout {
  readonly kept = new Ranges();
  /** Index maps, chunks, the list of addresses. */
  readonly bound = new Ranges();
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
      if (home === 'fixed') this.kept.add(key, () => numbers(noDims) * bytes);
      else if (home === 'run') this.passing.add(key, (sizes) => numbers(sizes.dims) * bytes);
      else
        this.inChunk.add(key, ({ chunks }) => {
          const { atoms, edges, halo } = chunks.most;
          return numbers({ atoms: home === 'halo' ? halo : atoms, edges, graphs: 0 }) * bytes;
        });
    });
    rooms.forEach(({ size, home }, room) => {
      const ranges = { fixed: this.kept, run: this.passing, chunk: this.inChunk }[home];
      ranges.add(keyOf({ kind: 'room', room }), ({ dims }) => valueOf(size, dims) * bytes);
    });
    for (const [map, { parts }] of mapParts)
      for (const part of parts) {
        const rows = ({ maps }: Sizes): number => maps.get(map)![part === 'offsets' ? 'offsets' : 'values'].length;
        this.bound.add(keyOf({ kind: 'map', map, part }), (sizes) => 4 * rows(sizes));
      }
    this.bound.add(keyOf(haloRows), ({ chunks }) => 4 * chunks.haloRows.length);
    this.bound.add('chunks', ({ chunks }) => 4 * chunks.words.length);
    this.bound.add('list', () => 4 * list.length);
    this.scatteredMaps = [...mapParts].flatMap(([map, { parts }]) => (parts.has('halo') ? [map] : []));
  }

  /** Bytes that a run needs beside what is kept. */
  bytesOf(sizes: BoundSizes, chunks: Chunks, threads: number): number {
    const all = { ...sizes, chunks };
    return this.bound.bytesOf(all) + this.passing.bytesOf(all) + this.inChunk.bytesOf(all) * threads;
  }
}
