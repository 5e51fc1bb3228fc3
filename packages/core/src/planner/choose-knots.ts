/**
 * How many knots a table of a function of distance needs for a gate.
 *
 * The error of a cubic with exact ends falls with the fourth power of the spacing, that of its slope with the third. So
 * a trial spacing is measured on some of its intervals alone, which says what spacing is needed; that one is measured in
 * turn, on points that no table of it contains.
 */
import type { DistanceSampler } from './distance-sampler.js';
import type { Parameters } from './fold.js';
import type { TableGate } from './table-gate.js';

export interface MeasuredKnots {
  readonly knots: number;
  readonly valueError: number;
  readonly slopeError: number;
}

const firstTrial = 256;
/** What a trial aims at, as a fraction of the gate. */
const aim = 0.5;
const intervalsOfTrial = 12;
const intervalsOfVerification = 32;

/** The number of knots, of those that {@link nextSize} gives, and its measured errors; null where too many are needed. */
export function chooseKnots(sampler: DistanceSampler, parameters: Parameters, gate: TableGate): MeasuredKnots | null {
  const most = Math.min(
    gate.mostKnots ?? 16384,
    Math.floor((gate.mostValues ?? 2 ** 26) / (sampler.groups * 2 * sampler.functions)),
  );
  let knots = Math.min(firstTrial, most);
  let measured = errorsAt(sampler, parameters, gate.range, knots, intervalsOfTrial);
  for (;;) {
    // Not a number is not good enough.
    const excess = Math.max(
      (measured.valueError / (aim * gate.valueError)) ** (1 / 4),
      (measured.slopeError / (aim * gate.slopeError)) ** (1 / 3),
    );
    const needed = nextSize(knots * excess);
    if (!(needed <= most)) return null;
    measured = errorsAt(sampler, parameters, gate.range, needed, intervalsOfVerification);
    if (measured.valueError <= gate.valueError && measured.slopeError <= gate.slopeError)
      return { knots: needed, ...measured };
    knots = needed;
  }
}

/** Knots of a table, equally spaced. */
export function knotPoints([from, to]: readonly [number, number], knots: number): Float64Array {
  const spacing = (to - from) / (knots - 1);
  return Float64Array.from({ length: knots }, (_, i) => (i === knots - 1 ? to : from + spacing * i));
}

/** The least 2ᵏ or 3·2ᵏ from 64 on: a size that small changes of a model or of its elements rarely change. */
function nextSize(knots: number): number {
  let size = 64;
  while (size < knots) size *= 2;
  return size > 64 && knots <= (size / 4) * 3 ? (size / 4) * 3 : size;
}

/** Parts of an interval where a cubic is farthest off: its value in the middle, its slope where the error turns. */
const middle = 0.5;
const turn = 0.5 - Math.sqrt(1 / 12);

/** Largest errors on some intervals of a table, the first and the last among them, as fractions of the largest value and slope. */
function errorsAt(
  sampler: DistanceSampler,
  parameters: Parameters,
  range: readonly [number, number],
  knots: number,
  intervals: number,
): { valueError: number; slopeError: number } {
  const points = knotPoints(range, knots);
  const spacing = points[1]! - points[0]!;
  const parts = [0, middle, turn, 1];
  const distances = Float64Array.from({ length: intervals * parts.length }, (_, i) => {
    const knot = Math.round((Math.floor(i / parts.length) * (knots - 2)) / (intervals - 1));
    const part = parts[i % parts.length]!;
    return part === 1 ? points[knot + 1]! : points[knot]! + part * spacing;
  });
  const exact = sampler.sample(parameters, distances);
  const width = sampler.functions;
  const [value, slope] = [new LargestError(), new LargestError()];
  for (let start = 0; start < exact.length; start += parts.length * 2 * width) {
    const end = start + (parts.length - 1) * 2 * width;
    for (let k = 1; k < parts.length - 1; k++) {
      const at = start + k * 2 * width;
      const [a, b, c, d] = hermite(parts[k]!, spacing);
      const [da, db, dc, dd] = hermiteSlope(parts[k]!, spacing);
      for (let f = 0; f < width; f++) {
        const [y0, s0, y1, s1] = [
          exact[start + f]!,
          exact[start + width + f]!,
          exact[end + f]!,
          exact[end + width + f]!,
        ];
        value.add(a * y0 + b * s0 + c * y1 + d * s1, exact[at + f]!);
        slope.add(da * y0 + db * s0 + dc * y1 + dd * s1, exact[at + width + f]!);
      }
    }
  }
  return { valueError: value.relative, slopeError: slope.relative };
}

/** What value and slope at both ends of an interval count at a part of it. */
function hermite(t: number, spacing: number): [number, number, number, number] {
  return [(1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2 * spacing, t * t * (3 - 2 * t), t * t * (t - 1) * spacing];
}

function hermiteSlope(t: number, spacing: number): [number, number, number, number] {
  return [(6 * t * (t - 1)) / spacing, (1 - t) * (1 - 3 * t), (6 * t * (1 - t)) / spacing, t * (3 * t - 2)];
}

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
