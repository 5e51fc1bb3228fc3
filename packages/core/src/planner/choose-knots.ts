/**
 * How many knots a table of a function of distance needs for a gate.
 *
 * With d exact derivatives at both ends the error falls with power 2d of the spacing, that of the slope with the next lower. So
 * a trial spacing is measured on some of its intervals alone, which says what spacing is needed; that one is measured in
 * turn, on points that no table of it contains.
 */
import { hermiteWeights } from '../ir/index.js';
import type { DistanceSampler } from './distance-sampler.js';
import type { Parameters } from './fold.js';
import type { TableGate } from './table-gate.js';

interface Errors {
  readonly valueError: number;
  readonly slopeError: number;
}

export interface MeasuredKnots extends Errors {
  readonly knots: number;
}

const firstTrial = 64;
const leastKnots = 16;
/** What a trial aims at, as a fraction of the gate. */
const aim = 0.5;
const trials = 2;
const intervalsOfTrial = 12;
const intervalsOfVerification = 24;

/** The number of knots, of those that {@link nextSize} gives, and its measured errors; null where too many are needed. */
export function chooseKnots(sampler: DistanceSampler, parameters: Parameters, gate: TableGate): MeasuredKnots | null {
  const most = Math.min(
    gate.mostKnots ?? 16384,
    Math.floor((gate.mostValues ?? 2 ** 26) / (sampler.groups * sampler.derivatives * sampler.functions)),
  );
  const power = 2 * sampler.derivatives;
  const measure = (knots: number, intervals: number) => errorsAt(sampler, parameters, gate.range, knots, intervals);
  const needed = (knots: number, { valueError, slopeError }: Errors): number =>
    nextSize(
      knots *
        Math.max(
          (valueError / (aim * gate.valueError)) ** (1 / power),
          (slopeError / (aim * gate.slopeError)) ** (1 / (power - 1)),
        ),
    );
  let knots = Math.min(firstTrial, most);
  // Far from the spacing that is needed the error falls otherwise than near it.
  for (let trial = 0; trial < trials; trial++) knots = Math.min(needed(knots, measure(knots, intervalsOfTrial)), most);
  for (;;) {
    const measured = measure(knots, intervalsOfVerification);
    if (measured.valueError <= gate.valueError && measured.slopeError <= gate.slopeError) return { knots, ...measured };
    const more = needed(knots, measured);
    if (more > most) return null;
    knots = more;
  }
}

/** Knots of a table, equally spaced; the last one just below the cutoff, where derivatives may end in a step. */
export function knotPoints([from, to]: readonly [number, number], knots: number): Float64Array {
  const spacing = (to - from) / (knots - 1);
  return Float64Array.from({ length: knots }, (_, i) =>
    i === knots - 1 ? to * (1 - Number.EPSILON) : from + spacing * i,
  );
}

/** The least 2ᵏ or 3·2ᵏ from 16 on: a size that small changes of a model or of its elements rarely change. Infinity of what is not a number. */
function nextSize(knots: number): number {
  if (!Number.isFinite(knots)) return Infinity;
  let size = leastKnots;
  while (size < knots) size *= 2;
  return size > leastKnots && knots <= (size / 4) * 3 ? (size / 4) * 3 : size;
}

/** Largest errors on some intervals of a table, the first and the last among them, as fractions of the largest value and slope. */
function errorsAt(
  sampler: DistanceSampler,
  parameters: Parameters,
  range: readonly [number, number],
  knots: number,
  mostIntervals: number,
): Errors {
  const points = knotPoints(range, knots);
  const spacing = points[1]! - points[0]!;
  const intervals = Math.min(mostIntervals, knots - 1);
  const { derivatives, functions } = sampler;
  // An interval is farthest off in its middle, its slope where (t(1 - t))ᵈ has turning points.
  const turn = 0.5 - 0.5 / Math.sqrt(2 * derivatives - 1);
  const parts = [0, turn, 0.5, 1];
  const distances = Float64Array.from({ length: intervals * parts.length }, (_, i) => {
    const knot = Math.round((Math.floor(i / parts.length) * (knots - 2)) / (intervals - 1));
    const part = parts[i % parts.length]!;
    return part === 1 ? points[knot + 1]! : points[knot]! + part * spacing;
  });
  const exact = sampler.sampleDistinct(parameters, distances);
  const ofPoint = derivatives * functions;
  const errors = [new LargestError(), new LargestError()] as const;
  for (let start = 0; start < exact.length; start += parts.length * ofPoint) {
    const end = start + (parts.length - 1) * ofPoint;
    for (let k = 1; k < parts.length - 1; k++) {
      for (const order of [0, 1] as const) {
        const weights = hermiteWeights(float64, { derivatives, order, spacing }, parts[k]!);
        const mean = derivatives - 1;
        for (let f = 0; f < functions; f++) {
          let found = order === 0 ? exact[start + f]! : 0;
          for (let j = 1; j < derivatives; j++)
            found +=
              weights[j - 1]! * exact[start + j * functions + f]! +
              weights[mean + j]! * exact[end + j * functions + f]!;
          found += (weights[mean]! * (exact[end + f]! - exact[start + f]!)) / spacing;
          errors[order].add(found, exact[start + k * ofPoint + order * functions + f]!);
        }
      }
    }
  }
  return { valueError: errors[0].relative, slopeError: errors[1].relative };
}

const float64 = { of: (x: number) => x, add: (a: number, b: number) => a + b, mul: (a: number, b: number) => a * b };

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
