/**
 * Intermediate values of the energy graph as outputs, for comparison with upstream stage by stage.
 *
 * Each is taken where all six interaction blocks have upstream's value: messages after the mixing of paths and the
 * division by the average number of neighbors or the density, products after the linear map and the skip connection.
 */
import type { GraphBuilder, Node } from '../ir/index.js';
import type { Features } from './features.js';

/** What `energyGraph` computed on its way; one entry a layer, or a readout. */
export interface Stages {
  /** [edges, (ℓmax+1)², 1] */
  readonly harmonics: Node;
  /** [edges, basis] */
  readonly radial: Node;
  readonly messages: readonly Features[];
  readonly products: readonly Features[];
  /** [atoms] each */
  readonly readouts: readonly Node[];
}

/**
 * The stages as outputs, with what they are upstream:
 *
 * - `harmonics` [edges (ℓmax+1)²]: `edge_attrs`.
 * - `radial` [edges basis]: `edge_feats`, the first output of `radial_embedding`. It includes the cutoff only with
 *   `applyCutoff`; otherwise the cutoff multiplies the weights of the messages, and the edge densities.
 * - `messages[i]` [atoms (components of the target irreps) channels]: the first output of `interactions[i]`
 *   [atoms channels components], its last two axes exchanged.
 * - `product[i]` [atoms (components of the hidden irreps) channels]: the output of `products[i]`, which is flat there
 *   (`mul_ir`: irrep by irrep, channel slow, component fast). Component m of an irrep whose components begin at c, in
 *   channel u, stands in column channels·c + (2l+1)·u + m upstream.
 * - `readout[i]` [atoms], eV: the column of the head of the atom of `readouts[i]`, before the scale.
 */
export function stageOutputs(build: GraphBuilder, stages: Stages): Record<string, Node> {
  return build.scoped('stages', () => {
    const joined = (x: Features): Node =>
      build.concat(
        x.map(({ node }) => node),
        1,
      );
    const [edges, components] = stages.harmonics.type.shape;
    return {
      harmonics: build.reshape(stages.harmonics, [edges!, components!]),
      radial: stages.radial,
      ...numbered('messages', stages.messages.map(joined)),
      ...numbered('product', stages.products.map(joined)),
      ...numbered('readout', stages.readouts),
    };
  });
}

function numbered(name: string, nodes: readonly Node[]): Record<string, Node> {
  return Object.fromEntries(nodes.map((node, i) => [`${name}[${i}]`, node]));
}
