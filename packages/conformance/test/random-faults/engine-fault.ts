/** What drawn faults of an engine are made of: when they happen, to which arrays, and what two arrays may have in common. */
import type { RealArray } from '@mace/core/backend';
import type { Breakage } from '../contract/fault.js';
import type { FaultDraw } from './draw.js';

export type Arrays = Readonly<Record<string, RealArray>>;

export interface EngineFault {
  readonly text: string;
  readonly how: () => Breakage;
}

/** A property of two sets of arrays that a careless engine takes for "nothing has changed". */
export interface Sameness {
  readonly text: string;
  readonly holds: (a: RealArray, b: RealArray) => boolean;
}

export const samenesses: readonly Sameness[] = [
  { text: 'is the same object', holds: (a, b) => a === b },
  { text: 'has the same first and last number', holds: (a, b) => a[0] === b[0] && a.at(-1) === b.at(-1) },
  { text: 'has the same first number', holds: (a, b) => a[0] === b[0] },
  { text: 'has the same length', holds: (a, b) => a.length === b.length },
  { text: 'has the same sum', holds: (a, b) => sum(a) === sum(b) },
];

/** A number of calls after which, or every so many of which, something happens. */
export function drawTurn(draw: FaultDraw): { text: string; holds: (call: number) => boolean } {
  const k = draw.size(1, 7);
  return draw.choose([
    { text: 'always', holds: () => true },
    { text: `from call ${k + 1} on`, holds: (call: number) => call > k },
    { text: `at call ${k + 1}`, holds: (call: number) => call === k + 1 },
    { text: `at one call in ${k + 1}`, holds: (call: number) => call % (k + 1) === 0 },
  ]);
}

export function drawLength(draw: FaultDraw): { text: string; holds: (values: ArrayLike<number>) => boolean } {
  const limit = draw.size(2, 400);
  return draw.choose([
    { text: 'of any length', holds: () => true },
    { text: `longer than ${limit}`, holds: (values: ArrayLike<number>) => values.length > limit },
    { text: `of at most ${limit} numbers`, holds: (values: ArrayLike<number>) => values.length <= limit },
    { text: 'of float64', holds: (values: ArrayLike<number>) => values instanceof Float64Array },
  ]);
}

export function copies(arrays: Arrays): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values.slice()]));
}

function sum(values: RealArray): number {
  return Array.from(values).reduce((total, x) => total + x, 0);
}
