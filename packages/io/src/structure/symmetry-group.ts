/**
 * Symmetry operations as a group: products, closure, what kinds of operations it has, and whether a cell has that symmetry.
 *
 * Operations are equal when they differ by whole lattice vectors; translations are compared in steps of 1/24, which holds those of all
 * space groups in every standard setting.
 */
import type { Operation } from './symmetry-operations.js';

/** More operations than any space group has in a cell (192). */
const maximumOperations = 192;
const steps = 24;
/** Largest relative deviation of lengths and angles of a cell from the symmetry that it is said to have. */
const cellTolerance = 0.01;

/** A text that is equal for operations that differ by whole lattice vectors only. */
export function operationKey(operation: Operation): string {
  return operation
    .map((value, index) => (index < 9 ? value : (((Math.round(value * steps) % steps) + steps) % steps) + 0))
    .join(' ');
}

/** The operation that does `second` first and `first` after it. */
export function productOf(first: Operation, second: Operation): Operation {
  const product = new Float64Array(12);
  for (let i = 0; i < 3; i++) {
    for (let k = 0; k < 3; k++) {
      const factor = first[3 * i + k] ?? 0;
      for (let j = 0; j < 3; j++) product[3 * i + j] = (product[3 * i + j] ?? 0) + factor * (second[3 * k + j] ?? 0);
      product[9 + i] = (product[9 + i] ?? 0) + factor * (second[9 + k] ?? 0);
    }
    product[9 + i] = (product[9 + i] ?? 0) + (first[9 + i] ?? 0);
  }
  return product;
}

/** Each operation once, in order. */
export function distinctOperations(operations: readonly Operation[]): Operation[] {
  const known = new Set<string>();
  return operations.filter((operation) => {
    const key = operationKey(operation);
    return !known.has(key) && known.add(key);
  });
}

/** All products of these operations; undefined when there are more than a space group can have. */
export function generatedGroup(generators: readonly Operation[]): Operation[] | undefined {
  const group = distinctOperations(generators);
  const known = new Set(group.map(operationKey));
  for (let at = 0; at < group.length; at++) {
    for (const generator of generators) {
      const product = inCell(productOf(group[at] as Operation, generator));
      const key = operationKey(product);
      if (known.has(key)) continue;
      known.add(key);
      group.push(product);
      if (group.length > maximumOperations) return undefined;
    }
  }
  return group;
}

/** True when no product of two of these operations is missing. */
export function isClosed(operations: readonly Operation[]): boolean {
  const known = new Set(operations.map(operationKey));
  return operations.every((first) => operations.every((second) => known.has(operationKey(productOf(first, second)))));
}

/** True when both lists hold the same operations. */
export function areSameOperations(first: readonly Operation[], second: readonly Operation[]): boolean {
  const known = new Set(first.map(operationKey));
  return known.size === second.length && second.every((operation) => known.has(operationKey(operation)));
}

/** How often each kind of rotation occurs, as a text; it does not depend on origin and axes. */
export function kindsOfOperations(operations: readonly Operation[]): string {
  const kinds = operations.map(([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0]) => {
    const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    return `${Math.round(determinant)}/${Math.round(a + e + i)}`;
  });
  return kinds.sort().join(' ');
}

/** True when an operation turns the cell onto itself: lengths and angles stay as they are. */
export function keepsCell(operation: Operation, cell: ArrayLike<number>): boolean {
  const metric = (i: number, j: number): number =>
    [0, 1, 2].reduce((sum, x) => sum + (cell[3 * i + x] ?? 0) * (cell[3 * j + x] ?? 0), 0);
  const turned = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < 3; k++)
      for (let l = 0; l < 3; l++) sum += (operation[3 * k + i] ?? 0) * (operation[3 * l + j] ?? 0) * metric(k, l);
    return sum;
  };
  return [0, 1, 2].every((i) =>
    [0, 1, 2].every(
      (j) => Math.abs(turned(i, j) - metric(i, j)) <= 2 * cellTolerance * Math.sqrt(metric(i, i) * metric(j, j)),
    ),
  );
}

/** The same operation with its translation in the cell, so that rounding does not add up. */
function inCell(operation: Operation): Operation {
  return operation.map((value, index) =>
    index < 9 ? value : (((Math.round(value * steps) % steps) + steps) % steps) / steps,
  );
}
