/**
 * Equivariant features inside the graph, and the linear map between them.
 *
 * Features are a list of blocks [rows, 2l+1, multiplicity], channels innermost; they are joined along the components
 * where an op wants them together. Upstream's flat weights are cut here, by its own order of paths, and nowhere else.
 */
import { sameIrrep, type IrrepBlock } from '../equivariant/index.js';
import type { GraphBuilder } from '../ir/index.js';
import type { Dim, IndexMap, Node } from '../ir/index.js';

/** One irrep of a feature: `node` is [rows, 2l+1, multiplicity]. */
export interface FeatureBlock extends IrrepBlock {
  readonly node: Node;
}
export type Features = readonly FeatureBlock[];

/** Scalars [rows, channels] as features. */
export function scalarFeatures(build: GraphBuilder, x: Node): Features {
  const [rows, channels] = x.type.shape as [Dim, number];
  return [{ multiplicity: channels, irrep: { l: 0, p: 1 }, node: build.reshape(x, [rows, 1, channels]) }];
}

/** All 0e channels of features as [rows, channels]. */
export function scalarsOf(build: GraphBuilder, x: Features): Node {
  const scalars = x.filter(({ irrep }) => irrep.l === 0 && irrep.p === 1);
  return build.concat(
    scalars.map(({ node, multiplicity }) => build.reshape(node, [node.type.shape[0]!, multiplicity])),
    1,
  );
}

/**
 * Upstream's `o3.Linear` (spec 2.4): paths in order input-outer, output-inner; normalised by the fan-in.
 * Output blocks without a path are zero.
 *
 * @param weight - flat parameter
 */
export function linear(build: GraphBuilder, x: Features, output: readonly IrrepBlock[], weight: Node): Features {
  const parts = output.map((): Node[] => []);
  const fanIn = output.map(({ irrep }) =>
    x.reduce((n, block) => n + (sameIrrep(block.irrep, irrep) ? block.multiplicity : 0), 0),
  );
  let offset = 0;
  for (const block of x) {
    output.forEach((out, k) => {
      if (!sameIrrep(block.irrep, out.irrep)) return;
      const matrix = weightMatrix(build, weight, offset, block.multiplicity, out.multiplicity, fanIn[k]!);
      offset += block.multiplicity * out.multiplicity;
      parts[k]!.push(build.matmul(block.node, matrix));
    });
  }
  return output.map((out, k) => ({ ...out, node: sumOrZero(build, parts[k]!, x, out) }));
}

/** Number of weights of {@link linear}. */
export function linearSize(input: readonly IrrepBlock[], output: readonly IrrepBlock[]): number {
  let size = 0;
  for (const a of input)
    for (const b of output) if (sameIrrep(a.irrep, b.irrep)) size += a.multiplicity * b.multiplicity;
  return size;
}

/** `weight[offset…]` as [rows, columns] / √fanIn. */
function weightMatrix(
  build: GraphBuilder,
  weight: Node,
  offset: number,
  rows: number,
  columns: number,
  fanIn: number,
): Node {
  const flat = build.slice(weight, 0, offset, offset + rows * columns);
  return build.scale(build.reshape(flat, [rows, columns]), 1 / Math.sqrt(fanIn));
}

/**
 * Upstream's `FullyConnectedTensorProduct` with the one-hot element vector (spec 2.6): a matrix per element.
 *
 * @param elements - number of elements of the model (its square root stays in the normalisation)
 */
export function elementLinear(
  build: GraphBuilder,
  x: Features,
  output: readonly IrrepBlock[],
  weight: Node,
  species: IndexMap,
  elements: number,
): Features {
  const parts = output.map((): Node[] => []);
  let offset = 0;
  for (const block of x) {
    output.forEach((out, k) => {
      if (!sameIrrep(block.irrep, out.irrep)) return;
      const fanIn = x.reduce((n, b) => n + (sameIrrep(b.irrep, out.irrep) ? b.multiplicity * elements : 0), 0);
      const size = block.multiplicity * elements * out.multiplicity;
      const cube = build.reshape(build.slice(weight, 0, offset, offset + size), [
        block.multiplicity,
        elements,
        out.multiplicity,
      ]);
      offset += size;
      const matrices = build.scale(build.transpose(cube, [1, 0, 2]), 1 / Math.sqrt(fanIn));
      parts[k]!.push(build.matmul(block.node, matrices, 'nn', species));
    });
  }
  return output.map((out, k) => ({ ...out, node: sumOrZero(build, parts[k]!, x, out) }));
}

/** The sum of the paths into a block, or zeros where there is none. */
function sumOrZero(build: GraphBuilder, parts: readonly Node[], x: Features, out: IrrepBlock): Node {
  if (parts.length > 0) return parts.reduce((a, b) => build.add(a, b));
  return zeroBlock(build, x[0]!.node.type.shape[0]!, out);
}

/** A block of zeros [rows, 2l+1, multiplicity]. */
export function zeroBlock(build: GraphBuilder, rows: Dim, block: IrrepBlock): Node {
  return build.broadcast(build.constant([0], [1, 1, 1]), [rows, 2 * block.irrep.l + 1, block.multiplicity]);
}

/** Number of weights of {@link elementLinear}. */
export function elementLinearSize(
  input: readonly IrrepBlock[],
  output: readonly IrrepBlock[],
  elements: number,
): number {
  return linearSize(input, output) * elements;
}

/** Adds features of equal irreps block by block. */
export function addFeatures(build: GraphBuilder, a: Features, b: Features): Features {
  return a.map((block, i) => ({ ...block, node: build.add(block.node, b[i]!.node) }));
}

/** Applies a function of the node to every block. */
export function mapFeatures(x: Features, apply: (node: Node) => Node): Features {
  return x.map((block) => ({ ...block, node: apply(block.node) }));
}

/** Features in upstream's flat layout (`mul_ir`): [rows, Σ multiplicity·(2l+1)], channel slow, component fast. */
export function flatFeatures(build: GraphBuilder, x: Features): Node {
  return build.concat(
    x.map(({ node, irrep, multiplicity }) =>
      build.reshape(build.transpose(node, [0, 2, 1]), [node.type.shape[0]!, multiplicity * (2 * irrep.l + 1)]),
    ),
    1,
  );
}
