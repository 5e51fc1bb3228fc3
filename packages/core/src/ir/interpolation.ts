/**
 * What the op `table` computes between its knots: the polynomial of least degree that has their value and derivatives
 * (Hermite interpolation), or its slope.
 *
 * Beside value and derivatives, a prepared knot holds the mean slope to the next one. That difference is taken before
 * anything is rounded to float32, where it would lose three to four digits.
 */

/** Arithmetic with numbers, or with expressions that will compute them. */
export interface Numbers<T> {
  of(value: number): T;
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
}

export interface Interpolation {
  /** Values at each knot: function, slope, and so on. */
  readonly derivatives: number;
  /** What is wanted: 0 the function, 1 its slope. */
  readonly order: 0 | 1;
  readonly spacing: number;
}

/**
 * What each column of an interval counts: the derivatives 1, 2, … at its start, the mean slope, and the derivatives at its end.
 * To order 0 comes the function at its start.
 *
 * Spitzbart, A generalization of Hermite's interpolation formula (1960), for two knots.
 * @param t - part of the interval, from 0 to 1
 */
export function hermiteWeights<T>(numbers: Numbers<T>, { derivatives, order, spacing }: Interpolation, t: T): T[] {
  const { of, add, mul } = numbers;
  const u = add(of(1), mul(of(-1), t));
  const product = (factors: readonly T[]): T => factors.reduce((a, b) => mul(a, b));
  const power = (x: T, n: number): T[] => Array.from({ length: n }, () => x);
  const polynomial = (coefficients: readonly number[], x: T): T =>
    coefficients.reduceRight<T | null>((sum, c) => (sum === null ? of(c) : add(mul(sum, x), of(c))), null) ?? of(0);
  /** Of derivative j at the near end, `x` from there and `y` = 1 - x: hʲ/j! xʲ y^D P(x), or its derivative by x over h. */
  const near = (j: number, x: T, y: T): T => {
    const series = Array.from({ length: derivatives - j }, (_, k) => binomial(derivatives - 1 + k, k));
    const scale = of(spacing ** (j - order) / factorial(j));
    if (order === 0) return product([scale, ...power(x, j), ...power(y, derivatives), polynomial(series, x)]);
    const own = mul(add(mul(of(j), y), mul(of(-derivatives), x)), polynomial(series, x));
    const inner = series.slice(1).map((c, k) => c * (k + 1));
    const sum = inner.length === 0 ? own : add(own, product([x, y, polynomial(inner, x)]));
    return product([scale, ...power(x, j - 1), ...power(y, derivatives - 1), sum]);
  };
  const start: T[] = [];
  const end: T[] = [];
  for (let j = 1; j < derivatives; j++) {
    start.push(near(j, t, u));
    end.push(mul(of((-1) ** (j + order)), near(j, u, t)));
  }
  const series = Array.from({ length: derivatives }, (_, k) => binomial(derivatives - 1 + k, k));
  const mean =
    order === 0
      ? product([of(spacing), ...power(t, derivatives), polynomial(series, u)])
      : product([
          of(factorial(2 * derivatives - 1) / factorial(derivatives - 1) ** 2),
          ...power(t, derivatives - 1),
          ...power(u, derivatives - 1),
        ]);
  return [...start, mean, ...end];
}

/** Rows of a prepared knot that {@link hermiteWeights} are for, those of the next knot behind those of the first. */
export function weightedRows(derivatives: number): number[] {
  const rows = Array.from({ length: derivatives }, (_, row) => row + 1);
  return [...rows, ...rows.slice(0, -1).map((row) => derivatives + 1 + row)];
}

export interface KnotShape {
  readonly knots: number;
  readonly derivatives: number;
  readonly functions: number;
  readonly range: readonly [number, number];
}

/** Writes [groups, knots, derivatives, functions] as [groups, knots, derivatives + 1, functions]: the mean slope to the next knot is last. */
export function prepareKnots(data: ArrayLike<number>, prepared: Float32Array | Float64Array, shape: KnotShape): void {
  const { knots, derivatives, functions, range } = shape;
  const spacing = (range[1] - range[0]) / (knots - 1);
  const own = derivatives * functions;
  const rows = data.length / own;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * own, row * (own + functions)];
    const last = row % knots === knots - 1;
    for (let i = 0; i < own; i++) prepared[to + i] = data[from + i]!;
    for (let f = 0; f < functions; f++)
      prepared[to + own + f] = last ? 0 : (data[from + own + f]! - data[from + f]!) / spacing;
  }
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

function binomial(n: number, k: number): number {
  return factorial(n) / (factorial(k) * factorial(n - k));
}
