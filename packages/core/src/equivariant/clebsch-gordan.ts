/**
 * Real Wigner 3j symbols with the signs of e3nn 0.4.4, which differ from e3nn ≥ 0.5 for some odd l1 + l2 + l3.
 *
 * The basis is that of the harmonics here: polar axis y, l = 1 is (x, y, z). Each element is ± one square root of a
 * ratio of integers, so it is exact up to the last rounding.
 */
import { GraphError } from '../errors.js';
import { binomial, factorial, squareRootOfRatio } from './exact.js';

/** Largest degree in the table of e3nn 0.4.4; upstream cannot go beyond it and neither do we. */
export const MAX_DEGREE = 11;

const cache = new Map<string, Float64Array>();

/**
 * w[m1, m2, m3] with Σ w² = 1, invariant under rotations: [2·l1+1, 2·l2+1, 2·l3+1], row-major.
 *
 * The array is shared between callers; do not write to it.
 * Source: Racah's formula (Edmonds, Angular Momentum in Quantum Mechanics, eq. 3.6.11) in the real basis of e3nn's
 * `o3/_wigner.py`; sign as its stored table has it.
 *
 * @throws GraphError if a degree is not an integer from 0 to 11, or the three violate the triangle rule
 */
export function wigner3j(l1: number, l2: number, l3: number): Float64Array {
  const key = `${l1} ${l2} ${l3}`;
  let symbol = cache.get(key);
  if (!symbol) {
    checkDegrees(l1, l2, l3);
    symbol = l1 <= l2 && l2 <= l3 ? sortedSymbol(l1, l2, l3) : permutedSymbol(l1, l2, l3);
    cache.set(key, symbol);
  }
  return symbol;
}

/** @throws GraphError if `l` is beyond the table; `where` begins the second part of the message */
export function checkDegree(l: number, where: string): void {
  if (Number.isInteger(l) && l >= 0 && l <= MAX_DEGREE) return;
  throw new GraphError(
    `degree ${l} is outside the range of spherical harmonics: ${where}: expected an integer from 0 to ${MAX_DEGREE} ` +
      `(the table limit of e3nn 0.4.4), got ${l}. Use a smaller max_ell or correlation.`,
  );
}

function checkDegrees(l1: number, l2: number, l3: number): void {
  const name = `wigner3j(${l1}, ${l2}, ${l3})`;
  for (const l of [l1, l2, l3]) checkDegree(l, name);
  if (l3 < Math.abs(l1 - l2) || l3 > l1 + l2) {
    throw new GraphError(
      `degrees do not couple: ${name}: expected ${Math.abs(l1 - l2)} ≤ l3 ≤ ${l1 + l2}, got ${l3}. Ask only for irreps of the product.`,
    );
  }
}

function sortedSymbol(l1: number, l2: number, l3: number): Float64Array {
  const [d1, d2, d3] = [2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1];
  const symbol = new Float64Array(d1 * d2 * d3);
  for (let m1 = -l1; m1 <= l1; m1++) {
    for (let m2 = -l2; m2 <= l2; m2++) {
      // Only |m3| = |m1| ± |m2| can occur.
      for (const size of new Set([Math.abs(m1) + Math.abs(m2), Math.abs(Math.abs(m1) - Math.abs(m2))])) {
        if (size > l3) continue;
        for (const m3 of new Set([-size, size])) {
          symbol[((l1 + m1) * d2 + l2 + m2) * d3 + l3 + m3] = realElement(l1, l2, l3, m1, m2, m3);
        }
      }
    }
  }
  const center = symbol[(l1 * d2 + l2) * d3 + l3]!;
  const leading = center !== 0 ? center : symbol.find((value) => value !== 0)!;
  return leading < 0 ? symbol.map((value) => (value === 0 ? 0 : -value)) : symbol;
}

