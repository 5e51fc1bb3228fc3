/**
 * Every pair of backends on the same models, structures and edges: the largest difference of energies per atom, forces
 * and stress. Two results may each be off by the tolerance of their noise, so a pair may differ by twice that.
 */
import type { BackendDefinition } from '@mace/core/backend';
import type { Result } from '@mace/core';
import { tinyModelNames } from './tiny-models.js';
import { quantities, type Quantity } from './checks/physics/deviation.js';
import { evaluateHeads, laboratoryOf } from './checks/physics/laboratory.js';
import { Subject } from './subject.js';
import { ceilings, factors, largestDifference, toleranceOf, type TestedPrecision } from './tolerance.js';

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
  const limits: Record<Quantity, number>[] = [];
  for (const definition of definitions) {
    const subject = new Subject(definition, precision);
    const own: Result[] = [];
    for (const name of tinyModelNames) {
      const { model, backend, exact, rounded, structures } = await laboratoryOf(subject, name);
      const all = structures.map(([, structure]) => structure);
      own.push(...(await evaluateHeads(backend, model, all)));
      if (results.length > 0) continue;
      const noisy = await evaluateHeads(rounded, model, all);
      const right = await evaluateHeads(exact, model, all);
      const perFamily = right.map((result, i) => tolerances(precision, result, noisy[i]!));
      // A structure whose noise cancels by symmetry is held to the median of its family.
      const median = Object.fromEntries(
        quantities.map((q) => [q, perFamily.map((one) => one[q]).sort((x, y) => x - y)[perFamily.length >> 1]!]),
      ) as Record<Quantity, number>;
      limits.push(
        ...perFamily.map((one, i) => {
          const cap = (q: Quantity): number => ceilings[precision][q] * (q === 'energy' ? right[i]!.atoms : 1);
          const of = (q: Quantity): number => 2 * Math.min(cap(q), Math.max(one[q], median[q]));
          return { energy: of('energy'), forces: of('forces'), stress: of('stress') };
        }),
      );
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
  limits: readonly Record<Quantity, number>[],
): Pair {
  const largest = { energy: 0, forces: 0, stress: 0 };
  let worst = 0;
  first.forEach((result, i) => {
    for (const quantity of quantities) {
      const error = largestDifference(valuesOf(result, quantity), valuesOf(second[i]!, quantity));
      largest[quantity] = Math.max(largest[quantity], quantity === 'energy' ? error / result.atoms : error);
      if (error > 0) worst = Math.max(worst, error / limits[i]![quantity]);
    }
  });
  return { a, b, ...largest, worst, agrees: worst <= 1 };
}

function tolerances(precision: TestedPrecision, exact: Result, rounded: Result): Record<Quantity, number> {
  const of = (quantity: Quantity): number =>
    toleranceOf(precision, factors.model, [{ exact: valuesOf(exact, quantity), rounded: valuesOf(rounded, quantity) }]);
  return { energy: of('energy'), forces: of('forces'), stress: of('stress') };
}

function valuesOf(result: Result, quantity: Quantity): Float64Array {
  return quantity === 'energy' ? Float64Array.of(result.interactionEnergy) : (result[quantity] ?? new Float64Array(0));
}
