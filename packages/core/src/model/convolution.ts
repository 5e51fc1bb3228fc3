/**
 * The convolution of one layer: the channelwise product of sender features with edge harmonics, weighted per edge,
 * summed at the receiver; and the linear map that mixes its paths (upstream's `conv_tp` and the `linear` after it).
 *
 * Messages are ordered (l3, m3, path), so a reshape joins paths and channels and the mixing is one matmul per irrep.
 */
import { channelwiseProduct, sameIrrep, type ChannelwiseProduct, type IrrepBlock } from '../equivariant/index.js';
import type { Node } from '../ir/index.js';
import type { ModelContext } from './context.js';
import { zeroBlock, type FeatureBlock, type Features } from './features.js';
import { harmonicIrreps, type LayerConfig } from './layers.js';

/** Messages at the receivers: one node per group of input blocks with equal multiplicity. */
export interface Messages {
  readonly product: ChannelwiseProduct;
  readonly groups: readonly { readonly node: Node; readonly blocks: readonly number[]; readonly multiplicity: number }[];
}

/** The product of a layer: its paths are in the order of upstream's instructions. */
export function layerProduct(context: ModelContext, layer: LayerConfig): ChannelwiseProduct {
  return channelwiseProduct(layer.edge, harmonicIrreps(context.config), layer.target, { round: context.stored });
}

/** Length of the flat weight vector of each edge. */
export function weightCount(product: ChannelwiseProduct): number {
  return product.paths.reduce((n, path) => n + path.multiplicity, 0);
}

/**
 * @param up sender features after `linear_up`
 * @param harmonics [edges, (ℓmax+1)², 1]
 * @param weights [edges, weightCount]
 */
export function convolve(context: ModelContext, product: ChannelwiseProduct, up: Features, harmonics: Node, weights: Node): Messages {
  const { build, maps } = context;
  return build.scoped('convolution', () => {
    const multiplicities = [...new Set(up.map((block) => block.multiplicity))];
    const groups = multiplicities.map((multiplicity) => {
      const blocks = up.flatMap((block, i) => (block.multiplicity === multiplicity ? [i] : []));
      const features = build.concat(blocks.map((i) => up[i]!.node), 1);
      const edgeWeights = weightsOf(context, product, blocks, multiplicity, weights);
      const message = build.polynomial(
        [build.gather(features, maps.sender), harmonics, edgeWeights],
        product.table(blocks),
      );
      return { node: build.segmentSum(message, maps.receiver), blocks, multiplicity };
    });
    return { product, groups };
  });
}

/** Upstream's `o3.Linear` on the unsimplified irreps of the messages; the fan-in counts every path. */
export function mixPaths(context: ModelContext, messages: Messages, output: readonly IrrepBlock[], weight: Node): Features {
  const { build } = context;
  const { product, groups } = messages;
  return output.map((out): FeatureBlock => {
    const paths = product.paths.flatMap((path, i) => (sameIrrep(path.irrep, out.irrep) ? [i] : []));
    if (paths.length === 0) return { ...out, node: zeroBlock(build, 'atoms', out) };
    const fanIn = paths.reduce((n, i) => n + product.paths[i]!.multiplicity, 0);
    const components = 2 * out.irrep.l + 1;
    const parts = groups.flatMap(({ node, blocks, multiplicity }): Node[] => {
      const own = paths.filter((i) => blocks.includes(product.paths[i]!.inputBlock));
      if (own.length === 0) return [];
      const start = componentOffset(product, blocks, out.irrep);
      const slice = build.slice(node, 1, start, start + components * own.length);
      const joined = build.reshape(slice, ['atoms', components, own.length * multiplicity]);
      const rows = own.map((i) => build.slice(weight, 0, weightOffset(product, output, i), weightOffset(product, output, i) + multiplicity * out.multiplicity));
      const matrix = build.reshape(build.concat(rows, 0), [own.length * multiplicity, out.multiplicity]);
      return [build.matmul(joined, build.scale(matrix, 1 / Math.sqrt(fanIn)))];
    });
    return { ...out, node: parts.reduce((a, b) => build.add(a, b)) };
  });
}

/** Number of weights of {@link mixPaths}. */
export function mixPathsSize(product: ChannelwiseProduct, output: readonly IrrepBlock[]): number {
  return weightOffset(product, output, product.paths.length);
}

/** First weight of path `index`: paths outer, output blocks inner. */
function weightOffset(product: ChannelwiseProduct, output: readonly IrrepBlock[], index: number): number {
  let offset = 0;
  for (const path of product.paths.slice(0, index)) {
    const out = output.find(({ irrep }) => sameIrrep(irrep, path.irrep));
    if (out) offset += path.multiplicity * out.multiplicity;
  }
  return offset;
}

/** Where the components of an irrep start in the message of a group of blocks. */
function componentOffset(product: ChannelwiseProduct, blocks: readonly number[], irrep: IrrepBlock['irrep']): number {
  let offset = 0;
  for (const path of product.paths) {
    if (sameIrrep(path.irrep, irrep)) break;
    if (blocks.includes(path.inputBlock)) offset += 2 * path.irrep.l + 1;
  }
  return offset;
}

/** The weights of the paths of some blocks: [edges, paths, multiplicity]. */
function weightsOf(context: ModelContext, product: ChannelwiseProduct, blocks: readonly number[], multiplicity: number, weights: Node): Node {
  const { build } = context;
  let offset = 0;
  const slices: Node[] = [];
  for (const path of product.paths) {
    if (blocks.includes(path.inputBlock)) slices.push(build.slice(weights, 1, offset, offset + path.multiplicity));
    offset += path.multiplicity;
  }
  const joined = slices.length === product.paths.length ? weights : build.concat(slices, 1);
  return build.reshape(joined, ['edges', slices.length, multiplicity]);
}
