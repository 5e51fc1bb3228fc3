/** Frames of the oracle files: structures, and what mace-torch computed for them in float64 and float32. */
import { readFileSync } from 'node:fs';
import type { Result } from '@mace/core';
import { makeStructure, type Structure } from '@mace/core/structure';
import { fixture } from '../support/fixtures.js';

interface Computed {
  /** eV. */
  readonly energy: number;
  /** eV/Å. */
  readonly forces: readonly (readonly number[])[];
}

export interface OracleFrame {
  readonly species: string[];
  readonly positions: number[][];
  readonly cell: number[][] | null;
  readonly pbc: [boolean, boolean, boolean];
  readonly float64: Computed;
  readonly float32: Computed;
}

/** Oracle file → model file. */
export const oracleModels: Readonly<Record<string, string>> = {
  'acesuit-mace__GST_mace_swa': 'GST_mace_swa.model',
  'aiida-mlip__test': 'aiida_test.model',
  atomate2__MACE: 'atomate2_MACE.model',
  ilyes319__model_swa: 'ilyes319_model_swa.model',
  'imagdau-tutorials__mace01_swa': 'mace01_swa.model',
  'imagdau-tutorials__mace02_com1_swa': 'mace02_com1_swa.model',
  'openmm-ml__MACE_SPICE': 'MACE_SPICE.model',
  'openmm-ml__ani500k_small_CC': 'ani500k_small_CC.model',
};

export function oracleFrames(oracle: string): OracleFrame[] {
  return (JSON.parse(readFileSync(fixture('oracle', `${oracle}.json`), 'utf8')) as { frames: OracleFrame[] }).frames;
}

export function structureOf({ species, positions, cell, pbc }: OracleFrame): Structure {
  return makeStructure({
    symbols: species,
    positions: positions.flat(),
    ...(cell && pbc.some(Boolean) && { cell: cell.flat() }),
    pbc,
  });
}

/** Results of these frames with what mace-torch computed in place of energies and forces. */
export function upstreamResults(
  frames: readonly OracleFrame[],
  precision: 'float64' | 'float32',
  results: readonly Result[],
): Result[] {
  return frames.map((frame, i) => {
    const { energy, forces } = frame[precision];
    return { ...results[i]!, energy, forces: Float64Array.from(forces.flat()) };
  });
}
