/**
 * Sets of weights of an edge region. Where a table is larger than a cache, the edges of some rows are walked for one set before
 * the next, so that what a set needs of the table is read from the cache.
 */
import type { EdgeRegion } from '@mace/core/backend';
import type { NodeOf } from '@mace/core/ir';
import { i32 } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import { edgeEntries, type EdgeEntry } from './edge-form.js';
import type { KernelCode } from './kernel-set.js';

/** Some weights that follow each other, with their entries, numbered on their own. */
export interface WeightSet {
  readonly first: number;
  readonly count: number;
  readonly entries: readonly EdgeEntry[];
}

/** Bytes of a table that stay in the cache of a core beside what else is read. */
const cachedBytes = 2 ** 20;

/** Intervals that a pair of elements usually has. */
const usualIntervals = 100;

/** All weights, in as many sets as keep the part of the table that a set needs in the cache. */
export function weightSets(region: EdgeRegion, bytes: number): WeightSet[] {
  const { weights, channels } = region;
  const { components } = weights;
  const ofWeight = weights.kind === 'table' ? intervalsOf(weights.attributes) * weights.terms * channels * bytes : 0;
  const most = Math.max(1, Math.min(components, Math.floor(cachedBytes / ofWeight)));
  const size = Math.ceil(components / Math.ceil(components / most));
  const entries = edgeEntries(region);
  return Array.from({ length: Math.ceil(components / size) }, (_, set) => {
    const first = set * size;
    const count = Math.min(size, components - first);
    const own = entries.filter(({ weight }) => weight >= first && weight < first + count);
    return { first, count, entries: own.map((entry, number) => ({ ...entry, number })) };
  });
}

/** Where groups differ, what they usually have: the order of sums may not depend on which elements there are. */
function intervalsOf({ map, groups }: NodeOf<'table'>['attributes']): number {
  return map ? usualIntervals : groups[0]!.intervals;
}

/** Most entries of a set. */
export function mostEntries(sets: readonly WeightSet[]): number {
  return Math.max(...sets.map(({ entries }) => entries.length));
}

/**
 * Rows whose edges are walked for one set of weights before those of the next: enough that the part of a table that holds
 * the set is read often, few enough that what the edges read of other rows stays in the cache too.
 */
const rowsAtOnce = 32;

/** Loops over rows for each set of weights in turn, some rows at a time. */
export function forEachSet(
  { f, begin, end }: KernelCode,
  sets: readonly WeightSet[],
  start: (first: Local, last: Local) => void,
  body: (set: WeightSet, row: Local, isFirst: boolean) => void,
): void {
  const from = f.local('i32');
  f.loop(from, begin, end, rowsAtOnce, () => {
    const after = f.keep(i32.add(from, i32.of(rowsAtOnce)));
    const to = f.keep(i32.select(after, end, i32.less(after, end)));
    start(from, to);
    sets.forEach((set, i) => {
      const row = f.local('i32');
      f.loop(row, from, to, 1, () => body(set, row, i === 0));
    });
  });
}
