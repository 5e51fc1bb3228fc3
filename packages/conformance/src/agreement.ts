/**
 * Every pair of backends on the same models, structures and edges: the largest difference of energies per atom, forces
 * and stress. Two results may each be off by the tolerance of their noise, so a pair may differ by twice that.
 */
import type { BackendDefinition } from '@mace/core/backend';
import type { Result } from '@mace/core';
import { tinyModelNames } from './tiny-models.js';
import { quantities } from './checks/physics/deviation.js';
import { evaluateHeads, laboratoryOf } from './checks/physics/laboratory.js';
import { limitsOf, valuesOf, type Limits } from './checks/physics/limits.js';
import { Subject } from './subject.js';
import { fraction, largestDifference, type TestedPrecision } from './tolerance.js';

export interface AgreementOptions {
  /** Default f64. */
  readonly precision?: TestedPrecision;
  readonly onPair?: (pair: Pair, done: number, total: number) => void;
}

/** Largest differences of two backends. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  /** eV/atom */
  readonly energy: number;
  /** eV/Å */
  readonly forces: number;
  /** eV/Å³ */
  readonly stress: number;
  /** Largest difference as a fraction of what is allowed for its structure. */
  readonly worst: number;
  readonly agrees: boolean;
}

export interface Agreement {
  readonly precision: TestedPrecision;
  readonly pairs: readonly Pair[];
}

/** @throws BackendUnavailableError for a backend that is absent: probe first */
export async function agreement(
  definitions: readonly BackendDefinition[],
  { precision = 'f64', onPair }: AgreementOptions = {},
): Promise<Agreement> {
  const results: Result[][] = [];
  const limits: Limits[] = [];
  for (const definition of definitions) {
    const subject = new Subject(definition, precision);
    const own: Result[] = [];
    for (const name of tinyModelNames) {
      const laboratory = await laboratoryOf(subject, name);
      const { model, backend, structures } = laboratory;
      const all = structures.map(([, structure]) => structure);
      own.push(...(await evaluateHeads(backend, model, all)));
      if (results.length > 0) continue;
      limits.push(...limitsOf(precision, await laboratory.noise()));
    }
    await subject.dispose();
    results.push(own);
  }
  const pairs: Pair[] = [];
  const total = (definitions.length * (definitions.length - 1)) / 2;
  for (let i = 0; i < definitions.length; i++) {
    for (let j = i + 1; j < definitions.length; j++) {
      const pair = compare(definitions[i]!.name, definitions[j]!.name, results[i]!, results[j]!, limits);
      pairs.push(pair);
      onPair?.(pair, pairs.length, total);
    }
  }
  return { precision, pairs };
}

function compare(
  a: string,
  b: string,
  first: readonly Result[],
  second: readonly Result[],
  limits: readonly Limits[],
): Pair {
  const largest = { energy: 0, forces: 0, stress: 0 };
  let worst = 0;
  first.forEach((result, i) => {
    for (const quantity of quantities) {
      const error = largestDifference(valuesOf(result, quantity), valuesOf(second[i]!, quantity));
      largest[quantity] = Math.max(largest[quantity], quantity === 'energy' ? error / result.atoms : error);
      worst = Math.max(worst, fraction(error, 2 * limits[i]![quantity]));
    }
  });
  return { a, b, ...largest, worst, agrees: worst <= 1 };
}
