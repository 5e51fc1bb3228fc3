/** Models and structures that a command takes: the bundled ones, published ones by name, and files. */
import { fileURLToPath } from 'node:url';
import { FormatError, type MaceModel } from '@mace/core';
import type { ReadModelOptions } from '@mace/io';
import { readLike, readModelFile } from '@mace/io/node';
import * as bundled from '@mace/models';
import { structureInputs } from './structure-inputs.js';
import { publishedModelFile } from './published.js';

export const bundledModel = fileURLToPath(bundled.bundledModel);
export const bundledStructures = bundled.bundledStructures.map((address) => fileURLToPath(address));

/** The file of a model: the bundled one by default, a path, or a published name, which may have to be downloaded first. */
export async function modelFile(name: string | undefined): Promise<string> {
  return name === undefined ? bundledModel : publishedModelFile(name);
}

/** The structure files that are named, or the bundled ones. Throws FormatError for a format without a file, and for names that mean nothing. */
export async function structureFiles(
  names: readonly string[],
  format: string | undefined,
  skip?: Parameters<typeof structureInputs>[1],
): Promise<string[]> {
  if (names.length > 0) return structureInputs(names, skip);
  if (format !== undefined)
    throw new FormatError(`--format ${format}: there is no file that it could be of. Name the structures too.`);
  return bundledStructures;
}

/** What is told of a checkpoint, which holds tensors and no settings. */
export interface ToldOptions {
  /** A model file of the same run, or its settings as JSON. */
  readonly like?: string;
  readonly loraAlpha?: number;
}

/** A model by path or name, or the bundled model. */
export async function loadModel(name: string | undefined, told: ToldOptions = {}): Promise<MaceModel> {
  return readModelFile(await modelFile(name), await readOptions(told));
}

/** The files named by options, read. @throws FormatError */
export async function readOptions({
  like,
  loraAlpha,
}: ToldOptions): Promise<Pick<ReadModelOptions, 'like' | 'loraAlpha'>> {
  return {
    ...(like !== undefined && { like: await toldBy(like) }),
    ...(loraAlpha !== undefined && { loraAlpha }),
  };
}

async function toldBy(like: string): Promise<NonNullable<ReadModelOptions['like']>> {
  try {
    return await readLike(await modelFile(like));
  } catch (cause) {
    if (!(cause instanceof FormatError) || !cause.message.includes(' is no model file')) throw cause;
    throw new FormatError(
      `${cause.message} Settings of the run as a JSON object would do for --like too: {"avgNumNeighbors": [12.5], "gate": "silu", "applyCutoff": true}.`,
      { cause },
    );
  }
}
