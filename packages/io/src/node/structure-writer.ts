/**
 * Writing structures one by one to an extended XYZ file, for results that do not fit in memory.
 *
 * The frames go to a temporary file beside the target, which takes its name only when everything was written.
 */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { writeExtxyz } from '../structure/extxyz.js';

export interface StructureWriter {
  write(structure: Structure): Promise<void>;
  /** Puts the file in its place. */
  close(): Promise<void>;
  /** Leaves what was there before. Does nothing after `close`. */
  abort(): Promise<void>;
}

/** @throws FormatError when the folder cannot be written */
export async function openStructureWriter(path: string): Promise<StructureWriter> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
  const file = await open(temporary, 'wx').catch((cause: unknown) => {
    throw new FormatError(
      `${path}: the file cannot be written (${(cause as Error).message}). Check the folder and your rights in it.`,
      { cause },
    );
  });
  let isOpen = true;
  return {
    write: async (structure) => {
      await file.write(writeExtxyz([structure]));
    },
    close: async () => {
      isOpen = false;
      await file.sync();
      await file.close();
      await rename(temporary, path);
    },
    abort: async () => {
      if (!isOpen) return;
      isOpen = false;
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}
