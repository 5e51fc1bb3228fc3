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
  readonly groups: readonly {
    readonly node: Node;
    readonly blocks: readonly number[];
    readonly multiplicity: number;
  }[];
}

/** The product of a layer: its paths are in the order of upstream's instructions. */
export function layerProduct(context: ModelContext, layer: LayerConfig): ChannelwiseProduct {
  return channelwiseProduct(layer.edge, harmonicIrreps(context.config), layer.target, { round: context.stored });
}

/**
 * @param up - sender features after `linear_up`
 * @param harmonics - [edges, (ℓmax+1)², 1]
 * @param weights - [edges, product.weightCount]
 */
export function convolve(
  context: ModelContext,
  product: ChannelwiseProduct,
  up: Features,
  harmonics: Node,
  weights: Node,
): Messages {
  const { build, maps } = context;
  return build.scoped('convolution', () => {
    const multiplicities = [...new Set(up.map((block) => block.multiplicity))];
    const groups = multiplicities.map((multiplicity) => {
      const blocks = up.flatMap((block, i) => (block.multiplicity === multiplicity ? [i] : []));
      const features = build.concat(
        blocks.map((i) => up[i]!.node),
        1,
      );
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
export function mixPaths(
  context: ModelContext,
  messages: Messages,
  output: readonly IrrepBlock[],
  weight: Node,
): Features {
  const { build } = context;
  const { product, groups } = messages;
  const rowOffsets = mixOffsets(product, output);
  return output.map((out): FeatureBlock => {
    const fanIn = product.paths.reduce((n, path) => n + (sameIrrep(path.irrep, out.irrep) ? path.multiplicity : 0), 0);
    const components = 2 * out.irrep.l + 1;
    const parts = groups.flatMap(({ node, blocks, multiplicity }): Node[] => {
      const group = product.groups(blocks).find(({ irrep }) => sameIrrep(irrep, out.irrep));
      if (!group) return [];
      const width = group.paths.length * multiplicity;
      const slice = build.slice(
        node,
        1,
        group.componentOffset,
        group.componentOffset + components * group.paths.length,
      );
      const rows = group.paths.map((path) =>
        build.slice(weight, 0, rowOffsets[path]!, rowOffsets[path]! + multiplicity * out.multiplicity),
      );
      const matrix = build.scale(build.reshape(build.concat(rows, 0), [width, out.multiplicity]), 1 / Math.sqrt(fanIn));
      return [build.matmul(build.reshape(slice, ['atoms', components, width]), matrix)];
    });
    return {
      ...out,
      node: parts.length > 0 ? parts.reduce((a, b) => build.add(a, b)) : zeroBlock(build, 'atoms', out),
    };
  });
}

/** Number of weights of {@link mixPaths}. */
export function mixPathsSize(product: ChannelwiseProduct, output: readonly IrrepBlock[]): number {
  return mixOffsets(product, output)[product.paths.length]!;
}

/** First weight of each path in the mixing weights (paths outer, output blocks inner), and their number. */
function mixOffsets(product: ChannelwiseProduct, output: readonly IrrepBlock[]): number[] {
  const offsets = [0];
  for (const path of product.paths) {
    const out = output.find(({ irrep }) => sameIrrep(irrep, path.irrep));
    offsets.push(offsets.at(-1)! + (out ? path.multiplicity * out.multiplicity : 0));
  }
  return offsets;
}

/** The weights of the paths of some blocks: [edges, paths, multiplicity]. */
function weightsOf(
  context: ModelContext,
  product: ChannelwiseProduct,
  blocks: readonly number[],
  multiplicity: number,
  weights: Node,
): Node {
  const { build } = context;
  const own = product.paths.filter((path) => blocks.includes(path.inputBlock));
  const slices = own.map((path) => build.slice(weights, 1, path.weightOffset, path.weightOffset + multiplicity));
  const joined = own.length === product.paths.length ? weights : build.concat(slices, 1);
  return build.reshape(joined, ['edges', own.length, multiplicity]);
}
