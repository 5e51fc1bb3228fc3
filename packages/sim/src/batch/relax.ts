/** Relaxation of any number of structures through one calculator, each on the path that it takes alone. */
import { isMaceError, type Calculator } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { refuseUnknown } from '../refuse.js';
import { checkedOptions, relaxationOptionNames, type RelaxationOptions } from '../relaxation/options.js';
import { startRelaxation, type Computed, type Relaxation, type RelaxationEnd } from '../relaxation/relaxation.js';
import { batched, batchOptionNames, type BatchOptions, type Given } from './batcher.js';
import type { Mover } from './mover.js';

export interface RelaxOptions extends RelaxationOptions, BatchOptions {
  /** Called after each computation of a structure, with its number in the input; `last` is the newest point of its path. */
  readonly observe?: (relaxation: Relaxation, index: number) => void;
}

/** A structure where its relaxation ended. */
export interface Relaxed {
  /** In the input, from 0 on. */
  readonly index: number;
  readonly structure: Structure;
  /** eV */
  readonly energy: number;
  /** eV, where it began */
  readonly initialEnergy: number;
  /** eV/Å [atoms 3], constraints not taken into account */
  readonly forces: Float64Array;
  /** eV/Å³ [3 3]; null where not all three directions are periodic */
  readonly stress: Float64Array | null;
  /** eV/Å: the largest force on what may move */
  readonly fmax: number;
  readonly steps: number;
  readonly isConverged: boolean;
  readonly end: RelaxationEnd;
}

/** One that could not be relaxed, and why. */
export interface NotRelaxed {
  readonly index: number;
  readonly error: Error;
}

/** What only keeps its place among structures, such as a result that is known. */
export interface Passed<P> {
  readonly passed: P;
}

type Input<P> = Structure | Error | Passed<P>;
type Output<P> = Relaxed | NotRelaxed | ([P] extends [never] ? never : { readonly index: number } & Passed<P>);

/**
 * Relaxes structures in batches that are refilled as structures arrive. Each takes the path that it takes alone, to the same bits, beside
 * whatever others. An `Error` in the place of a structure is passed on as one that failed, and `{ passed }` as it is.
 *
 * @param structures - read no further ahead than `aheadAtoms`
 * @returns results in the order of the input, as soon as all before them are there; look at `isConverged`
 * @throws UnsupportedError (`option`) before anything is computed, CancelledError, DeviceError, what `structures` throws
 */
export async function* relax<P = never>(
  calculator: Pick<Calculator, 'bind'>,
  structures: Iterable<Input<P>> | AsyncIterable<Input<P>>,
  options: RelaxOptions = {},
): AsyncGenerator<Output<P>, void, undefined> {
  refuseUnknown('relax', options, [...relaxationOptionNames, ...batchOptionNames, 'observe']);
  checkedOptions(options);
  for await (const outcome of batched(calculator, movers(structures, options), options))
    yield 'mover' in outcome ? relaxed(outcome.index, outcome.mover) : (outcome as Output<P>);
}

class Path implements Mover {
  initialEnergy = NaN;

  constructor(
    readonly relaxation: Relaxation,
    readonly index: number,
    readonly observe: RelaxOptions['observe'],
  ) {}

  get structure(): Structure {
    return this.relaxation.structure;
  }

  step(computed: Computed): boolean {
    if (!this.relaxation.last) this.initialEnergy = computed.energy;
    const goesOn = this.relaxation.step(computed);
    this.observe?.(this.relaxation, this.index);
    return goesOn;
  }
}

async function* movers<P>(
  structures: Iterable<Input<P>> | AsyncIterable<Input<P>>,
  options: RelaxOptions,
): AsyncGenerator<Given<Path, P>> {
  let index = 0;
  for await (const structure of structures) {
    if (structure instanceof Error) yield { error: structure };
    else yield 'passed' in structure ? structure : await started(structure, options, index);
    index++;
  }
}

async function started(structure: Structure, options: RelaxOptions, index: number): Promise<Given<Path>> {
  try {
    return { mover: new Path(await startRelaxation(structure, options, index), index, options.observe) };
  } catch (error) {
    if (!isMaceError(error)) throw error;
    return { error };
  }
}

function relaxed(index: number, { relaxation, initialEnergy }: Path): Relaxed {
  const { structure, energy, forces, stress = null } = relaxation.last!;
  const { largestForce: fmax, steps, isConverged } = relaxation;
  return { index, structure, energy, initialEnergy, forces, stress, fmax, steps, isConverged, end: relaxation.end! };
}
