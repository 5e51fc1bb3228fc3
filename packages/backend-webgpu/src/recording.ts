/** One run of a graph as commands: sizes in one buffer, index maps, kernels in passes, in as many submits as the work wants. */
import type { BoundSizes } from '@mace/core/backend';
import type { Count, Dispatch, Source } from './dispatch.js';
import { usage, type Engine } from './engine.js';
import { workgroupSize } from './kernel.js';
import { pieces, type Piece } from './pace.js';

/** A kernel with its compiled form. */
export interface Prepared extends Dispatch {
  readonly pipeline: GPUComputePipeline;
}

export interface Recording {
  /** Commands that are not submitted yet: what reads the results goes into them. */
  readonly encoder: GPUCommandEncoder;
  readonly work: number;
}

interface Planned extends Piece {
  readonly dispatch: Prepared;
  readonly sizes: readonly number[];
  readonly work: number;
}

/** Whole numbers of a binding on the device: parts of its index maps, and more by name, each when it is first read. */
export class BoundNumbers {
  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(
    readonly engine: Engine,
    readonly maps: BoundSizes['maps'],
  ) {}

  part({ map, part }: Extract<Source, { part: unknown }>): GPUBuffer {
    return this.named(`${part} of ${map.name}`, this.maps.get(map.name)![part]);
  }

  named(name: string, numbers: Int32Array | Uint32Array): GPUBuffer {
    let buffer = this.#buffers.get(name);
    if (!buffer) {
      this.#buffers.set(name, (buffer = this.engine.buffers.take(4 * numbers.length, usage.storage)));
      this.engine.write(buffer, numbers);
    }
    return buffer;
  }

  /** What comes by this name next is others. */
  drop(name: string): void {
    const buffer = this.#buffers.get(name);
    if (this.#buffers.delete(name)) this.engine.buffers.release(buffer!);
  }

  use(): { liveBytes: number; liveBuffers: number } {
    const sizes = [...this.#buffers.values()].map(({ size }) => size);
    return { liveBytes: sizes.reduce((sum, size) => sum + size, 0), liveBuffers: sizes.length };
  }

  /** The queue is in order: whoever takes them next writes after what was submitted has read. */
  release(): void {
    for (const buffer of this.#buffers.values()) this.engine.buffers.release(buffer);
    this.#buffers.clear();
  }
}

/**
 * Gives a run to the device but for its last commands. Nothing here waits.
 *
 * @param encoder - for the first commands; copies of inputs may be in it
 * @param memoryOf - where a value is, or words that belong to the graph
 */
export function record(
  engine: Engine,
  encoder: GPUCommandEncoder,
  dispatches: readonly Prepared[],
  numbers: BoundNumbers,
  count: Count,
  memoryOf: (source: Exclude<Source, { part: unknown }>) => GPUBuffer,
): Recording {
  const { device, buffers, pace } = engine;
  const bufferOf = (source: Source): GPUBuffer => ('part' in source ? numbers.part(source) : memoryOf(source));

  const planned = dispatches.flatMap((dispatch): Planned[] => {
    const work = Math.max(dispatch.work?.(count) ?? 1, 1);
    const sizes = dispatch.sizes?.(count) ?? [];
    const threads = dispatch.threads?.(count) ?? count(dispatch.node.type.shape);
    return pieces(threads, work, pace.perSubmit, workgroupSize).map((piece) => ({
      ...piece,
      dispatch,
      sizes,
      work: work * piece.threads,
    }));
  });
  // Sizes of all pieces in one buffer, each where the device can bind it.
  const alignment = device.limits.minUniformBufferOffsetAlignment / 4;
  const step =
    Math.ceil(planned.reduce((most, { sizes }) => Math.max(most, 2 + sizes.length), 1) / alignment) * alignment;
  const words = new Uint32Array(Math.max(planned.length, 1) * step);
  planned.forEach(({ threads, first, sizes }, i) => words.set([threads, first, ...sizes], i * step));
  const uniforms = buffers.take(4 * words.length, usage.sizes);
  engine.write(uniforms, words);

  let commands = encoder;
  let pass = commands.beginComputePass();
  let waiting = 0;
  for (const [i, { dispatch, threads, sizes, work }] of planned.entries()) {
    if (waiting > 0 && waiting + work > pace.perSubmit) {
      pass.end();
      device.queue.submit([commands.finish()]);
      commands = device.createCommandEncoder();
      pass = commands.beginComputePass();
      waiting = 0;
    }
    waiting += work;
    const read = [...dispatch.sources.map(bufferOf), memoryOf({ node: dispatch.node })];
    const resources = [
      ...read.map((buffer) => ({ buffer })),
      { buffer: uniforms, offset: 4 * i * step, size: 4 * (2 + sizes.length) },
    ];
    pass.setPipeline(dispatch.pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: dispatch.pipeline.getBindGroupLayout(0),
        entries: resources.map((resource, binding) => ({ binding, resource })),
      }),
    );
    const groups = Math.ceil(threads / workgroupSize);
    const across = Math.min(groups, device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across));
  }
  pass.end();
  // The queue is in order: whoever takes them next writes after this run has read.
  buffers.release(uniforms);
  return { encoder: commands, work: planned.reduce((sum, { work }) => sum + work, 0) };
}
