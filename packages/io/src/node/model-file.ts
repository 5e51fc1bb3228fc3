/**
 * Model files on disk.
 */
import { basename } from 'node:path';
import { FormatError, type MaceConfig, type MaceModel } from '@mace/core';
import {
  inspectModel,
  partialConfigFromJson,
  readModel,
  type ModelSummary,
  type ReadModelOptions,
} from '../model/index.js';
import { readBytes } from './bytes.js';

/** What Node can read into one buffer on every platform, bytes. */
const maximumBytes = 2 ** 31 - 1;

/** Reads a model file of any kind that `readModel` knows; its name goes into the provenance. Throws FormatError, UnsupportedError. */
export async function readModelFile(path: string, options: Omit<ReadModelOptions, 'name'> = {}): Promise<MaceModel> {
  const bytes = await readBytes(path, maximumBytes, 'Use a smaller model.');
  return readModel(bytes, { ...options, name: basename(path) });
}

/** What a model file is, also one that is refused; `inspectModel` says how. Throws FormatError when it cannot be read. */
export async function inspectModelFile(
  path: string,
  options: Omit<ReadModelOptions, 'name'> = {},
): Promise<ModelSummary> {
  const bytes = await readBytes(path, maximumBytes, 'Use a smaller model.');
  return inspectModel(bytes, { ...options, name: basename(path) });
}

/** A model of the run of a checkpoint, or its settings as JSON: what `ReadModelOptions.like` takes. Throws FormatError, UnsupportedError. */
export async function readLike(path: string): Promise<MaceModel | Partial<MaceConfig>> {
  const bytes = await readBytes(path, maximumBytes, 'Use a smaller model.');
  if (!/^\s*\{/.test(String.fromCharCode(...bytes.subarray(0, 100)))) return readModel(bytes, { name: basename(path) });
  try {
    return partialConfigFromJson(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new FormatError(
      `${path}: ${cause instanceof FormatError ? cause.message : `the settings are not JSON: ${(cause as Error).message}. Correct the file; an example: {"avgNumNeighbors": [12.5], "gate": "silu", "applyCutoff": true}.`}`,
      { cause },
    );
  }
}
