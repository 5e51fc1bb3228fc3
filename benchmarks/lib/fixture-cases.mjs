/** Trained models of other people, each with a structure of its elements, in the folder that MACE_FIXTURES names. */
import { join } from 'node:path';
import { readModelFile, readStructureFile } from '../../packages/io/dist/node/index.js';

const liquid = 'data/solvents-xtb/solvent_liquid.xyz';
const water = 'structures/psiflow/h2o_64.xyz';
const cases = [
  ['ilyes319_model_swa', liquid],
  ['mace01_swa', liquid],
  ['MACE_SPICE', water],
  ['ani500k_small_CC', water],
  ['GST_mace_swa', 'data/periodic/validate.xyz'],
];

/** The models' names; none without the folder. */
export const fixtureModels = process.env['MACE_FIXTURES'] ? cases.map(([name]) => name ?? '') : [];

/** @param {string} model */
export async function fixtureCase(model) {
  const folder = process.env['MACE_FIXTURES'] ?? '';
  const [, path = ''] = cases.find(([name]) => name === model) ?? [];
  const [structure] = await readStructureFile(join(folder, path));
  if (!structure) throw new Error(`${path} has no structure.`);
  const file = join(folder, 'models', `${model}.model`);
  const { config } = await readModelFile(file);
  return { name: `${structure.numbers.length} atoms`, structure, cutoff: config.cutoff, file };
}
