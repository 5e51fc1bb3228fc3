/**
 * Real spherical harmonics as a polynomial table of the unit vector (x, y, z): polar axis y, component normalisation
 * (Σ_m Y² = 2l+1), upstream's order (spec 2.2).
 */
import { polynomialTable } from '../ir/polynomial.js';
import type { Monomial, PolynomialTable } from '../ir/types.js';
import { wigner3j } from './clebsch-gordan.js';

/** Coefficient of x^a·y^b·z^c, by `a,b,c`. */
type Polynomial = Map<string, number>;

const tables = new Map<number, PolynomialTable>();

/** (lmax+1)² outputs ordered (l, m); operand 0 holds x, y, z. @throws GraphError beyond l = 11 */
export function sphericalHarmonicsTable(lmax: number): PolynomialTable {
  let table = tables.get(lmax);
  if (!table) tables.set(lmax, (table = build(lmax)));
  return table;
}

function build(lmax: number): PolynomialTable {
  const monomials: Monomial[] = [];
  let functions: Polynomial[] = [new Map([['0,0,0', 1]])];
  for (let l = 0; l <= lmax; l++) {
    if (l > 0) functions = next(functions, l);
    functions.forEach((polynomial, m) => {
      for (const [powers, coefficient] of polynomial) {
        const factors = powers.split(',').flatMap((power, component) => Array.from({ length: Number(power) }, () => ({ operand: 0, component })));
        monomials.push({ out: l * l + m, coefficient: coefficient * Math.sqrt(2 * l + 1), factors });
      }
    });
  }
  return polynomialTable((lmax + 1) ** 2, monomials, 1e-14);
}

/** s_l from s_(l−1): q_k = Σ_ij w3j(l, 1, l−1)[k, i, j]·v_i·s_j, normalised to length 1 at (0, 1, 0). */
function next(previous: readonly Polynomial[], l: number): Polynomial[] {
  const width = 2 * l - 1;
  const symbol = wigner3j(l, 1, l - 1);
  const raw = Array.from({ length: 2 * l + 1 }, (_, k): Polynomial => {
    const sum: Polynomial = new Map();
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < width; j++) {
        const weight = symbol[(k * 3 + i) * width + j]!;
        if (weight === 0) continue;
        for (const [powers, coefficient] of previous[j]!) {
          const raised = powers.split(',').map((power, axis) => Number(power) + (axis === i ? 1 : 0)).join(',');
          sum.set(raised, (sum.get(raised) ?? 0) + weight * coefficient);
        }
      }
    }
    return sum;
  });
  const atPole = Math.sqrt(raw.reduce((total, polynomial) => total + (polynomial.get(`0,${l},0`) ?? 0) ** 2, 0));
  return raw.map((polynomial) => new Map([...polynomial].map(([powers, coefficient]) => [powers, coefficient / atPole])));
}
