/** The structures of several files through a calculator, batch by batch, each result with where its structure stands. */
import { basename, dirname } from 'node:path';
import { isMaceError, StructureError, type Calculator, type EvaluateOptions, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { streamFrames } from '@mace/io/node';

/** A structure and its place: number of all, file, and number in that file. */
export interface Placed {
  readonly index: number;
  readonly file: string;
  readonly frame: number;
  readonly structure: Structure;
}

export interface Evaluated extends Placed {
  readonly result: Result;
}

/** A structure, or the rest of a file from `frame` on, that was refused; or a name that no file has, without numbers. */
export interface Skipped {
  readonly index: number | null;
  readonly file: string;
  readonly frame: number | null;
  readonly error: Error;
}

export interface ReadingOptions {
  readonly format?: string | undefined;
  readonly batchSize: number;
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
    const results = await calculator
      .evaluateAll(
        batch.map(({ structure }) => structure),
        options,
      )
      .catch((error: unknown) => {
        if (isMaceError(error) && error.code === 'structure') return null;
        throw error;
      });
    const isOnly = files.length === 1 && batch.length === 1 && batch[0]!.index === 0 && reading.batchSize > 1;
    for (const [i, placed] of batch.entries()) {
      const result =
        results?.[i] ?? (await evaluatedAlone(calculator, placed, options, reading, isOnly ? nameOf : place));
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
  place: (placed: Omit<Placed, 'structure'>) => string,
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

/** Structures together; also those before the place where a file is wrong, or ends too early. */
async function* batches(
  files: readonly string[],
  { format, batchSize, skip }: ReadingOptions,
): AsyncGenerator<readonly Placed[]> {
  let batch: Placed[] = [];
  let index = 0;
  for (const file of files) {
    let frame = 0;
    try {
      for await (const structure of streamFrames(file, { format })) {
        batch.push({ index: index++, file, frame: frame++, structure });
        if (batch.length < batchSize) continue;
        yield batch;
        batch = [];
      }
    } catch (error) {
      yield batch;
      batch = [];
      if (files.length > 1) nameFile(error, file, skip ? '' : othersGoOn);
      if (!skip || !isMaceError(error)) throw error;
      skip({ index: index++, file, frame, error });
    }
  }
  yield batch;
}

/** Readers name the last part of a path; among several files that is not enough. */
function nameFile(error: unknown, file: string, remedy: string): void {
  if (!isMaceError(error)) return;
  const path = file.replace(/@[^@/\\]*$/, '');
  const { message } = error;
  const place = message.includes(file) ? '' : message.startsWith(basename(path)) ? `${dirname(path)}/` : `${file}: `;
  error.message = `${place}${message}${remedy}`;
}

/** What to do where one of several is refused. */
const othersGoOn = ' With --on-error skip it is left out, and the others are computed.';

/** The only structure. */
function nameOf({ file }: { readonly file: string }): string {
  return file === '-' ? 'standard input' : file;
}

/** Where a structure stands, for people. */
export function placeOf(files: readonly string[]): (placed: Omit<Placed, 'structure'>) => string {
  return ({ index, file, frame }) =>
    files.length === 1 ? `structure ${index} of the input` : `${file}, structure ${frame}`;
}
