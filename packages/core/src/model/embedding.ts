/**
 * The initial features: an embedding of the element, plus embeddings of extra inputs such as the total charge (spec 6.5).
 */
import type { IndexMap, Node } from '../ir/index.js';
import { silu } from './activation.js';
import type { EmbeddingSpec } from './config.js';
import { composed, type ModelContext } from './context.js';
import { channelCount } from './layers.js';
import { dense } from './radial-network.js';

/** x⁰ [atoms, channels]. */
export function initialFeatures(context: ModelContext): Node {
  const { build, config, maps, elements } = context;
  return build.scoped('embedding', () => {
    const channels = channelCount(config);
    const table = build.reshape(context.parameter('node_embedding.linear.weight', [elements * channels]), [
      elements,
      channels,
    ]);
    const byElement = build.gather(build.scale(table, 1 / Math.sqrt(elements)), maps.species);
    return config.embeddings.length === 0 ? byElement : build.add(byElement, jointEmbedding(context, channels));
  });
}

/** The index map of a categorical input, to be filled with value + offset. */
export function embeddingMap(spec: EmbeddingSpec): IndexMap {
  return { name: spec.name, from: spec.per === 'graph' ? 'graphs' : 'atoms', to: spec.numClasses! };
}

/** Upstream: `modules/embeddings.py`, GenericJointEmbedding. */
function jointEmbedding(context: ModelContext, channels: number): Node {
  const { build, config } = context;
  const parts = config.embeddings.map((spec) =>
    spec.type === 'categorical' ? categorical(context, spec) : continuous(context, spec),
  );
  const total = config.embeddings.reduce((n, spec) => n + spec.embeddingSize, 0);
  return silu(build, dense(context, 'joint_embedding.project.0', build.concat(parts, 1), total, channels, false));
}

function categorical(context: ModelContext, spec: EmbeddingSpec): Node {
  const { build, maps } = context;
  const table = context.parameter(`joint_embedding.embedders.${spec.name}.weight`, [
    spec.numClasses!,
    spec.embeddingSize,
  ]);
  const own = embeddingMap(spec);
  return build.gather(table, spec.per === 'graph' ? composed(`atom_${spec.name}`, maps.graph, own) : own);
}

function continuous(context: ModelContext, spec: EmbeddingSpec): Node {
  const { build, maps } = context;
  const name = `joint_embedding.embedders.${spec.name}`;
  const size = spec.inputSize!;
  const bias = spec.useBias !== false;
  const input = build.input(spec.name, [spec.per === 'graph' ? 'graphs' : 'atoms', size]);
  const perAtom = spec.per === 'graph' ? build.gather(input, maps.graph) : input;
  const hidden = silu(build, dense(context, `${name}.0`, perAtom, size, spec.embeddingSize, bias));
  return dense(context, `${name}.2`, hidden, spec.embeddingSize, spec.embeddingSize, bias);
}
