/**
 * The coupling tensors U of the symmetric contraction (Batatia et al. 2022, eqs. 10 and 11), built as upstream builds them.
 *
 * U is not symmetrized. The order of its last axis is the order of the weights in files, so the recursion must visit
 * irreps exactly as upstream's `tools/cg.py` does; terms that cannot reach the output are the only ones left out.
 */
import { GraphError } from '../errors.js';
import { MAX_DEGREE, wigner3j } from './clebsch-gordan.js';
import { EntryList, type CouplingEntries } from './coupling-entries.js';
import {
  compareIrreps,
  dimension,
  sameIrrep,
  formatIrrep,
  formatIrreps,
  irrepDimension,
  irrepProduct,
  maxDegree,
  type Irrep,
  type IrrepBlock,
} from './irreps.js';

/** Elements that are zero but for rounding in exact arithmetic; the smallest real ones are larger by many orders. */
const NOISE = 1e-14;

/**
 * U of order ν for one output irrep over `base` (multiplicity 1, in the order of the features' blocks); order 4 keeps only
 * irreps of natural parity on the way, as upstream does.
 *
 * If nothing couples to `output`, U has one path and no elements.
 *
 * @param round - upstream's precision, applied to every symbol, product and sum: `Math.fround` for a float32 file
 * @throws GraphError where upstream's table of 3j symbols ends: ν·ℓmax above 11, except for order 4
 */
export function couplingBasis(
  base: readonly IrrepBlock[],
  output: Irrep,
  order: number,
  round: (value: number) => number = (value) => value,
): CouplingEntries {
  checkBasis(base, output, order);
  const wanted = reachable(base, output, order);
  const blocks = withOffsets(base);
  let terms: Term[] = blocks
    .filter(({ irrep }) => wanted[1]!(irrep))
    .map(({ irrep, offset }) => identityTerm(irrep, offset));
  for (let n = 2; n <= order; n++) {
    const next: Term[] = [];
    for (const left of terms) {
      for (const right of blocks) {
        for (const irrep of irrepProduct(left.irrep, right.irrep)) {
          if (wanted[n]!(irrep) && (order !== 4 || isNatural(irrep)))
            next.push(coupled(left, right, irrep, dimension(base), round));
        }
      }
    }
    terms = next.sort((a, b) => compareIrreps(a.irrep, b.irrep));
  }
  return entriesOf(terms, output.l, order, dimension(base));
}

/** One entry of upstream's list: an irrep and, per component, the elements by code (i1·D + i2)·D + …. */
interface Term {
  readonly irrep: Irrep;
  readonly rows: readonly { readonly codes: number[]; readonly values: number[] }[];
}

interface PlacedBlock {
  readonly irrep: Irrep;
  readonly offset: number;
}

function identityTerm(irrep: Irrep, offset: number): Term {
  return {
    irrep,
    rows: Array.from({ length: irrepDimension(irrep) }, (_, m) => ({ codes: [offset + m], values: [1] })),
  };
}

/** E[m, …, i_n] = √(2l+1) Σ_ab w3j(l, l_left, l_right)[m, a, b] · left[a, …] · δ(i_n, offset + b) (spec 5.2). */
function coupled(left: Term, right: PlacedBlock, irrep: Irrep, size: number, round: (value: number) => number): Term {
  const [dl, dr] = [irrepDimension(left.irrep), irrepDimension(right.irrep)];
  const symbol = wigner3j(irrep.l, left.irrep.l, right.irrep.l);
  const scale = round(Math.sqrt(irrepDimension(irrep)));
  const rows = Array.from({ length: irrepDimension(irrep) }, (_, m) => {
    const codes: number[] = [];
    const values: number[] = [];
    for (let b = 0; b < dr; b++) {
      const sums = new Map<number, number>();
      for (let a = 0; a < dl; a++) {
        const element = symbol[(m * dl + a) * dr + b]!;
        if (element === 0) continue;
        const factor = round(round(element) * scale);
        const { codes: from, values: by } = left.rows[a]!;
        for (let e = 0; e < from.length; e++) {
          const code = from[e]!;
          sums.set(code, round((sums.get(code) ?? 0) + round(factor * by[e]!)));
        }
      }
      for (const [code, value] of sums) {
        if (Math.abs(value) <= NOISE) continue;
        codes.push(code * size + right.offset + b);
        values.push(value);
      }
    }
    return { codes, values };
  });
  return { irrep, rows };
}

/** For each order, which irreps can still become `output`: terms that cannot are never built. */
function reachable(base: readonly IrrepBlock[], output: Irrep, order: number): ((irrep: Irrep) => boolean)[] {
  const sets: Set<string>[] = [];
  let irreps: Irrep[] = [output];
  for (let n = order; n >= 1; n--) {
    sets[n] = new Set(irreps.map(formatIrrep));
    const before = irreps.flatMap((irrep) => base.flatMap((block) => irrepProduct(irrep, block.irrep)));
    irreps = before.filter((irrep, i) => before.findIndex((other) => sameIrrep(other, irrep)) === i);
  }
  return sets.map((set) => (irrep) => set.has(formatIrrep(irrep)));
}

function entriesOf(terms: readonly Term[], degree: number, order: number, size: number): CouplingEntries {
  const list = new EntryList();
  terms.forEach(({ rows }, path) =>
    rows.forEach(({ codes, values }, m) => codes.forEach((code, e) => list.add(m, code, path, values[e]!))),
  );
  return list.finish(degree, order, size, Math.max(1, terms.length));
}

function withOffsets(base: readonly IrrepBlock[]): PlacedBlock[] {
  let offset = 0;
  return base.map(({ irrep }) => {
    const placed = { irrep, offset };
    offset += irrepDimension(irrep);
    return placed;
  });
}

function isNatural({ l, p }: Irrep): boolean {
  return p === (l % 2 === 0 ? 1 : -1) && l <= MAX_DEGREE;
}

function checkBasis(base: readonly IrrepBlock[], output: Irrep, order: number): void {
  const name = `coupling basis of order ${order} for ${formatIrrep(output)} over ${formatIrreps(base)}`;
  if (!Number.isInteger(order) || order < 1)
    throw new GraphError(`bad order: ${name}: expected an integer from 1, got ${order}. Correct the correlation.`);
  if (base.length === 0 || base.some(({ multiplicity }) => multiplicity !== 1)) {
    throw new GraphError(
      `bad base: ${name}: expected at least one block, each of multiplicity 1, got ${formatIrreps(base) || 'none'}. Pass the irreps of one channel.`,
    );
  }
  const highest = order === 4 ? maxDegree(base) : order * maxDegree(base);
  if (highest > MAX_DEGREE) {
    throw new GraphError(
      `coupling beyond the table of 3j symbols: ${name}: expected degrees up to ${MAX_DEGREE} (the table limit of e3nn 0.4.4), ` +
        `got ${highest}. Use a smaller max_ell or correlation, or a file that stores its U_matrix buffers.`,
    );
  }
}
