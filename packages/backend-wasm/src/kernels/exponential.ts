/**
 * exp and tanh of every lane. exp: argument reduction and rational approximation of FreeBSD's msun (e_exp.c, e_expf.c, after K. C. Ng), whose
 * error is below one unit in the last place.
 */
import { i32, i32x4, i64x2, v128, type Expression } from '../encoder/expressions.js';
import type { FunctionBuilder } from '../encoder/function-builder.js';
import type { Lanes } from '../lanes.js';

interface Constants {
  readonly range: readonly [number, number];
  readonly ln2: readonly [high: number, low: number];
  /** Of r − r²·P(r²), from the lowest power up. */
  readonly polynomial: readonly number[];
}

const constants: Readonly<Record<'f32' | 'f64', Constants>> = {
  f64: {
    range: [-750, 715],
    ln2: [6.9314718036912381649e-1, 1.90821492927058770002e-10],
    polynomial: [
      1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
      4.13813679705723846039e-8,
    ],
  },
  f32: {
    range: [-110, 95],
    ln2: [6.9314575195e-1, 1.4286067653e-6],
    polynomial: [1.666662544e-1, -2.7667332906e-3],
  },
};

export function exponential(f: FunctionBuilder, lanes: Lanes, argument: Expression): Expression {
  const { vector } = lanes;
  const {
    range: [lowest, highest],
    ln2: [ln2High, ln2Low],
    polynomial,
  } = constants[lanes.precision];
  const x = f.keep(vector.min(vector.max(argument, vector.of(lowest)), vector.of(highest)));
  const n = f.keep(vector.nearest(vector.mul(x, vector.of(Math.LOG2E))));
  const high = f.keep(vector.sub(x, vector.mul(n, vector.of(ln2High))));
  const low = f.keep(vector.mul(n, vector.of(ln2Low)));
  const r = f.keep(vector.sub(high, low));
  const square = f.keep(vector.mul(r, r));
  const series = polynomial.reduceRight<Expression | null>(
    (sum, coefficient) => (sum ? vector.add(vector.of(coefficient), vector.mul(square, sum)) : vector.of(coefficient)),
    null,
  )!;
  const c = f.keep(vector.sub(r, vector.mul(square, series)));
  const quotient = vector.div(vector.mul(r, c), vector.sub(vector.of(2), c));
  const y = f.keep(vector.add(vector.of(1), vector.add(vector.sub(quotient, low), high)));
  // 2ⁿ in two steps, for it may overflow or be subnormal where the result is not.
  const whole = f.keep(lanes.precision === 'f32' ? i32x4.fromF32(n) : i32x4.fromF64(n));
  const half = f.keep(i32x4.shiftRight(whole, i32.of(1)));
  const rest = i32x4.sub(whole, half);
  return vector.mul(vector.mul(y, powerOfTwo(lanes, half)), powerOfTwo(lanes, rest));
}

/**
 * tanh of every lane: ±(1 − 2e / (1 + e)) with e = exp(−2|x|). Near ±1 only the last subtraction rounds, which derivatives of
 * saturated functions need; near 0 it is accurate to rounding of 1, not of x, as the decomposition of the op is.
 */
export function hyperbolicTangent(f: FunctionBuilder, lanes: Lanes, argument: Expression): Expression {
  const { vector } = lanes;
  const x = f.keep(argument);
  const signBit = vector.of(-0);
  const magnitude = v128.andNot(x, signBit);
  const e = f.keep(exponential(f, lanes, vector.mul(magnitude, vector.of(-2))));
  const rest = vector.div(vector.add(e, e), vector.add(vector.of(1), e));
  const value = vector.sub(vector.of(1), rest);
  return v128.or(value, v128.and(x, signBit));
}

/** 2 to the power of whole numbers in the lanes of i32x4. */
function powerOfTwo({ precision }: Lanes, exponents: Expression): Expression {
  const biased = i32x4.add(exponents, i32x4.splat(i32.of(precision === 'f32' ? 127 : 1023)));
  return precision === 'f32' ? i32x4.shiftLeft(biased, i32.of(23)) : i64x2.shiftLeft(i64x2.fromI32(biased), i32.of(52));
}
