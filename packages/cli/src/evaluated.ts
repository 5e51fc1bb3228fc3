/** The structures of several files through a calculator, batch by batch, each result with where its structure stands. */
import { isMaceError, StructureError, type Calculator, type EvaluateOptions, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { KeptFrame } from './results/kept-results.js';
import type { Shard } from './shard.js';
import { placedStructures, placeOf, type Place, type Placed, type Skipped } from './structure-stream.js';

export interface Evaluated extends Placed {
  readonly result: Result;
  /** Of a run before, which computed it. */
  readonly kept?: Kept | null;
}

/** A result of a run before, and what summaries ask of it. */
export interface Kept extends KeptFrame {
  readonly result: Pick<Result, 'atoms' | 'energy' | 'forces' | 'stress' | 'tables' | 'warnings'>;
}

export interface ReadingOptions {
  readonly format?: string | undefined;
  readonly shard?: Shard | undefined;
  readonly batchSize: number;
  /** No more structures are read ahead once they have so many atoms. */
  readonly atomsAhead: number;
  /** The result of a run before. */
  readonly known?: ((structure: Structure) => Promise<Kept | null>) | undefined;
  /** Takes what is refused; without it a refusal is thrown, after the results of what stands before it. */
  readonly skip?: ((skipped: Skipped) => void) | undefined;
  /** What to add to the refusal of a structure. */
  readonly remedy?: (structure: Structure) => string;
}

/** Results in the order of the files. Throws what reading and computing throw, with the place in the message. */
export async function* evaluatedFiles(
  calculator: Calculator,
  files: readonly string[],
  reading: ReadingOptions,
  options: EvaluateOptions,
): AsyncGenerator<Evaluated> {
  const place = placeOf(files);
  for await (const batch of batches(files, reading)) {
    const open = batch.filter(({ kept }) => !kept);
    const results = await calculator
      .evaluateAll(
        open.map(({ structure }) => structure),
        options,
      )
      .catch((error: unknown) => {
        if (isMaceError(error) && error.code === 'structure') return null;
        throw error;
      });
    const isWhole = batch.length < reading.batchSize && atomsOf(batch) < reading.atomsAhead;
    const isOnly = files.length === 1 && batch.length === 1 && batch[0]!.index === 0 && isWhole;
    let computed = 0;
    for (const placed of batch) {
      if (placed.kept) {
        yield { ...placed, result: placed.kept.result as Result, kept: placed.kept };
        continue;
      }
      const result =
        results?.[computed++] ?? (await evaluatedAlone(calculator, placed, options, reading, isOnly ? nameOf : place));
      if (result) yield { ...placed, result };
    }
  }
}

/** One of a batch that was refused as a whole: its result, or null where it is the one, and skipped. */
async function evaluatedAlone(
  calculator: Calculator,
  { structure, ...where }: Placed,
  options: EvaluateOptions,
  { skip, remedy }: ReadingOptions,
  place: (placed: Place) => string,
): Promise<Result | null> {
  try {
    return await calculator.evaluate(structure, options);
  } catch (cause) {
    if (!isMaceError(cause) || cause.code !== 'structure') throw cause;
    const others = !skip && place !== nameOf ? othersGoOn : '';
    const error = new StructureError(`${place(where)}: ${cause.message}${remedy?.(structure) ?? ''}${others}`, {
      cause,
    });
    if (!skip) throw error;
    skip({ ...where, error });
    return null;
  }
}

type Read = Placed & { readonly kept: Kept | null };

/** Structures together; also those before the place where a file is wrong, or ends too early. */
async function* batches(
  files: readonly string[],
  { format, shard, batchSize, atomsAhead, known, skip }: ReadingOptions,
): AsyncGenerator<readonly Read[]> {
  let batch: Read[] = [];
  for await (const one of placedStructures(files, { format, shard, remedy: skip ? '' : othersGoOn })) {
    const isRefused = 'error' in one;
    if (!isRefused) {
      batch.push({ ...one, kept: (await known?.(one.structure)) ?? null });
      if (batch.length < batchSize && atomsOf(batch) < atomsAhead) continue;
    }
    yield batch;
    batch = [];
    if (!isRefused) continue;
    if (!skip) throw one.error;
    skip(one);
  }
  yield batch;
}

function atomsOf(batch: readonly Read[]): number {
  return batch.reduce((sum, { structure }) => sum + structure.numbers.length, 0);
}

/** What to do where one of several is refused. */
const othersGoOn = ' With --on-error skip it is left out, and the others are computed.';

/** The only structure. */
function nameOf({ file }: { readonly file: string }): string {
  return file === '-' ? 'standard input' : file;
}
