/**
 * The channelwise product of features with edge harmonics, weighted per path and channel: upstream's `conv_tp`, which is
 * e3nn's `TensorProduct` in "uvu" mode with the instructions of `mace/modules/irreps_tools.py`.
 *
 * Upstream's order of paths (sorted by output irrep) is also the order of the weights in files. Blocks of input with
 * different multiplicities need a table each.
 */
import { GraphError } from '../errors.js';
import { polynomialTable } from '../ir/polynomial.js';
import type { Monomial, PolynomialTable } from '../ir/types.js';
import { wigner3j } from './clebsch-gordan.js';
import {
  compareIrreps,
  sameIrrep,
  formatIrreps,
  includesIrrep,
  irrepDimension,
  irrepProduct,
  type Irrep,
  type IrrepBlock,
} from './irreps.js';

/** One instruction: an input block times a harmonic, projected on an output irrep. */
export interface ProductPath {
  /** Position in the list of all paths. */
  readonly index: number;
  readonly inputBlock: number;
  readonly harmonicBlock: number;
  readonly irrep: Irrep;
  /** Multiplicity of the input block: channels of the output, and number of weights. */
  readonly multiplicity: number;
  /** First weight of this path in the flat weights of an edge. */
  readonly weightOffset: number;
}

/** All paths into one irrep; the components are [2l+1, paths], row-major, from `componentOffset`. */
export interface ProductGroup {
  readonly irrep: Irrep;
  readonly componentOffset: number;
  /** Indices of paths, ascending. */
  readonly paths: readonly number[];
}

/** A product without its channels. `blocks` restricts it to some input blocks (in ascending order; all without it). */
export interface ChannelwiseProduct {
  readonly paths: readonly ProductPath[];
  /** Length of the flat weights of an edge: Σ multiplicity over all paths. */
  readonly weightCount: number;
  /** The output irreps in sorted order, with only the paths from `blocks`. */
  groups(blocks?: readonly number[]): ProductGroup[];
  /**
   * Operand 0: components of the blocks, joined. Operand 1: components of the harmonics. Operand 2: one weight per path,
   * in the order of the paths from `blocks`. Result: the components of {@link groups}, that is (irrep, m, path).
   */
  table(blocks?: readonly number[]): PolynomialTable;
}

/**
 * The product of `input` and `harmonics` (multiplicity 1) on the irreps of `target`; component normalization.
 *
 * @param options - `round`: what upstream's precision does to a stored 3j symbol, `Math.fround` for a float32 file
 * @throws GraphError if a harmonic has a multiplicity other than 1, or a degree is beyond the 3j table
 */
export function channelwiseProduct(
  input: readonly IrrepBlock[],
  harmonics: readonly IrrepBlock[],
  target: readonly IrrepBlock[],
  options: { readonly round?: (value: number) => number } = {},
): ChannelwiseProduct {
  if (harmonics.some(({ multiplicity }) => multiplicity !== 1)) {
    throw new GraphError(
      `harmonics with several channels: channelwiseProduct: expected multiplicity 1, got ${formatIrreps(harmonics)}. Pass sphericalHarmonicsIrreps(lmax).`,
    );
  }
  const round = options.round ?? ((value) => value);
  const paths = productPaths(input, harmonics, target);
  const selected = (blocks: readonly number[] | undefined): ProductPath[] => {
    const missing = blocks?.find((block) => !input[block]);
    if (missing !== undefined) {
      throw new GraphError(
        `no such input block: channelwiseProduct of ${formatIrreps(input)}: expected 0 to ${input.length - 1}, got ${missing}. Pass indices of the input blocks.`,
      );
    }
    return blocks ? paths.filter((path) => blocks.includes(path.inputBlock)) : paths;
  };
  return {
    paths,
    weightCount: paths.reduce((sum, { multiplicity }) => sum + multiplicity, 0),
    groups: (blocks) => groupsOf(selected(blocks)),
    table: (blocks) => tableOf(selected(blocks), input, blocks ?? input.keys(), harmonics, round),
  };
}

