/** What the calculator decides about tables of functions of distance: how exact they are and for which structures they hold. */
import type { TableGate } from '../planner/index.js';
import type { Batch } from './batch.js';

/** Å: nothing is nearer in what people compute, but for collisions and mistakes, which are computed without tables. */
const shortestInTables = 0.4;

/** Errors of a table between its knots, as fractions of its largest value and slope. */
const errors = {
  f64: { valueError: 1e-9, slopeError: 2e-7 },
  f32: { valueError: 2e-7, slopeError: 5e-6 },
} as const;

/** @param cutoff - Å */
export function tableGate(precision: 'f64' | 'f32', cutoff: number): TableGate {
  return { ...errors[precision], range: [shortestInTables, cutoff] };
}

/** For each structure of a batch, whether all its atoms are far enough apart for tables. */
export function fitsTables({ structures, edges: { vectors, receiver, graph } }: Batch): boolean[] {
  const fits = structures.map(() => true);
  for (let edge = 0; edge < receiver.values.length; edge++) {
    const [x, y, z] = [vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!];
    if (Math.sqrt(x * x + y * y + z * z) < shortestInTables) fits[graph.values[receiver.values[edge]!]!] = false;
  }
  return fits;
}
