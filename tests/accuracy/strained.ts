/** Strained structures, the same that strained.py makes, and what mace-torch's float32 loses on them (strained.json). */
import { readFileSync } from 'node:fs';
import { makeStructure, type Structure } from '@mace/core/structure';
import { oracleFrames, type OracleFrame } from './oracle-frames.js';

/** Of one structure: seed, error of the energy in eV, root mean square of the errors of forces in eV/Å, largest force in eV/Å. */
type Row = readonly [seed: number, energyError: number, forceError: number, largestForce: number];

export interface StrainedModel {
  readonly oracle: string;
  readonly rows: readonly Row[];
}

/** By model file. */
export const strainedModels = (
  JSON.parse(readFileSync(new URL('strained.json', import.meta.url), 'utf8')) as {
    models: Record<string, StrainedModel>;
  }
).models;

export function strainedStructures({ oracle, rows }: StrainedModel): Structure[] {
  const frames = oracleFrames(oracle)
    .filter(({ species }) => species.length > 1)
    .sort((a, b) => a.species.length - b.species.length)
    .slice(0, 4);
  return rows.map(([seed]) => strained(frames, seed));
}

function strained(frames: readonly OracleFrame[], seed: number): Structure {
  const random = uniform(seed);
  for (let i = 0; i < 8; i++) random();
  const { species, positions, cell, pbc } = frames[Math.floor(random() * frames.length)]!;
  const scale = 0.5 + 0.45 * random();
  return makeStructure({
    symbols: species,
    positions: positions.flat().map((x) => scale * x + 0.2 * (random() - 0.5)),
    ...(cell && pbc.some(Boolean) && { cell: cell.flat().map((x) => scale * x) }),
    pbc,
  });
}

/** Numbers from 0 to 1 (linear congruential, Numerical Recipes). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(1664525, state) + 1013904223) >>> 0) / 2 ** 32;
}
