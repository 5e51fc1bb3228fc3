/**
 * The coupling basis U of the symmetric contraction, in upstream's order of paths, and the contraction as a table
 * (spec 5; Batatia et al. 2022, eq. 10; upstream `tools/cg.py`).
 *
 * U is kept sparse: one entry per non-zero element. It is not symmetrised here; merging equal monomials does that.
 */
import { polynomialTable } from '../ir/polynomial.js';
import type { Monomial, PolynomialTable } from '../ir/types.js';
import { wigner3j } from './clebsch-gordan.js';
import { compareIrreps, irrepProduct, sameIrrep, type Irrep, type IrrepBlock } from './irreps.js';

/** U of one order: elements U[component, i1…iν, path]. */
export interface CouplingEntries {
  readonly order: number;
  readonly components: number;
  /** Number of paths K; at least 1, as upstream has one path of zeros where there is none. */
  readonly paths: number;
  readonly entries: readonly CouplingEntry[];
}

export interface CouplingEntry {
  readonly component: number;
  /** i1…iν */
  readonly indices: readonly number[];
  readonly path: number;
  readonly value: number;
}

/** One coupled tensor: for each component of `irrep`, values by packed index. */
interface Coupled {
  readonly irrep: Irrep;
  readonly components: readonly ReadonlyMap<number, number>[];
}

/**
 * Upstream's full basis for `order` equal factors of `base` coupled to `output`.
 *
 * @param base blocks of multiplicity 1, in the order of the factor's components
 * @throws GraphError where the recursion leaves the table of 3j symbols, as upstream does
 */
export function couplingBasis(base: readonly IrrepBlock[], output: Irrep, order: number, round: (value: number) => number = (v) => v): CouplingEntries {
  const size = base.reduce((n, { irrep }) => n + 2 * irrep.l + 1, 0);
  const allowed = (irrep: Irrep): boolean => order !== 4 || irrep.p === (irrep.l % 2 === 0 ? 1 : -1);
  let list: Coupled[] = singles(base);
  for (let n = 2; n <= order; n++) {
    list = coupled(list, base, size, (irrep) => allowed(irrep) && (n < order || sameIrrep(irrep, output)));
  }
  const found = list.filter(({ irrep }) => sameIrrep(irrep, output));
  const entries = found.flatMap(({ components }, path) =>
    components.flatMap((values, component) =>
      [...values].map(([packed, value]) => ({ component, indices: unpack(packed, size, order), path, value: round(value) })),
    ),
  );
  return { order, components: 2 * output.l + 1, paths: Math.max(1, found.length), entries };
}

/** The entries of a stored U: [2L+1, D, …, D, K], or [D, …, D, K] for L = 0. */
export function denseToEntries(shape: readonly number[], data: ArrayLike<number>, l: number, order: number): CouplingEntries {
  const components = 2 * l + 1;
  const paths = shape[shape.length - 1]!;
  const size = shape[shape.length - 2]!;
  const entries: CouplingEntry[] = [];
  const perComponent = data.length / components;
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    if (value === 0) continue;
    const within = at % perComponent;
    entries.push({ component: Math.floor(at / perComponent), indices: unpack(Math.floor(within / paths), size, order), path: within % paths, value });
  }
  return { order, components, paths, entries };
}

/**
 * Σ_ν Σ_κ W^(ν)[κ] Σ U^(ν)[M, i1…iν, κ] A[i1]…A[iν]: operand 0 is A, operand 1 the weights, orders ν = 1, 2, …
 * one after the other; products that differ in the order of their factors are one monomial.
 */
export function symmetricContractionTable(orders: readonly CouplingEntries[]): PolynomialTable {
  const monomials: Monomial[] = [];
  let firstPath = 0;
  for (const { entries, paths } of orders) {
    for (const { component, indices, path, value } of entries) {
      const factors = indices.map((index) => ({ operand: 0, component: index }));
      monomials.push({ out: component, coefficient: value, factors: [...factors, { operand: 1, component: firstPath + path }] });
    }
    firstPath += paths;
  }
  return polynomialTable(orders[0]!.components, monomials, 1e-14);
}

function singles(base: readonly IrrepBlock[]): Coupled[] {
  let offset = 0;
  const list = base.map(({ irrep }): Coupled => {
    const start = offset;
    offset += 2 * irrep.l + 1;
    return { irrep, components: Array.from({ length: 2 * irrep.l + 1 }, (_, m) => new Map([[start + m, 1]])) };
  });
  return list.sort((a, b) => compareIrreps(a.irrep, b.irrep));
}

/** E[m, i1…in] = √(2l+1) Σ_ab w3j(l, l_left, l_base)[m, a, b]·left[a, i1…]·δ(in, offset + b). */
function coupled(left: readonly Coupled[], base: readonly IrrepBlock[], size: number, keep: (irrep: Irrep) => boolean): Coupled[] {
  const list: Coupled[] = [];
  for (const { irrep: a, components } of left) {
    let offset = 0;
    for (const { irrep: b } of base) {
      for (const irrep of irrepProduct(a, b)) {
        if (!keep(irrep)) continue;
        const symbol = wigner3j(irrep.l, a.l, b.l);
        const scale = Math.sqrt(2 * irrep.l + 1);
        list.push({ irrep, components: Array.from({ length: 2 * irrep.l + 1 }, (_, m) => row(components, symbol, scale, m, a.l, b.l, offset, size)) });
      }
      offset += 2 * b.l + 1;
    }
  }
  return list.sort((x, y) => compareIrreps(x.irrep, y.irrep));
}

function row(components: readonly ReadonlyMap<number, number>[], symbol: Float64Array, scale: number, m: number, la: number, lb: number, offset: number, size: number): Map<number, number> {
  const out = new Map<number, number>();
  for (let i = 0; i < 2 * la + 1; i++) {
    for (let j = 0; j < 2 * lb + 1; j++) {
      const weight = scale * symbol[(m * (2 * la + 1) + i) * (2 * lb + 1) + j]!;
      if (weight === 0) continue;
      for (const [packed, value] of components[i]!) {
        const key = packed * size + offset + j;
        out.set(key, (out.get(key) ?? 0) + weight * value);
      }
    }
  }
  return out;
}

function unpack(packed: number, size: number, order: number): number[] {
  const indices = new Array<number>(order);
  for (let n = order - 1; n >= 0; n--) {
    indices[n] = packed % size;
    packed = Math.floor(packed / size);
  }
  return indices;
}