/** Upstream's instructions: input outer, harmonics, degree ascending; then stable-sorted by output irrep. */
function productPaths(
  input: readonly IrrepBlock[],
  harmonics: readonly IrrepBlock[],
  target: readonly IrrepBlock[],
): ProductPath[] {
  const found = input.flatMap(({ multiplicity, irrep: left }, inputBlock) =>
    harmonics.flatMap(({ irrep: right }, harmonicBlock) =>
      irrepProduct(left, right)
        .filter((irrep) => includesIrrep(target, irrep))
        .map((irrep) => ({ inputBlock, harmonicBlock, irrep, multiplicity })),
    ),
  );
  let weightOffset = 0;
  return found
    .sort((a, b) => compareIrreps(a.irrep, b.irrep))
    .map((path, index) => {
      const placed = { ...path, index, weightOffset };
      weightOffset += path.multiplicity;
      return placed;
    });
}

function groupsOf(paths: readonly ProductPath[]): ProductGroup[] {
  const groups: { irrep: Irrep; componentOffset: number; paths: number[] }[] = [];
  let offset = 0;
  for (const { irrep, index } of paths) {
    const last = groups.at(-1);
    if (last && sameIrrep(last.irrep, irrep)) last.paths.push(index);
    else groups.push({ irrep, componentOffset: offset, paths: [index] });
    offset += irrepDimension(irrep);
  }
  return groups;
}

function tableOf(
  paths: readonly ProductPath[],
  input: readonly IrrepBlock[],
  blocks: Iterable<number>,
  harmonics: readonly IrrepBlock[],
  round: (value: number) => number,
): PolynomialTable {
  const inputOffsets = offsets(input, new Set(blocks));
  const harmonicOffsets = offsets(harmonics, new Set(harmonics.keys()));
  const position = new Map(paths.map(({ index }, at) => [index, at]));
  const monomials: Monomial[] = [];
  let outputs = 0;
  for (const group of groupsOf(paths)) {
    group.paths.forEach((index, p) => {
      const path = paths[position.get(index)!]!;
      const left = input[path.inputBlock]!.irrep;
      const right = harmonics[path.harmonicBlock]!.irrep;
      for (const { a, b, c, value } of coupling(left.l, right.l, path.irrep.l, round)) {
        monomials.push({
          out: group.componentOffset + c * group.paths.length + p,
          coefficient: value,
          factors: [
            { operand: 0, component: inputOffsets[path.inputBlock]! + a },
            { operand: 1, component: harmonicOffsets[path.harmonicBlock]! + b },
            { operand: 2, component: position.get(index)! },
          ],
        });
      }
    });
    outputs += irrepDimension(group.irrep) * group.paths.length;
  }
  return polynomialTable(outputs, monomials);
}

/** First component of each block when those in `kept` are joined, one channel each. */
function offsets(blocks: readonly IrrepBlock[], kept: ReadonlySet<number>): number[] {
  let offset = 0;
  return blocks.map(({ irrep }, index) => {
    const start = offset;
    if (kept.has(index)) offset += irrepDimension(irrep);
    return start;
  });
}

/**
 * The non-zero √(2·l3+1) w3j[a, b, c]. Where a degree is 0 upstream uses no 3j symbol but the factors that it stands for,
 * so nothing is rounded there (e3nn `o3/_tensor_product/_codegen.py`).
 */
function coupling(
  l1: number,
  l2: number,
  l3: number,
  round: (value: number) => number,
): { a: number; b: number; c: number; value: number }[] {
  if (l1 === 0) return diagonal(l3, (i) => ({ a: 0, b: i, c: i, value: 1 }));
  if (l2 === 0) return diagonal(l3, (i) => ({ a: i, b: 0, c: i, value: 1 }));
  if (l3 === 0) return diagonal(l1, (i) => ({ a: i, b: i, c: 0, value: 1 / Math.sqrt(2 * l1 + 1) }));
  const [d2, d3] = [2 * l2 + 1, 2 * l3 + 1];
  const found: { a: number; b: number; c: number; value: number }[] = [];
  wigner3j(l1, l2, l3).forEach((value, index) => {
    if (value === 0) return;
    const ab = Math.floor(index / d3);
    found.push({ a: Math.floor(ab / d2), b: ab % d2, c: index % d3, value: Math.sqrt(d3) * round(value) });
  });
  return found;
}

function diagonal<T>(l: number, make: (i: number) => T): T[] {
  return Array.from({ length: 2 * l + 1 }, (_, i) => make(i));
}
