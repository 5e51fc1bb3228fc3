/** Exponentials and logarithms of matrices, beside scipy and beside each other. */
import { describe, expect, test } from 'vitest';
import { exponential, exponentialDerivative, logarithm, multiply, trace, transpose } from './matrices.js';

const a = Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.4, 0.25, 0.7, 0.05, 0.15);
const direction = Float64Array.of(1, 2, -1, 0.5, 0.25, 3, -2, 1, 0.75);
const near = (found: Float64Array, wanted: ArrayLike<number>, digits = 13): void => {
  expect(found.length).toBe(wanted.length);
  found.forEach((x, i) => expect(x).toBeCloseTo(wanted[i]!, digits));
};

describe('matrices', () => {
  test('exp and its derivative are those of scipy.linalg', () => {
    near(exponential(a), scipy.exponential);
    near(exponentialDerivative(a, direction), scipy.derivative);
    near(
      exponential(a.map((x) => 20 * x)).map((x) => x / 1e6),
      scipy.large.map((x) => x / 1e6),
      8,
    );
  });

  test('log turns exp around, near 1 and far from it', () => {
    for (const scale of [1e-9, 0.01, 0.3, 1, 2.5]) {
      const shape = a.map((x) => scale * x);
      near(logarithm(exponential(shape)), shape);
    }
    near(logarithm(scipy.positive), scipy.logarithm, 12);
  });

  test('the determinant of exp is exp of the trace; products and transposes fit', () => {
    const e = exponential(a);
    const [b, c] = [multiply(e, exponential(a.map((x) => -x))), transpose(multiply(a, direction))];
    near(b, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    near(c, multiply(transpose(direction), transpose(a)));
    const determinant =
      e[0]! * (e[4]! * e[8]! - e[5]! * e[7]!) -
      e[1]! * (e[3]! * e[8]! - e[5]! * e[6]!) +
      e[2]! * (e[3]! * e[7]! - e[4]! * e[6]!);
    expect(determinant).toBeCloseTo(Math.exp(trace(a)), 13);
  });
});

/** scipy 1.17.1: expm(a), expm_frechet(a, direction), expm(20 a), logm(positive). */
const scipy = {
  exponential: [
    1.5638029251341816, -0.19343753685318235, 0.6359208861683356, 0.1960624927974911, 0.6615924375740039,
    0.264977123419688, 0.9300267303840298, -0.02647955481278232, 1.3822987402249651,
  ],
  derivative: [
    0.47610763668078776, 2.2212137699917682, -0.9468921823018384, 1.464080801644592, 0.3889395997270783,
    3.0266859451269865, -1.9570915725148124, 1.8786252072314498, 0.1799540267175708,
  ],
  large: [
    4394658.685896066, -603309.7480216566, 3182097.576610162, 1393278.7043734498, -191272.7810016754,
    1008849.4121116814, 4891586.139399274, -671529.1818677617, 3541914.30374686,
  ],
  positive: Float64Array.of(2.5, 0.4, -0.3, 0.1, 0.6, 0.2, 0.05, -0.15, 1.7),
  logarithm: [
    0.9110927600827601, 0.28869914313306055, -0.1638406979587151, 0.07247931560633492, -0.5086484116673812,
    0.19611964148840097, 0.027712822757212277, -0.14648067147016172, 0.5432109920886811,
  ],
};
