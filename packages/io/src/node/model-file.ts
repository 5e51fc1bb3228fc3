/**
 * Model files on disk.
 */
import { basename } from 'node:path';
import type { MaceModel } from '@mace/core';
import { readModel, type ReadModelOptions } from '../model/index.js';
import { readBytes } from './bytes.js';

/** What Node can read into one buffer on every platform, bytes. */
const maximumBytes = 2 ** 31 - 1;

/** Reads a model file of any kind that `readModel` knows; its name goes into the provenance. Throws FormatError, UnsupportedError. */
export async function readModelFile(path: string, options: Omit<ReadModelOptions, 'name'> = {}): Promise<MaceModel> {
  const bytes = await readBytes(path, maximumBytes, 'Use a smaller model.');
  return readModel(bytes, { ...options, name: basename(path) });
}
