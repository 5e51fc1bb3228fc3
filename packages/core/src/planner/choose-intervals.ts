/**
 * How many intervals a table of a function of distance needs for a gate.
 *
 * With pieces of degree d the error of the slope falls with power d of their length, that of the value with the next higher.
 * So a trial length is measured on some of its intervals alone, which says what length is needed; that one is measured in
 * turn, where pieces are farthest off.
 */
import { pieceWeights } from '../ir/index.js';
import type { DistanceSampler } from './distance-sampler.js';
import { distancesAt, farthestOff, fitPieces, fittedAt, type PiecesShape } from './fit-pieces.js';
import type { Parameters } from './fold.js';
import { usualDegree, type TableGate } from './table-gate.js';

interface Errors {
  readonly valueError: number;
  readonly slopeError: number;
}

export interface MeasuredIntervals extends Errors {
  readonly intervals: number;
}

const firstTrial = 64;
const leastIntervals = 16;
/** What a trial aims at, as a fraction of the gate. */
const aim = 0.7;
const trials = 2;
const intervalsOfTrial = 12;
const intervalsOfVerification = 24;

/** The number of intervals, of those that {@link nextSize} gives, and its measured errors; null where too many are needed. */
export function chooseIntervals(
  sampler: DistanceSampler,
  parameters: Parameters,
  gate: TableGate,
): MeasuredIntervals | null {
  const degree = gate.degree ?? usualDegree;
  const most = Math.min(
    gate.mostIntervals ?? 16384,
    Math.floor((gate.mostValues ?? 2 ** 26) / (sampler.groups * (degree + 1) * sampler.functions)),
  );
  const measure = (intervals: number, some: number): Errors =>
    errorsAt(sampler, parameters, { range: gate.range, intervals, degree }, some);
  const needed = (intervals: number, { valueError, slopeError }: Errors): number =>
    nextSize(
      intervals *
        Math.max(
          (valueError / (aim * gate.valueError)) ** (1 / (degree + 1)),
          (slopeError / (aim * gate.slopeError)) ** (1 / degree),
        ),
    );
  if (most < 1) return null;
  let intervals = Math.min(firstTrial, most);
  // Far from the length that is needed the error falls otherwise than near it.
  for (let trial = 0; trial < trials; trial++)
    intervals = Math.min(needed(intervals, measure(intervals, intervalsOfTrial)), most);
  for (;;) {
    const measured = measure(intervals, intervalsOfVerification);
    if (measured.valueError <= gate.valueError && measured.slopeError <= gate.slopeError)
      return { intervals, ...measured };
    const more = Math.max(needed(intervals, measured), nextSize(intervals + 1));
    if (!(more <= most)) return null;
    intervals = more;
  }
}

/** The least of 4, 5, 6 and 7 times 2ᵏ, from 16 on: a size that small changes of a model rarely change. Infinity of what is not a number. */
function nextSize(intervals: number): number {
  if (!Number.isFinite(intervals)) return Infinity;
  let step = leastIntervals / 4;
  while (8 * step < intervals) step *= 2;
  return Math.max(leastIntervals, Math.ceil(intervals / step) * step);
}

/** Largest errors on some intervals of a table, the first and the last among them, as fractions of the largest value and slope. */
function errorsAt(sampler: DistanceSampler, parameters: Parameters, shape: PiecesShape, mostIntervals: number): Errors {
  const { intervals, degree } = shape;
  const { functions } = sampler;
  const some = Math.min(mostIntervals, intervals);
  const chosen = Array.from({ length: some }, (_, i) => Math.round((i * (intervals - 1)) / Math.max(some - 1, 1)));
  const places = farthestOff(degree);
  const fitted = sampler.sampleDistinct(parameters, distancesAt(shape, chosen, fittedAt(degree)));
  const exact = sampler.sampleDistinct(parameters, distancesAt(shape, chosen, places));
  const pieces = fitPieces(fitted, functions, shape);
  const half = (shape.range[1] - shape.range[0]) / intervals / 2;
  const weights = places.map((u) =>
    ([0, 1] as const).map((order) => pieceWeights(float64, order, degree + 1, u * half)),
  );
  const errors = [new LargestError(), new LargestError()] as const;
  const rows = pieces.length / ((degree + 1) * functions);
  for (let row = 0; row < rows; row++) {
    weights.forEach((ofPlace, at) => {
      for (const order of [0, 1] as const) {
        const sample = ((row * places.length + at) * 2 + order) * functions;
        const first = (row * (degree + 1) + order) * functions;
        for (let f = 0; f < functions; f++) {
          let found = pieces[first + f]!;
          ofPlace[order]!.forEach((weight, k) => (found += weight * pieces[first + (k + 1) * functions + f]!));
          errors[order].add(found, exact[sample + f]!);
        }
      }
    });
  }
  return { valueError: errors[0].relative, slopeError: errors[1].relative };
}

const float64 = { of: (x: number) => x, mul: (a: number, b: number) => a * b };

class LargestError {
  #error = 0;
  #value = 0;

  add(found: number, exact: number): void {
    const error = Math.abs(found - exact);
    // What is not a number stays.
    if (!(error <= this.#error)) this.#error = error;
    this.#value = Math.max(this.#value, Math.abs(exact));
  }

  get relative(): number {
    return this.#value === 0 ? 0 : this.#error / this.#value;
  }
}
