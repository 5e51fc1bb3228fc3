/**
 * Pieces of a function of distance from samples of it: on each interval the slope is interpolated at Chebyshev points, where it
 * comes nearly as close as a polynomial can, and the function is its integral, at the height that the samples have on average.
 *
 * Slopes first, as forces are less forgiving than energies. At the end of an interval pieces differ by no more than the error.
 */
import { intervalLength, pieceWeights } from '../ir/index.js';

export interface PiecesShape {
  readonly range: readonly [number, number];
  readonly intervals: number;
  /** Of the polynomials. */
  readonly degree: number;
}

/** Where samples of an interval are needed, from -1 to 1: as many as the degree. */
export function fittedAt(degree: number): number[] {
  return Array.from({ length: degree }, (_, i) => -Math.cos((Math.PI * (i + 0.5)) / degree));
}

/** Where an interpolated slope is farthest off, from -1 to 1. */
export function farthestOff(degree: number): number[] {
  return Array.from({ length: degree + 1 }, (_, i) => -Math.cos((Math.PI * i) / degree));
}

/** Distances at `places` of some intervals, in Å [intervals, places]; none is beyond the range. */
export function distancesAt(
  { range, intervals }: Omit<PiecesShape, 'degree'>,
  chosen: readonly number[],
  places: readonly number[],
): Float64Array {
  const length = intervalLength({ range, intervals });
  // Just below the cutoff, where slopes may end in a step.
  const end = range[1] * (1 - Number.EPSILON);
  return Float64Array.from(
    chosen.flatMap((interval) => places.map((u) => Math.min(range[0] + (interval + 0.5 + 0.5 * u) * length, end))),
  );
}

/**
 * Pieces [rows, degree + 1, functions] from values and slopes [rows, degree, 2, functions] at {@link fittedAt}; a row is an interval
 * of a group.
 */
export function fitPieces(samples: Float64Array, functions: number, shape: PiecesShape): Float64Array {
  const { degree } = shape;
  const half = intervalLength(shape) / 2;
  const places = fittedAt(degree);
  const integrals = integratedBasis(places, half);
  const means = integrals.map((_, k) => places.reduce((sum, u) => sum + (u * half) ** (k + 1), 0) / degree);
  const ofRow = degree * 2 * functions;
  const rows = samples.length / ofRow;
  const pieces = new Float64Array(rows * (degree + 1) * functions);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * ofRow, row * (degree + 1) * functions];
    const first = pieces.subarray(to, to + functions);
    for (let i = 0; i < degree; i++) {
      const value = from + 2 * i * functions;
      for (let f = 0; f < functions; f++) first[f]! += samples[value + f]! / degree;
    }
    integrals.forEach((ofSlopes, k) => {
      const own = pieces.subarray(to + (k + 1) * functions, to + (k + 2) * functions);
      ofSlopes.forEach((factor, i) => {
        const slope = from + (2 * i + 1) * functions;
        for (let f = 0; f < functions; f++) own[f]! += factor * samples[slope + f]!;
      });
      for (let f = 0; f < functions; f++) first[f]! -= means[k]! * own[f]!;
    });
  }
  return pieces;
}

/** Values and slopes [rows, places, 2, functions] of pieces, as samples of what they were fitted to. */
export function valuesOfPieces(
  pieces: Float64Array,
  functions: number,
  shape: PiecesShape,
  places: readonly number[],
): Float64Array {
  const half = intervalLength(shape) / 2;
  const terms = shape.degree + 1;
  const orders = [0, 1] as const;
  // The first coefficient that counts does so once.
  const weights = places.flatMap((u) => orders.map((order) => [1, ...pieceWeights(float64, order, terms, u * half)]));
  const rows = pieces.length / (terms * functions);
  const values = new Float64Array(rows * weights.length * functions);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < weights.length; at++, to += functions) {
      const own = weights[at]!;
      for (let k = 0; k < own.length; k++) {
        const from = (row * terms + terms - own.length + k) * functions;
        for (let f = 0; f < functions; f++) values[to + f]! += own[k]! * pieces[from + f]!;
      }
    }
  }
  return values;
}

const float64 = { of: (x: number) => x, mul: (a: number, b: number) => a * b };

/** For each power x¹, x², … what the slope at each place contributes: the integral of Lagrange's polynomials. */
function integratedBasis(places: readonly number[], half: number): number[][] {
  const basis = places.map((own) =>
    places
      .filter((other) => other !== own)
      .reduce((coefficients, other) => timesLinear(coefficients, -other / (own - other), 1 / (own - other)), [1]),
  );
  return places.map((_, k) => basis.map((coefficients) => coefficients[k]! / (half ** k * (k + 1))));
}

/** A polynomial times a + b·u. */
function timesLinear(coefficients: readonly number[], a: number, b: number): number[] {
  return Array.from(
    { length: coefficients.length + 1 },
    (_, k) => a * (coefficients[k] ?? 0) + b * (coefficients[k - 1] ?? 0),
  );
}
