/**
 * Frames of a structure file by `@`, as in ASE: `traj.xyz@-1`, `traj.xyz@0:10:2`, `traj.xyz@:`.
 *
 * A file whose name really ends so is that file.
 */
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { FormatChoice } from '../structure/formats.js';
import { chosenFrames, parseFrameRange } from '../structure/frame-range.js';
import { quoted } from '../structure/text.js';
import { streamStructureFile } from './files.js';

/** Reads the structures of a file, or those that `@` behind its name chooses, one by one. Throws FormatError. */
export async function* streamFrames(
  path: string,
  choice: Pick<FormatChoice, 'format'> = {},
): AsyncGenerator<Structure> {
  const at = path.lastIndexOf('@');
  const range = at < 0 ? undefined : parseFrameRange(path.slice(at + 1));
  const isFile = at < 0 || (await exists(path));
  if (!isFile && range === undefined && (await exists(path.slice(0, at))))
    throw new FormatError(
      `${path}: ${quoted(path.slice(at + 1))} is no selection of frames. Write for example @3, @-1, @0:10:2 or @: behind the name of the file.`,
    );
  if (range === undefined || isFile) {
    yield* streamStructureFile(path, choice);
    return;
  }
  const file = path.slice(0, at);
  yield* chosenFrames(streamStructureFile(file, choice), range, basename(file));
}

/** All that `streamFrames` gives. Throws FormatError. */
export async function readFrames(path: string, choice: Pick<FormatChoice, 'format'> = {}): Promise<Structure[]> {
  const structures: Structure[] = [];
  for await (const structure of streamFrames(path, choice)) structures.push(structure);
  return structures;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
