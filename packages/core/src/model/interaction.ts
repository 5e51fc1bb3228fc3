/**
 * The six interaction blocks (spec 4.3; upstream `modules/blocks.py`): features in, messages mixed to the target irreps
 * out, and a skip connection where the block has one.
 */
import { invariant } from '../errors.js';
import type { Node } from '../ir/index.js';
import { normalizedActivation } from './activation.js';
import type { InteractionClass, MaceConfig } from './config.js';
import { alongRows, type ModelContext } from './context.js';
import { convolve, layerProduct, mixPaths, mixPathsSize } from './convolution.js';
import {
  addFeatures,
  elementLinear,
  elementLinearSize,
  linear,
  linearSize,
  mapFeatures,
  scalarsOf,
  type Features,
} from './features.js';
import type { LayerConfig } from './layers.js';
import { fullyConnected, radialMlp } from './radial-network.js';
import type { RadialFeatures } from './radial.js';
import type { IrrepBlock } from '../equivariant/index.js';

export interface Interaction {
  /** Target irreps, ready for the product. */
  readonly messages: Features;
  readonly skip: Features | null;
}

export interface EdgeInputs {
  /** [edges, (ℓmax+1)², 1] */
  readonly harmonics: Node;
  readonly radial: RadialFeatures;
}

type Block = (context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs) => Interaction;

/** Runs the interaction block of a layer. */
export function interaction(context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs): Interaction {
  return context.build.scoped(`interaction[${layer.index}]`, () => blocks[layer.interaction](context, layer, x, edges));
}

const blocks: { readonly [K in LayerConfig['interaction']]: Block } = {
  RealAgnosticInteractionBlock: (context, layer, x, edges) => ({
    messages: skipByElement(
      context,
      layer,
      overNeighbors(context, layer, plainMessages(context, layer, x, edges)),
      layer.target,
    ),
    skip: null,
  }),
  RealAgnosticResidualInteractionBlock: (context, layer, x, edges) => ({
    messages: overNeighbors(context, layer, plainMessages(context, layer, x, edges)),
    skip: skipByElement(context, layer, x, layer.hidden),
  }),
  RealAgnosticDensityInteractionBlock: (context, layer, x, edges) => ({
    messages: skipByElement(
      context,
      layer,
      overDensity(context, layer, plainMessages(context, layer, x, edges), edges),
      layer.target,
    ),
    skip: null,
  }),
  RealAgnosticDensityResidualInteractionBlock: (context, layer, x, edges) => ({
    messages: overDensity(context, layer, plainMessages(context, layer, x, edges), edges),
    skip: skipByElement(context, layer, x, layer.hidden),
  }),
  RealAgnosticAttResidualInteractionBlock: attentionResidual,
  RealAgnosticResidualNonLinearInteractionBlock: nonLinearResidual,
};

function plainMessages(context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs): Features {
  const { config } = context;
  const product = layerProduct(context, layer);
  const widths = [config.radialBasisSize, ...config.radialMlp, product.weightCount];
  const weights = fullyConnected(context, nameOf(layer, 'conv_tp_weights'), edges.radial.basis, widths);
  const up = linearNamed(context, layer, 'linear_up', x, layer.edge);
  const messages = convolve(context, product, up, edges.harmonics, withCutoff(context, weights, edges));
  return mixPaths(
    context,
    messages,
    layer.target,
    context.parameter(nameOf(layer, 'linear.weight'), [mixPathsSize(product, layer.target)]),
  );
}

/**
 * Whether all that an edge adds is zero from the cutoff on. The weights of attention follow from the atoms at both ends too, and no
 * cutoff multiplies them.
 */
export function edgesEndAtCutoff({ interactionFirst, interaction }: MaceConfig): boolean {
  const attention: InteractionClass = 'RealAgnosticAttResidualInteractionBlock';
  return interactionFirst !== attention && interaction !== attention;
}

/** Element-independent skip connection; the radial network also sees a small embedding of both ends of the edge. */
function attentionResidual(context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs): Interaction {
  const { build, config, maps } = context;
  const product = layerProduct(context, layer);
  const width = 64;
  const down = scalarsOf(
    build,
    linearNamed(context, layer, 'linear_down', x, [{ multiplicity: width, irrep: { l: 0, p: 1 } }]),
  );
  const input = build.concat(
    [edges.radial.basis, build.gather(down, maps.sender), build.gather(down, maps.receiver)],
    1,
  );
  const widths = [config.radialBasisSize + 2 * width, 256, 256, 256, product.weightCount];
  const weights = fullyConnected(context, nameOf(layer, 'conv_tp_weights'), input, widths);
  const up = linearNamed(context, layer, 'linear_up', x, layer.edge);
  const messages = convolve(context, product, up, edges.harmonics, withCutoff(context, weights, edges));
  const mixed = mixPaths(
    context,
    messages,
    layer.target,
    context.parameter(nameOf(layer, 'linear.weight'), [mixPathsSize(product, layer.target)]),
  );
  return {
    messages: overNeighbors(context, layer, mixed),
    skip: linearNamed(context, layer, 'skip_linear', x, layer.hidden),
  };
}

