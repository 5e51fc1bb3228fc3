/** Whether a published model gives here what mace-torch gives with it. */
import { FormatError, type Calculator } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import { figureStructures, upstreamFigures, type UpstreamFigures } from './upstream-figures.js';

/** Largest differences from upstream's numbers for one structure: energy, eV; forces, eV/Å; stress, eV/Å³. */
export interface Verified {
  readonly structure: string;
  readonly energy: number;
  readonly energyDifference: number;
  readonly forceDifference: number | null;
  readonly stressDifference: number | null;
  /** Whether all are below 1e-7 of the largest number compared, or of 1. */
  readonly agrees: boolean;
}

/** Upstream's numbers for a published model, or undefined where there are none. */
export function figuresOf(name: string): UpstreamFigures | undefined {
  return Object.hasOwn(upstreamFigures, name) ? upstreamFigures[name] : undefined;
}

/**
 * Computes the structures of `figures` and compares.
 * @param calculator - of the model, in float64 and exact
 * @throws what `Calculator.evaluate` throws
 */
export async function verifyFigures(calculator: Calculator, { head, figures }: UpstreamFigures): Promise<Verified[]> {
  const verified: Verified[] = [];
  for (const figure of figures) {
    const structure = makeStructure(figureStructures[figure.structure]);
    const result = await calculator.evaluate(structure, {
      properties: ['forces', 'stress'],
      ...(head !== undefined && { head }),
    });
    const energy = difference([result.energy], [figure.energy]);
    const forces = figure.forces && difference(result.forces!, figure.forces);
    const stress = figure.stress && difference(result.stress ?? [], figure.stress);
    verified.push({
      structure: figure.structure,
      energy: result.energy,
      energyDifference: energy.absolute,
      forceDifference: forces?.absolute ?? null,
      stressDifference: stress?.absolute ?? null,
      agrees: [energy, forces, stress].every((compared) => !compared || compared.relative <= tolerance),
    });
  }
  return verified;
}

/** Versions of mace-torch and orders of sums differ by 1e-12; a wrong model by far more than this. */
const tolerance = 1e-7;

function difference(values: ArrayLike<number>, expected: readonly number[]): { absolute: number; relative: number } {
  if (values.length !== expected.length)
    throw new FormatError(`${values.length} numbers were computed where upstream has ${expected.length}.`);
  let absolute = 0;
  for (const [i, value] of expected.entries()) absolute = Math.max(absolute, Math.abs(values[i]! - value));
  return { absolute, relative: absolute / Math.max(1, ...expected.map(Math.abs)) };
}
