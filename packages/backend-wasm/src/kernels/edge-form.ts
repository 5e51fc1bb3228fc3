/**
 * What the kernels of edge regions share: the coefficients of an edge, which are the form's coefficients times its
 * scalars, and its weights, as they are or from a table.
 */
import type { EdgeRegion } from '@mace/core/backend';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { KernelCode } from './kernel-set.js';
import { wordOf } from './rows.js';
import type { TableShape } from './table.js';

/** A coefficient between component `x` and component `result` through weight `weight`: Σ coefficient · scalars[scalar]. */
export interface EdgeEntry {
  readonly number: number;
  readonly weight: number;
  readonly x: number;
  readonly result: number;
  readonly terms: readonly { readonly coefficient: number; readonly scalar: number }[];
}

/** The entries of a form in the order weight, x, result. */
export function edgeEntries({ terms }: EdgeRegion): EdgeEntry[] {
  const found = new Map<string, EdgeEntry & { readonly terms: { coefficient: number; scalar: number }[] }>();
  for (const { coefficient, scalar, weight, x, result } of terms) {
    const key = `${weight} ${x} ${result}`;
    const entry = found.get(key);
    if (entry) entry.terms.push({ coefficient, scalar });
    else found.set(key, { number: found.size, weight, x, result, terms: [{ coefficient, scalar }] });
  }
  return [...found.values()];
}

/** Stores the coefficients of an edge whose scalars are at `scalars`. */
export function writeCoefficients(
  { f, lanes: { single, bytes } }: KernelCode,
  entries: readonly EdgeEntry[],
  scalars: Expression,
  to: Expression,
): void {
  for (const { number, terms } of entries) {
    const products = terms.map(({ coefficient, scalar }) =>
      single.mul(single.of(coefficient), single.load(scalars, scalar * bytes)),
    );
    f.store(
      to,
      products.reduce((a, b) => single.add(a, b)),
      number * bytes,
    );
  }
}

export function tableShape(region: EdgeRegion): TableShape | null {
  if (region.weights.kind !== 'table') return null;
  const { terms, attributes } = region.weights;
  const { cutoff, groups, map } = attributes;
  const functions = region.weights.components * region.channels;
  return { order: 0, cutoff, terms, functions, groups: groups.length, mapped: map !== undefined };
}

/** Where the numbers of the edges of a row begin and end. */
export function edgesOf(
  { f }: KernelCode,
  offsets: Expression,
  order: Expression,
  row: Expression,
): { first: Local; last: Local } {
  return {
    first: f.keep(wordOf(order, i32.load(wordOf(offsets, row)))),
    last: f.keep(wordOf(order, i32.load(wordOf(offsets, row), 4))),
  };
}

/** Loops over numbers of edges: `body` gets each. */
export function forEach({ f }: KernelCode, first: Local, last: Local, body: (edge: Local) => void): void {
  const position = f.local('i32');
  f.loop(position, first, last, 4, () => body(f.keep(i32.load(position))));
}
