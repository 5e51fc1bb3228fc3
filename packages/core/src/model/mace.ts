/**
 * The energy graph of a MACE: from edge vectors to an energy per atom (spec 1.2, 4–6; Batatia et al. 2022).
 *
 * It ends at the scaled interaction energy: isolated-atom energies, shift and sums over atoms are the host's, in float64.
 */
import { sphericalHarmonicsTable } from '../equivariant/index.js';
import { GraphBuilder, type Graph, type Node } from '../ir/index.js';
import type { MaceModel } from './config.js';
import { modelContext, type ModelContext } from './context.js';
import { initialFeatures } from './embedding.js';
import { flatFeatures, scalarFeatures, type Features } from './features.js';
import { interaction } from './interaction.js';
import { layerConfigs, readoutConfigs } from './layers.js';
import { pairRepulsion } from './pair-repulsion.js';
import { product } from './product.js';
import { radialFeatures } from './radial.js';
import { linearReadout, readout } from './readout.js';
import { stageOutputs } from './stages.js';

export interface MaceGraphOptions {
  /** Adds intermediate values as outputs: `harmonics`, `radial`, `messages[i]`, `product[i]`, `readout[i]`. Default false. */
  readonly stages?: boolean;
}

/**
 * The energy graph.
 *
 * Inputs: `edgeVectors` [edges 3] (x_receiver − x_sender + shift, Å) and the continuous embedding inputs.
 * Outputs: `atomEnergy` [atoms] (eV; scaled, without shift and without isolated-atom energies), `features`
 * [atoms, Σ dimensions] (all layers, upstream's order), and `embeddingEnergy` [atoms] where the model has one.
 * With `stages`, also those of `stages.ts`, whose shapes and counterparts upstream are listed there.
 */
export function maceGraph(model: MaceModel, options: MaceGraphOptions = {}): Graph {
  const build = new GraphBuilder();
  return energyGraph(modelContext(build, model), options);
}

/** The energy graph in a given context. */
export function energyGraph(context: ModelContext, options: MaceGraphOptions = {}): Graph {
  const { build, config } = context;
  const vectors = build.input('edgeVectors', ['edges', 3]);
  const { length, harmonics } = geometry(context, vectors);
  const radial = radialFeatures(context, length);
  const initial = initialFeatures(context);
  const outputs: Record<string, Node> = {};

  let x: Features = scalarFeatures(build, initial);
  const messagesOf: Features[] = [];
  const layers = layerConfigs(config).map((layer) => {
    const { messages, skip } = interaction(context, layer, x, { harmonics, radial });
    messagesOf.push(messages);
    return (x = product(context, layer, messages, skip));
  });

  const readouts = readoutConfigs(config).map((one) => readout(context, one, layers[one.layer]!));
  const terms = config.pairRepulsion ? [pairRepulsion(context, length), ...readouts] : readouts;
  const sum = terms.reduce((a, b) => build.add(a, b));
  outputs.atomEnergy =
    config.model === 'ScaleShiftMACE' ? build.scoped('scale', () => build.mul(sum, scaleOfHead(context))) : sum;
  outputs.features = build.scoped('features', () =>
    build.concat(
      layers.map((layer) => flatFeatures(build, layer)),
      1,
    ),
  );
  if (config.useEmbeddingReadout) {
    outputs.embeddingEnergy = build.scoped('embeddingReadout', () =>
      linearReadout(context, 'embedding_readout.linear', initial),
    );
  }
  if (options.stages) {
    const stages = { harmonics, radial: radial.basis, messages: messagesOf, products: layers, readouts };
    Object.assign(outputs, stageOutputs(build, stages));
  }
  return build.finish('mace', outputs);
}

/** Lengths [edges] and spherical harmonics of the unit vectors [edges, (ℓmax+1)², 1]. */
function geometry(context: ModelContext, vectors: Node): { length: Node; harmonics: Node } {
  const { build, config } = context;
  return build.scoped('geometry', () => {
    const length = build.sqrt(build.sum(build.mul(vectors, vectors), [1]));
    const unit = build.div(vectors, build.expand(length, ['edges', 3], [0]));
    const harmonics = build.polynomial([build.reshape(unit, ['edges', 3, 1])], sphericalHarmonicsTable(config.maxEll));
    return { length, harmonics };
  });
}

function scaleOfHead(context: ModelContext): Node {
  const { build, maps, heads } = context;
  const stored = context.buffer('scale_shift.scale');
  const scale = context.parameter(
    'scale_shift.scale',
    stored && stored.data.length === heads && heads > 1 ? [heads] : [1],
  );
  if (scale.type.shape[0] === 1) return build.broadcast(scale, ['atoms']);
  return build.gather(scale, maps.atomHead);
}
