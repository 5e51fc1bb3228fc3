/**
 * The product basis of a layer: the symmetric contraction of the messages with element-dependent weights, a linear map,
 * and the skip connection (spec 5; Batatia et al. 2022, eqs. 10 and 11; upstream `EquivariantProductBasisBlock`).
 */
import {
  couplingBasis,
  denseToEntries,
  symmetricContractionTable,
  type CouplingEntries,
  type IrrepBlock,
} from '../equivariant/index.js';
import { UnsupportedError } from '../errors.js';
import type { Node } from '../ir/index.js';
import type { ModelContext } from './context.js';
import { addFeatures, linear, linearSize, type FeatureBlock, type Features } from './features.js';
import { uniformMultiplicity, type LayerConfig } from './layers.js';

/** Features of the layer [hidden irreps]. */
export function product(
  context: ModelContext,
  layer: LayerConfig,
  messages: Features,
  skip: Features | null,
): Features {
  const { build } = context;
  return build.scoped(`product[${layer.index}]`, () => {
    const channels = uniformMultiplicity(layer.target);
    const joined = build.concat(
      messages.map(({ node }) => node),
      1,
    );
    const contracted = layer.hidden.map(
      (out, k): FeatureBlock => ({ ...out, node: contraction(context, layer, k, out, joined, channels) }),
    );
    const weight = context.parameter(`products.${layer.index}.linear.weight`, [linearSize(layer.hidden, layer.hidden)]);
    const mixed = linear(build, contracted, layer.hidden, weight);
    return layer.useSkip && skip ? addFeatures(build, mixed, skip) : mixed;
  });
}

/** S[n, M, c] = Σ_ν Σ_κ W^(ν)[z(n), κ, c] Σ U^(ν)[M, i1…iν, κ] A[n, i1, c]…A[n, iν, c]. */
function contraction(
  context: ModelContext,
  layer: LayerConfig,
  index: number,
  out: IrrepBlock,
  joined: Node,
  channels: number,
): Node {
  const { build, maps, config } = context;
  const scope = `products.${layer.index}.symmetric_contractions.contractions.${index}`;
  const orders = Array.from({ length: layer.correlation }, (_, i) =>
    couplingEntries(context, layer, out, scope, i + 1),
  );
  const rows = config.useAgnosticProduct ? 1 : context.elements;
  const weights = orders.map((entries, i) => {
    const order = i + 1;
    const name = order === layer.correlation ? 'weights_max' : `weights.${layer.correlation - 1 - order}`;
    return context.parameter(`${scope}.${name}`, [rows, entries.paths, channels]);
  });
  const all = build.concat(weights, 1);
  const shape = ['atoms', all.type.shape[1]!, channels] as const;
  const perAtom =
    rows === 1 && config.useAgnosticProduct ? build.broadcast(all, shape) : build.gather(all, maps.species);
  return build.polynomial([joined, perAtom], symmetricContractionTable(orders));
}

/** U of one order: as stored in the file, else upstream's full basis rounded as upstream stores it. */
function couplingEntries(
  context: ModelContext,
  layer: LayerConfig,
  out: IrrepBlock,
  scope: string,
  order: number,
): CouplingEntries {
  const stored = context.buffer(`${scope}.U_matrix_${order}`);
  if (stored) return denseToEntries(stored.shape, stored.data, out.irrep.l, order);
  if (context.config.useReducedCg) {
    throw new UnsupportedError(
      'model',
      `${scope}.U_matrix_${order} is missing and the model uses a reduced coupling basis, which cannot be rebuilt. Convert the file with mace_cueq_to_e3nn of mace-torch.`,
    );
  }
  const base = layer.target.map(({ irrep }) => ({ multiplicity: 1, irrep }));
  return couplingBasis(base, out.irrep, order, context.stored);
}
