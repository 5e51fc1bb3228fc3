/**
 * Real spherical harmonics as polynomials in x, y, z: component normalization, polar axis y, l = 1 in the order x, y, z.
 *
 * Each is the homogeneous polynomial of degree l, so it is the harmonic for a unit vector only (and |v|^l times it otherwise).
 */
import { polynomialTable } from '../ir/polynomial.js';
import type { Factor, Monomial, PolynomialTable } from '../ir/types.js';
import { checkDegree } from './clebsch-gordan.js';
import { binomial, factorial, squareRootOfRatio } from './exact.js';

/**
 * All harmonics to degree `lmax`: operand 0 is the unit vector [3], result [(lmax+1)²] ordered (l, m), Σ_m Y² = 2l + 1.
 *
 * Source: the solid harmonics in powers of the height and of the distance from the axis (Helgaker, Jørgensen and Olsen,
 * Molecular Electronic-Structure Theory, section 6.4); basis and normalization of e3nn `o3/_spherical_harmonics.py`.
 *
 * @throws GraphError if `lmax` is not an integer from 0 to 11
 */
export function sphericalHarmonicsTable(lmax: number): PolynomialTable {
  checkDegree(lmax, `sphericalHarmonicsTable(${lmax})`);
  const monomials: Monomial[] = [];
  for (let l = 0; l <= lmax; l++) {
    for (let m = -l; m <= l; m++) monomials.push(...harmonic(l, m));
  }
  return polynomialTable((lmax + 1) ** 2, monomials);
}

/**
 * √(2l+1) · N · Re or Im (z + ix)^|m| · Σ_k (−1)^k (l+|m|)!/(2^(2k+|m|) k! (k+|m|)! (l−|m|−2k)!) · (z² + x²)^k y^(l−|m|−2k)
 * with N² = 2 (l−|m|)!/(l+|m|)!, or 1 for m = 0; Im for negative m, else Re.
 */
function harmonic(l: number, m: number): Monomial[] {
  const size = Math.abs(m);
  const normalization = BigInt(2 * l + 1) * (m === 0 ? 1n : 2n) * factorial(l - size);
  const monomials: Monomial[] = [];
  for (let k = 0; 2 * k <= l - size; k++) {
    const denominator = 2n ** BigInt(2 * k + size) * factorial(k) * factorial(k + size) * factorial(l - size - 2 * k);
    for (const [powerOfX, count] of planar(size, m < 0, k)) {
      // (l+m)!² from the sum and 1/(l+m)! from N².
      const value = squareRootOfRatio(normalization * factorial(l + size) * count * count, denominator * denominator);
      const powerOfY = l - size - 2 * k;
      monomials.push({
        out: l * l + l + m,
        coefficient: (count < 0n ? -value : value) * (k % 2 === 0 ? 1 : -1),
        factors: [...power(0, powerOfX), ...power(1, powerOfY), ...power(2, l - powerOfY - powerOfX)],
      });
    }
  }
  return monomials;
}

/** Re or Im (z + ix)^size · (z² + x²)^k as power of x → integer coefficient. */
function planar(size: number, imaginary: boolean, k: number): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  for (let a = imaginary ? 1 : 0; a <= size; a += 2) {
    const sign = Math.floor(a / 2) % 2 === 0 ? 1n : -1n;
    for (let b = 0; b <= k; b++) {
      const power = a + 2 * b;
      counts.set(power, (counts.get(power) ?? 0n) + sign * binomial(size, a) * binomial(k, b));
    }
  }
  for (const [power, count] of counts) if (count === 0n) counts.delete(power);
  return counts;
}

function power(component: number, exponent: number): Factor[] {
  return Array.from({ length: exponent }, () => ({ operand: 0, component }));
}
