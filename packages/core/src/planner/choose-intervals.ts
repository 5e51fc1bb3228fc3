/**
 * How many intervals a table of a function of distance needs for a gate. Each group of edges has a choice of its own, so that what a
 * pair of elements gets does not depend on the others.
 *
 * With pieces of degree d the error of the slope falls with power d of their length, that of the value with the next higher.
 * So a trial length says what length is needed. That one is measured in turn, on all intervals: networks change fast at
 * some distances, mostly short ones, and hardly elsewhere.
 */
import type { DistanceSampler } from './distance-sampler.js';
import { exactRange } from './exact-range.js';
import { distancesAt, farthestOff, fitPieces, fittedAt, valuesOfPieces, type PiecesShape } from './fit-pieces.js';
import { mostIntervals, usualDegree, type TableGate } from './table-gate.js';

interface Errors {
  readonly valueError: number;
  readonly slopeError: number;
}

export interface MeasuredIntervals extends Errors {
  readonly intervals: number;
  /** Å: what they divide; see `exactRange`. */
  readonly range: readonly [number, number];
  /** What was measured, on all intervals [intervals, degree + 1, functions]. */
  readonly pieces: Float64Array;
}

const firstTrial = 64;
export const leastIntervals = 16;
/** What a trial aims at, as a fraction of the gate. */
const aim = 0.7;
/** Distances near which a second trial is measured. */
const worstDistances = 12;
/** Intervals whose errors go through the last matrix. */
const widenedIntervals = 48;
/** Intervals that say how large values become. */
const sizedIntervals = 24;

/**
 * The number of intervals of a group, of those that {@link nextSize} gives, and its measured errors; null where more are needed than
 * `most`.
 */
export function chooseIntervals(all: DistanceSampler, group: number, gate: TableGate): MeasuredIntervals | null {
  const degree = gate.degree ?? usualDegree;
  const most = gate.mostIntervals ?? mostIntervals;
  const sampler = ofGroup(all, group);
  const largest = largestOf(sampler, gate.range);
  const shapeOf = (intervals: number): PiecesShape => ({ range: exactRange(gate.range, intervals), intervals, degree });
  const needed = (intervals: number, { valueError, slopeError }: Errors): number =>
    nextSize(
      intervals *
        Math.max(
          (valueError / (aim * gate.valueError)) ** (1 / (degree + 1)),
          (slopeError / (aim * gate.slopeError)) ** (1 / degree),
        ),
    );
  const first = Math.min(firstTrial, most);
  const trial = errorsAt(sampler, shapeOf(first), allOf(first), largest);
  if (Number.isNaN(trial.slopeError)) return null;
  let intervals = Math.min(needed(first, trial), most);
  // Far from the length that is needed the error falls otherwise than near it.
  const near = trial.worst.map((interval) => Math.floor(((interval + 0.5) / first) * intervals));
  intervals = Math.min(needed(intervals, errorsAt(sampler, shapeOf(intervals), [...new Set(near)], largest)), most);
  for (;;) {
    const { worst: _, ...measured } = errorsAt(sampler, shapeOf(intervals), allOf(intervals), largest);
    if (measured.valueError <= gate.valueError && measured.slopeError <= gate.slopeError)
      return { intervals, range: shapeOf(intervals).range, ...measured };
    const more = Math.max(needed(intervals, measured), nextSize(intervals + 1));
    if (!(more <= most)) return null;
    intervals = more;
  }
}

/** What is sampled of one group. */
interface GroupSampler {
  readonly functions: number;
  readonly width: number;
  sample(distances: Float64Array): Float64Array;
  widened(rows: Float64Array): Float64Array;
}

function ofGroup(sampler: DistanceSampler, group: number): GroupSampler {
  const { functions, width } = sampler.graphs;
  return {
    functions,
    width,
    sample: (distances) => sampler.sample(distances, [group]),
    widened: (rows) => sampler.widened(rows),
  };
}

const allOf = (intervals: number): number[] => Array.from({ length: intervals }, (_, i) => i);

/** The least of 4, 5, 6 and 7 times 2ᵏ, from 16 on: a size that small changes of a model rarely change. Infinity of what is not a number. */
function nextSize(intervals: number): number {
  if (!Number.isFinite(intervals)) return Infinity;
  let step = leastIntervals / 4;
  while (8 * step < intervals) step *= 2;
  return Math.max(leastIntervals, Math.ceil(intervals / step) * step);
}

interface MeasuredErrors extends Errors {
  /** Of the chosen intervals. */
  readonly pieces: Float64Array;
  /** Intervals where they are farthest off. */
  readonly worst: readonly number[];
}

/**
 * Largest errors on the chosen intervals of a table, as fractions of the largest value and slope. Before the last matrix all are
 * measured, behind it those that are farthest off before it.
 */
function errorsAt(
  sampler: GroupSampler,
  shape: PiecesShape,
  chosen: readonly number[],
  largest: readonly [number, number],
): MeasuredErrors {
  const { functions, width } = sampler;
  // They are about as far off at all of these.
  const places = farthestOff(shape.degree).filter((_, i) => i % 2 === 0);
  const sampleAt = (where: readonly number[]): Float64Array => sampler.sample(distancesAt(shape, chosen, where));
  const exact = sampleAt(places);
  const pieces = fitPieces(sampleAt(fittedAt(shape.degree)), functions, shape);
  const errors = valuesOfPieces(pieces, functions, shape, places).map((value, i) => value - exact[i]!);
  const ofInterval = places.length * 2 * functions;
  const slopes = Array.from({ length: errors.length / ofInterval }, (_, row) =>
    largestByOrder(errors.subarray(row * ofInterval, (row + 1) * ofInterval), functions),
  );
  const order = slopes.map((_, row) => row).sort((a, b) => farness(slopes[b]!) - farness(slopes[a]!));
  const some = order.slice(0, widenedIntervals);
  const rows = new Float64Array(some.length * ofInterval);
  some.forEach((row, i) => rows.set(errors.subarray(row * ofInterval, (row + 1) * ofInterval), i * ofInterval));
  const found = largestByOrder(sampler.widened(rows), width);
  const relative = (which: 0 | 1): number => (largest[which] === 0 ? 0 : found[which] / largest[which]);
  return {
    valueError: relative(0),
    slopeError: relative(1),
    pieces,
    worst: order.slice(0, worstDistances).map((row) => chosen[row]!),
  };
}

/** Slopes decide; what is not a number is farthest off. */
function farness([, slope]: readonly [number, number]): number {
  return Number.isNaN(slope) ? Infinity : slope;
}

/** About the largest value and the largest slope of a table: of so many distances one in an interval is enough. */
function largestOf(sampler: GroupSampler, range: TableGate['range']): [number, number] {
  const middles = distancesAt({ range, intervals: sizedIntervals }, allOf(sizedIntervals), [0]);
  return largestByOrder(sampler.widened(sampler.sample(middles)), sampler.width);
}

/** Of values and slopes [rows, 2, width] the largest value and the largest slope, NaN if there is one. */
function largestByOrder(samples: Float64Array, width: number): [number, number] {
  const largest: [number, number] = [0, 0];
  for (let from = 0; from < samples.length; from += width) {
    const order = (from / width) % 2 === 0 ? 0 : 1;
    let most = largest[order];
    for (let f = 0; f < width; f++) most = Math.max(most, Math.abs(samples[from + f]!));
    largest[order] = most;
  }
  return largest;
}
