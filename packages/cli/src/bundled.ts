/** The model and the structures that come with the command line. */
import { fileURLToPath } from 'node:url';
import { FormatError, type MaceModel } from '@mace/core';
import type { ReadModelOptions } from '@mace/io';
import { readLike, readModelFile } from '@mace/io/node';

const folder = new URL('../bundled/', import.meta.url);

export const bundledModel = fileURLToPath(new URL('hcno-xtb.safetensors', folder));
export const bundledStructures = ['caffeine.xyz', 'ethanol-water.xyz', 'ice.xyz'].map((name) =>
  fileURLToPath(new URL(`structures/${name}`, folder)),
);

/** The structure files of a command: the one that is given, or the bundled ones. Throws FormatError for a format without a file. */
export function structureFiles(options: {
  readonly structures?: string | undefined;
  readonly format?: string | undefined;
}): string[] {
  if (options.structures !== undefined) return [options.structures];
  if (options.format !== undefined)
    throw new FormatError(`--format ${options.format}: there is no --structures that it could be of. Give both.`);
  return bundledStructures;
}

/** What is told of a checkpoint, which holds tensors and no settings. */
export interface ToldOptions {
  /** A model file of the same run, or its settings as JSON. */
  readonly like?: string;
  readonly loraAlpha?: number;
}

/** A model file, or the bundled model. */
export async function loadModel(file: string | undefined, told: ToldOptions = {}): Promise<MaceModel> {
  return readModelFile(file ?? bundledModel, await readOptions(told));
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
    return await readLike(like);
  } catch (cause) {
    if (!(cause instanceof FormatError) || !cause.message.includes(' is no model file')) throw cause;
    throw new FormatError(
      `${cause.message} Settings of the run as a JSON object would do for --like too: {"avgNumNeighbors": [12.5], "gate": "silu", "applyCutoff": true}.`,
      { cause },
    );
  }
}
