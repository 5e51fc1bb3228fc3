/**
 * Elementary functions to the accuracy of float32. On a GPU a shader's own sine may be off by 2e-4, and that of
 * wasm is off by 2e-7 also where it is near zero; so there it is made of sums and products. Each is a kernel of its own,
 * between which nothing is rearranged.
 */
import type { Engine } from './engine.js';
import { commonShape, repeated } from './layout.js';
import type { Tensor } from './tensors.js';

export function exponential(engine: Engine, x: Tensor): Tensor {
  return inPackets(engine, (own) => engine.tf.exp(own!), x);
}

/** A shader's own loses up to three digits near 1; there log x = 2 artanh s with s = (x − 1) / (x + 1), |s| ≤ ⅓. */
export function logarithm(engine: Engine, x: Tensor): Tensor {
  const { tf, name } = engine;
  const own = inPackets(engine, (one) => tf.log(one!), x);
  if (name !== 'webgl') return own;
  const s = tf.div(tf.sub(x, 1), tf.add(x, 1));
  const square = tf.mul(s, s);
  const nearOne = tf.mul(tf.mul(s, 2), polynomial(engine, artanhOverS, square));
  return tf.where(tf.less(square, tf.mul(tf.onesLike(x), 1 / 9)), nearOne, own);
}

/** Of an engine's own near zero; elsewhere 1 − 2 / (e²ˣ + 1), which saturates to the last bit. */
export function tangent(engine: Engine, x: Tensor): Tensor {
  const { tf, name } = engine;
  if (name === 'cpu') return tf.tanh(x);
  const size = tf.abs(x);
  const large = tf.sub(1, tf.div(2, tf.add(exponential(engine, tf.add(size, size)), 1)));
  const signed = tf.where(tf.less(x, tf.zeros(x.shape)), tf.neg(large), large);
  return tf.where(tf.less(size, tf.mul(tf.onesLike(x), 0.55)), tf.tanh(x), signed);
}

export function sine(engine: Engine, x: Tensor): Tensor {
  const { tf } = engine;
  if (hasExactAngles(engine)) return inPackets(engine, (own) => tf.sin(own!), x);
  // x = kπ + r with |r| ≤ π/2: sin x = (−1)^k sin r.
  const k = tf.round(tf.mul(x, 1 / Math.PI));
  return tf.mul(alternating(engine, k, 1), nearZero(engine, reduced(engine, x, k)));
}

export function cosine(engine: Engine, x: Tensor): Tensor {
  const { tf } = engine;
  if (hasExactAngles(engine)) return inPackets(engine, (own) => tf.cos(own!), x);
  // x = (k + ½)π + r: cos x = −(−1)^k sin r.
  const k = tf.round(tf.sub(tf.mul(x, 1 / Math.PI), 0.5));
  return tf.mul(alternating(engine, k, -1), nearZero(engine, reduced(engine, x, tf.add(k, 0.5))));
}

/**
 * a to the power b.
 *
 * @param exponent - what all of b is, if that is known: whole powers are products
 */
export function power(engine: Engine, a: Tensor, b: Tensor, exponent: number | undefined): Tensor {
  const { tf } = engine;
  if (exponent === 0.5) return tf.sqrt(a);
  if (exponent === undefined || !Number.isInteger(exponent) || exponent === 0 || Math.abs(exponent) > 16)
    return powerOfAny(engine, a, b);
  let result: Tensor | undefined;
  let square = a;
  for (let left = Math.abs(exponent); ; ) {
    if (left % 2 === 1) result = result ? tf.mul(result, square) : square;
    left = Math.floor(left / 2);
    if (left === 0) break;
    square = tf.mul(square, square);
  }
  if (exponent < 0) return tf.div(1, result!);
  return result === a ? tf.clone(a) : result!;
}

/**
 * The native engine computes 16 numbers at once and what is left over one by one, with other roundings: filled up, a number
 * gets the same bits wherever it stands.
 */
function inPackets(
  { tf, name }: Engine,
  apply: (...xs: Tensor[]) => Tensor,
  first: Tensor,
  ...others: Tensor[]
): Tensor {
  const left = -first.size & 63;
  const xs = [first, ...others];
  if (name !== 'tensorflow' || left === 0) return apply(...xs);
  const filled = xs.map((x) => tf.pad(tf.reshape(x, [x.size]), [[0, left]], 1));
  return tf.reshape(tf.slice(apply(...filled), [0], [first.size]), first.shape);
}

function hasExactAngles({ name }: Engine): boolean {
  return name === 'cpu' || name === 'tensorflow';
}

function powerOfAny(engine: Engine, a: Tensor, b: Tensor): Tensor {
  const { tf, name } = engine;
  if (name !== 'wasm' && name !== 'tensorflow') return tf.pow(a, b);
  const common = commonShape([a.shape, b.shape]);
  return inPackets(engine, (p, q) => tf.pow(p!, q!), repeated(tf, a, common), repeated(tf, b, common));
}

/** π in three parts; the first two have few enough bits that whole and half multiples up to 2¹² are exact. */
const piParts = [201 / 64, 1015 / 2 ** 20, Math.PI - 201 / 64 - 1015 / 2 ** 20] as const;

/** x − k π. */
function reduced({ tf }: Engine, x: Tensor, k: Tensor): Tensor {
  return piParts.reduce<Tensor>((rest, part) => tf.sub(rest, tf.mul(k, part)), x);
}

/** sign · (−1)^k. */
function alternating({ tf }: Engine, k: Tensor, sign: number): Tensor {
  const odd = tf.sub(k, tf.mul(tf.floor(tf.mul(k, 0.5)), 2));
  return tf.sub(sign, tf.mul(odd, 2 * sign));
}

/** Taylor coefficients of (sin r)/r − 1 in r², without their first factor r², as far as float32 sees them at π/2. */
const sineOverR = [-1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800] as const;
/** Taylor coefficients of (artanh s)/s in s², as far as float32 sees them at ⅓. */
const artanhOverS = [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13, 1 / 15] as const;

/** sin r for |r| ≤ π/2. */
function nearZero(engine: Engine, r: Tensor): Tensor {
  const { tf } = engine;
  const square = tf.mul(r, r);
  return tf.add(r, tf.mul(r, tf.mul(square, polynomial(engine, sineOverR, square))));
}

/** @param coefficients - of the powers of x, the lowest first; two at least */
function polynomial({ tf }: Engine, coefficients: readonly number[], x: Tensor): Tensor {
  const [last, next, ...others] = [...coefficients].reverse();
  const start = tf.add(tf.mul(x, last!), next!);
  return others.reduce<Tensor>((sum, c) => tf.add(tf.mul(sum, x), c), start);
}
