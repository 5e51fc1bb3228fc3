/** Runs one binding: steps in order, rows chunk by chunk on this thread or on several. */
import { isYieldDue, yieldToEventLoop, type BoundValues, type RealArray, type RunParts } from '@mace/core/backend';
import { chunkWords } from './chunks.js';
import { commitName } from './driver.js';
import type { Call } from './emitter.js';
import type { Geometry } from './geometry.js';
import { numbersAt, type Parameters } from './fold.js';
import { runtimeDims } from './kernels/kernel-set.js';
import type { BoundSpace } from './run-space.js';
import { stepsOf, type RowPhase, type Steps } from './steps.js';
import type { ArenaTensor } from './tensor.js';
import type { Variant } from './variant.js';

type Profile = NonNullable<RunParts['profile']>;

/** What people are told of a call. */
export function nameOf({ node, kernel }: Call): string {
  return `${node.scope} ${kernel.replace(/\d+$/, '')}`.trim();
}

export class Runner {
  #steps: Steps | undefined;

  constructor(
    readonly variant: Variant,
    readonly space: BoundSpace,
  ) {}

  /** Outputs in arrays of their own, or in those of `into`. @param geometry - makes the edge vectors, where there is one */
  async run(
    given: BoundValues,
    parameters: Parameters,
    how: RunParts,
    geometry: Geometry | undefined,
  ): Promise<Record<string, RealArray>> {
    const { space, variant } = this;
    try {
      if (space.enter() || !this.#steps) this.#steps = stepsOf(variant.program, variant.emitter, space, variant.code);
      const { steps, scattered, outputs } = this.#steps;
      geometry?.place(given.positions as RealArray, given.cells as RealArray);
      const values = asTheyAre(given, this.#steps);
      for (const { address, count } of scattered) numbersAt(space.kept, address, count).fill(0);
      for (const step of steps) {
        how.stopIfCancelled();
        switch (step.kind) {
          case 'input': {
            const value = values[step.name];
            if (!value) {
              geometry!.write(variant.code, step.address);
              break;
            }
            const numbers = ArrayBuffer.isView(value) ? value : (value as ArenaTensor).view();
            numbersAt(space.kept, step.address, step.count).set(numbers);
            break;
          }
          case 'prepare': {
            const { source, size, prepare } = step.one;
            const given =
              step.from && source.op !== 'parameter'
                ? numbersAt(space.kept, step.from.address, step.from.count)
                : parameters[(source as { attributes: { name: string } }).attributes.name]!;
            prepare(given, numbersAt(space.kept, step.address, size));
            break;
          }
          case 'call':
            timed(how.profile, step.call, step.run);
            break;
          case 'rows':
            if (how.profile) this.#profiled(step.from, step.to, how, how.profile);
            else await this.#rows(step.phases, how);
        }
      }
      const found: Record<string, RealArray> = {};
      for (const { name, address, count } of outputs) {
        const numbers = numbersAt(space.kept, address, count);
        const wanted = how.into[name];
        if (wanted) wanted.set(numbers);
        found[name] = wanted ?? numbers.slice();
      }
      return found;
    } finally {
      space.leave();
    }
  }

  async #rows(phases: readonly RowPhase[], how: RunParts): Promise<void> {
    const { id, code, module, pool } = this.variant;
    const { chunks, listAddress: list } = this.space;
    const { count } = chunks;
    if (pool && count > 1) {
      pool.open(id, module);
      return pool.run({ id, list, phases, chunks: count }, () => how.stopIfCancelled());
    }
    for (const { chunks: name } of phases) {
      const compute = code[name]!;
      // As many chunks at once as take about a millisecond.
      let most = 1;
      for (let first = 0; first < count; ) {
        const end = Math.min(first + most, count);
        const began = end < count ? Date.now() : 0;
        compute(list, first, end);
        const took = end < count ? Date.now() - began : 1;
        if (took < 1) most *= 2;
        else if (took > 1) most = Math.max(1, Math.floor(most / 2));
        first = end;
        if (isYieldDue()) await yieldToEventLoop();
        how.stopIfCancelled();
      }
    }
  }

  /** The same kernel by kernel, with the time of each. */
  #profiled(from: number, to: number, how: RunParts, profile: Profile): void {
    const { emitter, code } = this.variant;
    const { chunks, listAddress: list, sizes } = this.space;
    const dims = runtimeDims.map((dim) => sizes.dims[dim]);
    for (let phase = from; phase < to; phase++) {
      for (let chunk = 0; chunk < chunks.count; chunk++) {
        how.stopIfCancelled();
        const limits = chunks.words.subarray(chunk * chunkWords, (chunk + 1) * chunkWords);
        this.#clearHalo(phase, limits[5]! - limits[4]!);
        for (const call of emitter.phases[phase]!.byRows) {
          const { kernel, units, places } = call;
          const [begin, end] = units.dims[0] === 'atoms' ? [limits[0]!, limits[1]!] : [limits[2]!, limits[3]!];
          const addresses = places.map((place) => this.space.addressInChunk(place, limits));
          timed(profile, call, () => code[kernel]!(begin * units.factor, end * units.factor, ...dims, ...addresses));
        }
        const commit = code[commitName(phase)];
        if (commit) timed(profile, 'commit', () => commit(list, 0, chunk));
      }
    }
  }

  #clearHalo(phase: number, rows: number): void {
    const { plan, memory } = this.variant.emitter;
    for (const { node } of plan.phases[phase]!.steps) {
      if (!plan.scattered.has(node)) continue;
      const slot = memory.haloOf.get(node)!;
      const address = this.space.addressInChunk({ kind: 'slot', slot }, new Int32Array(chunkWords));
      numbersAt(this.space.kept, address, rows * memory.slots[slot]!.width).fill(0);
    }
  }
}

/** Values that a step reads after the caller may have written to them: copied. */
function asTheyAre(values: BoundValues, { lateInputs }: Steps): BoundValues {
  if (lateInputs.length === 0) return values;
  const late = lateInputs.flatMap((name) => {
    const value = values[name];
    return value ? [[name, (ArrayBuffer.isView(value) ? value : (value as ArenaTensor).view()).slice()] as const] : [];
  });
  return { ...values, ...Object.fromEntries(late) };
}

function timed(profile: Profile | undefined, what: Call | 'commit', work: () => void): void {
  if (!profile) return work();
  const began = performance.now();
  work();
  const seconds = (performance.now() - began) / 1000;
  profile(what === 'commit' ? what : nameOf(what), seconds);
}