/** Any order of arguments: the sorted symbol with its axes permuted, times (−1)^(l1+l2+l3) for an odd permutation. */
function permutedSymbol(l1: number, l2: number, l3: number): Float64Array {
  const degrees = [l1, l2, l3];
  const order = [0, 1, 2].sort((a, b) => degrees[a]! - degrees[b]! || a - b);
  const sorted = wigner3j(degrees[order[0]!]!, degrees[order[1]!]!, degrees[order[2]!]!);
  const odd = (order[0]! > order[1]! !== order[0]! > order[2]!) !== order[1]! > order[2]!;
  const sign = odd && (l1 + l2 + l3) % 2 === 1 ? -1 : 1;
  const size = degrees.map((l) => 2 * l + 1);
  const strides = [size[1]! * size[2]!, size[2]!, 1];
  const symbol = new Float64Array(sorted.length);
  let from = 0;
  for (let i = 0; i < size[order[0]!]!; i++) {
    for (let j = 0; j < size[order[1]!]!; j++) {
      for (let k = 0; k < size[order[2]!]!; k++, from++) {
        const value = sorted[from]!;
        if (value !== 0)
          symbol[i * strides[order[0]!]! + j * strides[order[1]!]! + k * strides[order[2]!]!] = sign * value;
      }
    }
  }
  return symbol;
}

/**
 * One element before the sign is fixed: a complex symbol ⟨l1 μ1 l2 μ2 | l3 μ3⟩/√(2·l3+1), μi = ±mi, between real bases.
 *
 * At most two choices of signs have μ1 + μ2 = μ3; they are each other's negative, so the two symbols have equal size
 * and either double or cancel. Hence one square root for the whole element.
 */
function realElement(l1: number, l2: number, l3: number, m1: number, m2: number, m3: number): number {
  let real = 0;
  let square: [bigint, bigint] = [0n, 1n];
  for (const u1 of signs(m1)) {
    for (const u2 of signs(m2)) {
      const u3 = u1 + u2;
      if (Math.abs(u3) !== Math.abs(m3)) continue;
      // The power of i of Q1·Q2·conj(Q3); the magnitude 1/√2 per m ≠ 0 follows below.
      const quarterTurns = quarter(l1, m1, u1) + quarter(l2, m2, u2) - quarter(l3, m3, u3);
      const symbol = racah(l1, l2, l3, u1, u2);
      real += [1, 0, -1, 0][((quarterTurns % 4) + 4) % 4]! * symbol.sign;
      square = symbol.square;
    }
  }
  if (real === 0) return 0;
  const halves = [m1, m2, m3].filter((m) => m !== 0).length;
  return Math.sign(real) * squareRootOfRatio(square[0] * BigInt(real * real), square[1] * 2n ** BigInt(halves));
}

function signs(m: number): number[] {
  return m === 0 ? [0] : [Math.abs(m), -Math.abs(m)];
}

/** The phase of the change of basis from complex `mu` to real `m` = ±mu, as a power of i (spec 2.3). */
function quarter(l: number, m: number, mu: number): number {
  if (mu === 0) return -l;
  if (mu < 0) return -l + (m > 0 ? 0 : 3);
  return -l + 2 * mu + (m > 0 ? 0 : 1);
}

/** Sign and square of the Clebsch–Gordan coefficient divided by √(2·l3+1); Racah's sum written with binomials. */
function racah(l1: number, l2: number, l3: number, m1: number, m2: number): { sign: number; square: [bigint, bigint] } {
  const m3 = m1 + m2;
  const [a, b, c] = [l1 + l2 - l3, l1 - l2 + l3, l2 + l3 - l1];
  let sum = 0n;
  for (let k = Math.max(0, l2 - l3 - m1, l1 - l3 + m2); k <= Math.min(a, l1 - m1, l2 + m2); k++) {
    const term = binomial(a, k) * binomial(b, l1 - m1 - k) * binomial(c, l2 + m2 - k);
    sum += k % 2 === 0 ? term : -term;
  }
  const f = factorial;
  const numerator = f(l1 + m1) * f(l1 - m1) * f(l2 + m2) * f(l2 - m2) * f(l3 + m3) * f(l3 - m3) * sum * sum;
  return { sign: sum < 0n ? -1 : sum > 0n ? 1 : 0, square: [numerator, f(a) * f(b) * f(c) * f(l1 + l2 + l3 + 1)] };
}
