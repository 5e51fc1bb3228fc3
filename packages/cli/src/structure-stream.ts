/** The structures of several files one by one, each with where it stands; what is refused stands in its place. */
import { basename, dirname } from 'node:path';
import { isMaceError } from '@mace/core/errors';
import type { Structure } from '@mace/core/structure';
import { streamFrames } from '@mace/io/node';
import type { Shard } from './shard.js';

/** Number among all, file, and number in that file. */
export interface Place {
  readonly index: number;
  readonly file: string;
  readonly frame: number;
}

export interface Placed extends Place {
  readonly structure: Structure;
}

/** A structure, or the rest of a file from `frame` on, that was refused; or a name that no file has, without numbers. */
export interface Skipped {
  readonly index: number | null;
  readonly file: string;
  readonly frame: number | null;
  readonly error: Error;
}

export interface StreamOptions {
  readonly format?: string | undefined;
  readonly shard?: Shard | undefined;
  /** What to add to the refusal of a file where there are others. */
  readonly remedy?: string;
}

/** In the order of the files. @throws what is wrong with no file in particular */
export async function* placedStructures(
  files: readonly string[],
  { format, shard = { part: 0, parts: 1 }, remedy = '' }: StreamOptions,
): AsyncGenerator<Placed | (Place & Skipped & { readonly index: number })> {
  let index = 0;
  const isOurs = (): boolean => index % shard.parts === shard.part;
  for (const file of files) {
    let frame = 0;
    try {
      for await (const structure of streamFrames(file, { format })) {
        if (isOurs()) yield { index, file, frame, structure };
        index++;
        frame++;
      }
    } catch (error) {
      if (!isMaceError(error)) throw error;
      if (files.length > 1) nameFile(error, file, remedy);
      if (isOurs()) yield { index, file, frame, error };
      index++;
    }
  }
}

/** Where a structure stands, for people. */
export function placeOf(files: readonly string[]): (place: Place) => string {
  return ({ index, file, frame }) =>
    files.length === 1 ? `structure ${index} of the input` : `${file}, structure ${frame}`;
}

/** Readers name the last part of a path; among several files that is not enough. */
function nameFile(error: Error, file: string, remedy: string): void {
  const path = file.replace(/@[^@/\\]*$/, '');
  const { message } = error;
  const place = message.includes(file) ? '' : message.startsWith(basename(path)) ? `${dirname(path)}/` : `${file}: `;
  error.message = `${place}${message}${remedy}`;
}
