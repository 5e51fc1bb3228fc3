/**
 * Many structures through one calculator: a batch is kept full, structures enter as others arrive, results leave in the order of the
 * input. Memory is that of a batch and of a window behind the first structure that is still on its way, however many there are.
 */
import { CancelledError, type Calculator, type Cancellation, type InputOptions } from '@mace/core';
import { refuse } from '../refuse.js';
import { Bound, type Member } from './bound.js';
import type { Mover } from './mover.js';

export interface BatchOptions extends InputOptions {
  /** Atoms that are computed together; a larger structure is computed alone. Memory goes with it. Default 512. */
  readonly batchAtoms?: number;
  /** Atoms of structures behind the first that is not done, read ahead so that the batch stays full while it goes on. Default 16 batches. */
  readonly aheadAtoms?: number;
  readonly cancellation?: Cancellation;
}

export const batchOptionNames = [
  ...['batchAtoms', 'aheadAtoms', 'cancellation'],
  ...['head', 'inputs'],
] as readonly (keyof BatchOptions)[];

/** A structure of the input, or why there is none in its place, or anything else that only keeps its place. */
export type Given<M extends Mover, P = never> =
  | { readonly mover: M }
  | { readonly error: Error }
  | { readonly passed: P };

/** What became of one, by its number in the input. */
export type Outcome<M extends Mover, P = never> = { readonly index: number } & ([P] extends [never]
  ? Exclude<Given<M>, { readonly passed: never }>
  : Given<M, P>);

/** The batch is bound anew once this part of its atoms has arrived. Measured: a binding costs a tenth of a computation. */
const arrivedPart = 1 / 8;

/**
 * Moves structures until each has arrived or failed.
 * @param input - is read no further than the window reaches
 * @returns outcomes in the order of the input
 * @throws UnsupportedError (`option`), CancelledError, DeviceError, and what the input throws, after what stands before it
 */
export async function* batched<M extends Mover, P = never>(
  calculator: Pick<Calculator, 'bind'>,
  input: Iterable<Given<M, P>> | AsyncIterable<Given<M, P>>,
  options: BatchOptions = {},
): AsyncGenerator<Outcome<M, P>, void, undefined> {
  const { batchAtoms = 512, aheadAtoms = 16 * batchAtoms, cancellation, head, inputs } = options;
  check('batchAtoms', batchAtoms);
  check('aheadAtoms', aheadAtoms);
  const source = new Source<M, P>(input);
  const bound = new Bound<M>(calculator, { ...(head !== undefined && { head }), ...(inputs && { inputs }) });
  const window = new Window<M, P>();
  let members: Member<M>[] = [];
  try {
    for (;;) {
      if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
      const onWay = members.filter((one) => !one.isOver);
      const isFresh = onWay.length === 0 || atomsOf(members) - atomsOf(onWay) >= arrivedPart * atomsOf(members);
      if (isFresh) {
        members = onWay;
        let room = batchAtoms - atomsOf(members);
        for (;;) {
          const atoms = await source.atoms();
          if (atoms === null || !window.takes(atoms, aheadAtoms) || (members.length > 0 && atoms > room)) break;
          const member = window.add(source.take(), atoms);
          if (!member) continue;
          members.push(member);
          room -= atoms;
        }
      }
      if (members.length > 0) await bound.advance(members, cancellation);
      yield* window.leaving();
      if (members.every((one) => one.isOver) && (await source.atoms()) === null) break;
    }
    source.rethrow();
  } finally {
    bound.dispose();
    await source.close();
  }
}

function check(option: string, atoms: number): void {
  if (!(Number.isInteger(atoms) && atoms > 0)) refuse(option, atoms, 'a whole number from 1 on');
}

function atomsOf(members: readonly Member<Mover>[]): number {
  return members.reduce((sum, { atoms }) => sum + atoms, 0);
}

/** The input, one structure looked ahead. What it throws waits until what stands before it is done. */
class Source<M extends Mover, P> {
  readonly #iterator: Iterator<Given<M, P>> | AsyncIterator<Given<M, P>>;
  #next: Given<M, P> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;

  constructor(input: Iterable<Given<M, P>> | AsyncIterable<Given<M, P>>) {
    this.#iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
  }

  /** Of the next; null at the end. */
  async atoms(): Promise<number | null> {
    if (!this.#next && !this.#isOver) await this.#read();
    if (!this.#next) return null;
    return 'mover' in this.#next ? this.#next.mover.structure.numbers.length : 0;
  }

  /** After `atoms` said that there is one. */
  take(): Given<M, P> {
    const next = this.#next!;
    this.#next = null;
    return next;
  }

  rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    if (!this.#isOver) await this.#iterator.return?.();
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#iterator.next();
      if (done) this.#isOver = true;
      else this.#next = value;
    } catch (error) {
      this.#isOver = true;
      this.#failure = { error };
    }
  }
}

/** What has entered and not left, in order. */
class Window<M extends Mover, P> {
  /** Of all that is in it, at least one each. */
  #atoms = 0;
  #entered = 0;
  readonly #waiting: { readonly index: number; readonly given: Given<M, P>; readonly member: Member<M> | null }[] = [];

  takes(atoms: number, most: number): boolean {
    return this.#waiting.length === 0 || this.#atoms + Math.max(1, atoms) <= most;
  }

  /** @returns the member of the batch; null for what is none */
  add(given: Given<M, P>, atoms: number): Member<M> | null {
    const member: Member<M> | null =
      'mover' in given ? { mover: given.mover, atoms, isOver: false, error: null, order: null } : null;
    this.#waiting.push({ index: this.#entered++, given, member });
    this.#atoms += Math.max(1, atoms);
    return member;
  }

  /** Those at the front that are done. */
  *leaving(): Generator<Outcome<M, P>> {
    for (;;) {
      const [first] = this.#waiting;
      if (!first || (first.member && !first.member.isOver)) return;
      this.#waiting.shift();
      this.#atoms -= Math.max(1, first.member?.atoms ?? 0);
      const error = first.member?.error;
      yield (error ? { index: first.index, error } : { index: first.index, ...first.given }) as Outcome<M, P>;
    }
  }
}
