/** The model and the structures that come with the command line. */
import { fileURLToPath } from 'node:url';
import { readModelFile } from '@mace/io/node';
import type { MaceModel } from '@mace/core';

const folder = new URL('../bundled/', import.meta.url);

export const bundledModel = fileURLToPath(new URL('hcno-xtb.safetensors', folder));
export const bundledStructures = ['caffeine.xyz', 'ethanol-water.xyz', 'ice.xyz'].map((name) =>
  fileURLToPath(new URL(`structures/${name}`, folder)),
);

/** A model file, or the bundled model. */
export async function loadModel(file: string | undefined): Promise<MaceModel> {
  return readModelFile(file ?? bundledModel);
}
