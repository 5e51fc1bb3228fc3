/**
 * The channelwise ("uvu") tensor product of features with edge harmonics, weighted per path (spec 2.5).
 */
import { polynomialTable } from '../ir/polynomial.js';
import type { Monomial, PolynomialTable } from '../ir/types.js';
import { wigner3j } from './clebsch-gordan.js';
import { compareIrreps, irrepProduct, sameIrrep, type Irrep, type IrrepBlock } from './irreps.js';

export interface ProductPath {
  readonly inputBlock: number;
  readonly harmonicBlock: number;
  readonly irrep: Irrep;
  /** Multiplicity of the input block, which is the number of weights of the path. */
  readonly multiplicity: number;
}

export interface ChannelwiseProduct {
  /** In the order of upstream's instructions: sorted by output irrep. */
  readonly paths: readonly ProductPath[];
  /**
   * The table for some input blocks of equal multiplicity (all by default): operand 0 their components in order,
   * operand 1 the harmonics, operand 2 one weight per path of these blocks; outputs ordered (irrep, m, path).
   */
  table(blocks?: readonly number[]): PolynomialTable;
}

/** @param options.round applied to 3j symbols as upstream stores them (identity by default) */
export function channelwiseProduct(
  input: readonly IrrepBlock[],
  harmonics: readonly IrrepBlock[],
  target: readonly IrrepBlock[],
  options: { readonly round?: (value: number) => number } = {},
): ChannelwiseProduct {
  const paths: ProductPath[] = [];
  input.forEach(({ multiplicity, irrep: a }, inputBlock) => {
    harmonics.forEach(({ irrep: b }, harmonicBlock) => {
      for (const irrep of irrepProduct(a, b)) {
        if (target.some((block) => sameIrrep(block.irrep, irrep))) paths.push({ inputBlock, harmonicBlock, irrep, multiplicity });
      }
    });
  });
  paths.sort((a, b) => compareIrreps(a.irrep, b.irrep));
  const round = options.round ?? ((value: number) => value);
  return { paths, table: (blocks = input.map((_, i) => i)) => pathTable(paths, input, harmonics, blocks, round) };
}

function pathTable(
  paths: readonly ProductPath[],
  input: readonly IrrepBlock[],
  harmonics: readonly IrrepBlock[],
  blocks: readonly number[],
  round: (value: number) => number,
): PolynomialTable {
  const own = paths.filter((path) => blocks.includes(path.inputBlock));
  const inputOffset = offsets(blocks.map((block) => input[block]!));
  const harmonicOffset = offsets(harmonics);
  const monomials: Monomial[] = [];
  let base = 0;
  own.forEach((path, weight) => {
    const sameOut = own.filter((other) => sameIrrep(other.irrep, path.irrep));
    const position = sameOut.indexOf(path);
    const l1 = input[path.inputBlock]!.irrep.l;
    const l2 = harmonics[path.harmonicBlock]!.irrep.l;
    const l3 = path.irrep.l;
    const symbol = coupling(l1, l2, l3, round);
    const from = inputOffset[blocks.indexOf(path.inputBlock)]!;
    const edge = harmonicOffset[path.harmonicBlock]!;
    for (let a = 0; a < 2 * l1 + 1; a++) {
      for (let b = 0; b < 2 * l2 + 1; b++) {
        for (let c = 0; c < 2 * l3 + 1; c++) {
          const coefficient = symbol(a, b, c);
          if (coefficient === 0) continue;
          monomials.push({
            out: base + c * sameOut.length + position,
            coefficient,
            factors: [{ operand: 0, component: from + a }, { operand: 1, component: edge + b }, { operand: 2, component: weight }],
          });
        }
      }
    }
    if (position === sameOut.length - 1) base += (2 * l3 + 1) * sameOut.length;
  });
  return polynomialTable(base, monomials);
}

/** √(2·l3+1)·w3j; where one degree is 0, e3nn writes the exact factor instead of the stored symbol. */
function coupling(l1: number, l2: number, l3: number, round: (value: number) => number): (a: number, b: number, c: number) => number {
  if (l1 === 0) return (_a, b, c) => (b === c ? 1 : 0);
  if (l2 === 0) return (a, _b, c) => (a === c ? 1 : 0);
  if (l3 === 0) return (a, b) => (a === b ? 1 / Math.sqrt(2 * l1 + 1) : 0);
  const symbol = wigner3j(l1, l2, l3);
  const scale = Math.sqrt(2 * l3 + 1);
  return (a, b, c) => scale * round(symbol[(a * (2 * l2 + 1) + b) * (2 * l3 + 1) + c]!);
}

/** First component of each block, one channel each. */
function offsets(blocks: readonly IrrepBlock[]): number[] {
  let offset = 0;
  return blocks.map(({ irrep }) => {
    const start = offset;
    offset += 2 * irrep.l + 1;
    return start;
  });
}