/** Gated messages, a density in the normalisation, element embeddings on both ends of the edge. */
function nonLinearResidual(context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs): Interaction {
  const { build, config, maps, elements } = context;
  const product = layerProduct(context, layer);
  const scalarCount = layer.input.reduce((n, b) => n + (b.irrep.l === 0 && b.irrep.p === 1 ? b.multiplicity : 0), 0);
  const embedded = (name: string): Node =>
    build.scale(context.parameter(nameOf(layer, `${name}.weight`), [elements, scalarCount]), 1 / Math.sqrt(elements));
  const source = build.gather(embedded('source_embedding'), maps.senderSpecies);
  const target = build.gather(embedded('target_embedding'), maps.receiverSpecies);
  const input = build.concat([edges.radial.basis, source, target], 1);
  const width = config.radialBasisSize + 2 * scalarCount;

  const weights = radialMlp(context, nameOf(layer, 'conv_tp_weights'), input, [
    width,
    ...config.radialMlp,
    product.weightCount,
  ]);
  const raw = radialMlp(context, nameOf(layer, 'density_fn'), input, [width, 64, 1]);
  const density = densityAtReceiver(context, build.tanh(build.mul(raw, raw)), edges);

  const up = linearNamed(context, layer, 'linear_up', x, layer.edge);
  const gated = gateInput(layer.target);
  const residual = linearNamed(context, layer, 'linear_res', up, gated);
  const messages = convolve(context, product, up, edges.harmonics, withCutoff(context, weights, edges));
  const mixed = mixPaths(
    context,
    messages,
    gated,
    context.parameter(nameOf(layer, 'linear_1.weight'), [mixPathsSize(product, gated)]),
  );
  const alpha = build.reshape(context.parameter(nameOf(layer, 'alpha'), []), [1]);
  const beta = build.reshape(context.parameter(nameOf(layer, 'beta'), []), [1]);
  const norm = build.add(build.mul(density, build.broadcast(beta, ['atoms'])), build.broadcast(alpha, ['atoms']));
  const normalized = mapFeatures(mixed, (node) => build.div(node, alongRows(build, norm, node)));
  const activated = gate(context, layer.target, addFeatures(build, normalized, residual));
  return {
    messages: linearNamed(context, layer, 'linear_2', activated, layer.target),
    skip: linearNamed(context, layer, 'skip_tp', x, layer.hidden),
  };
}

/** The irreps that a gate takes: all scalars and one gate per channel of each block of l ≥ 1 together, then those blocks. */
function gateInput(target: readonly IrrepBlock[]): IrrepBlock[] {
  invariant(
    target.every(({ irrep }) => irrep.l > 0 || irrep.p === 1),
    'a gate on pseudoscalars was not refused.',
  );
  const scalars = target.reduce((n, { multiplicity }) => n + multiplicity, 0);
  return [{ multiplicity: scalars, irrep: { l: 0, p: 1 } }, ...target.filter(({ irrep }) => irrep.l > 0)];
}

/** Upstream's `GatedEquivariantBlock`: silu on the scalars, sigmoid gates on the rest, in block order. */
function gate(context: ModelContext, target: readonly IrrepBlock[], x: Features): Features {
  const { build } = context;
  const all = x[0]!.node;
  let offset = 0;
  const take = (count: number): Node => build.slice(all, 2, offset, (offset += count));
  const scalars = target
    .filter(({ irrep }) => irrep.l === 0)
    .map((block) => ({ ...block, node: normalizedActivation(context, 'silu', take(block.multiplicity)) }));
  const gated = x.slice(1).map((block) => {
    const gates = normalizedActivation(context, 'sigmoid', take(block.multiplicity));
    return { ...block, node: build.mul(block.node, build.broadcast(gates, block.node.type.shape)) };
  });
  return [...scalars, ...gated];
}

function overNeighbors(context: ModelContext, layer: LayerConfig, x: Features): Features {
  return mapFeatures(x, (node) => context.build.scale(node, 1 / layer.avgNumNeighbors));
}

/** Divides by 1 + Σ tanh((R·w/√n_b)²) over the edges of each atom. */
function overDensity(context: ModelContext, layer: LayerConfig, x: Features, edges: EdgeInputs): Features {
  const { build, config } = context;
  const raw = fullyConnected(context, nameOf(layer, 'density_fn'), edges.radial.basis, [config.radialBasisSize, 1]);
  const density = densityAtReceiver(context, build.tanh(build.mul(raw, raw)), edges);
  const norm = build.shift(density, 1);
  return mapFeatures(x, (node) => build.div(node, alongRows(build, norm, node)));
}

/** @param edgeDensity - [edges, 1] */
function densityAtReceiver(context: ModelContext, edgeDensity: Node, edges: EdgeInputs): Node {
  const { build, maps } = context;
  const weighted = edges.radial.cutoff ? build.mul(edgeDensity, edges.radial.cutoff) : edgeDensity;
  return build.segmentSum(build.reshape(weighted, ['edges']), maps.receiver);
}

function withCutoff(context: ModelContext, weights: Node, edges: EdgeInputs): Node {
  const { cutoff } = edges.radial;
  return cutoff ? context.build.mul(weights, context.build.broadcast(cutoff, weights.type.shape)) : weights;
}

function skipByElement(
  context: ModelContext,
  layer: LayerConfig,
  x: Features,
  output: readonly IrrepBlock[],
): Features {
  const { build, maps, elements } = context;
  const weight = context.parameter(nameOf(layer, 'skip_tp.weight'), [elementLinearSize(x, output, elements)]);
  return build.scoped('skip_tp', () => elementLinear(build, x, output, weight, maps.species, elements));
}

function linearNamed(
  context: ModelContext,
  layer: LayerConfig,
  name: string,
  x: Features,
  output: readonly IrrepBlock[],
): Features {
  const weight = context.parameter(nameOf(layer, `${name}.weight`), [linearSize(x, output)]);
  return context.build.scoped(name, () => linear(context.build, x, output, weight));
}

function nameOf(layer: LayerConfig, name: string): string {
  return `interactions.${layer.index}.${name}`;
}
