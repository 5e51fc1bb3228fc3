/** The attribute `embedding_specs`: which extra inputs a model embeds (upstream: `modules/embeddings.py`). */
import { FormatError } from '@mace/core';
import type { EmbeddingSpec } from '@mace/core/model';
import type { ModuleNode } from './module-tree.js';
import { PickleDict, describe, type PickleValue } from './pickle/values.js';
import { quote, quoteJson } from './quote.js';

/** In the file's order, which is the order of the concatenation. @throws FormatError */
export function embeddingSpecs(root: ModuleNode): EmbeddingSpec[] {
  const joint = root.children.get('joint_embedding');
  const [own, used] = [root.attributes.get('embedding_specs') ?? null, joint?.attributes.get('specs') ?? null];
  const specs = used ?? own;
  if (!joint && specs === null) return [];
  if (!joint || !(specs instanceof PickleDict))
    throw new FormatError(
      `The model ${joint ? 'has' : 'lacks'} a joint_embedding, and its embedding_specs are ${describe(specs)}. The file is damaged.`,
    );
  const found = specsOf(specs);
  // mace-torch takes the names from the model and all else from the module that embeds.
  if (own instanceof PickleDict && JSON.stringify(specsOf(own)) !== JSON.stringify(found))
    throw new FormatError(
      `The model's embedding_specs are ${quoteJson(specsOf(own))}, but those of its joint_embedding are ${quoteJson(found)}. The file is inconsistent: save it again from an unmodified mace-torch.`,
    );
  return found;
}

function specsOf(specs: PickleDict): EmbeddingSpec[] {
  return [...specs.entries].map(([name, spec]) => {
    if (typeof name !== 'string' || !(spec instanceof PickleDict))
      throw new FormatError(
        `embedding_specs has the entry ${describe(name)}: ${describe(spec)}; expected a name and a dictionary. The file is damaged.`,
      );
    return specOf(name, spec);
  });
}

function specOf(name: string, spec: PickleDict): EmbeddingSpec {
  const fail = (key: string, expected: string, got: PickleValue | undefined): never => {
    throw new FormatError(
      `embedding_specs[${quote(name)}][${quote(key)}]: expected ${expected}, got ${describe(got)}. The file is damaged, or from a version of mace-torch that is not known yet.`,
    );
  };
  const size = (key: string): number => {
    const value = spec.get(key);
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
      ? value
      : fail(key, 'a positive integer', value);
  };
  const type = spec.get('type');
  const per = spec.get('per');
  if (per !== 'graph' && per !== 'atom') return fail('per', "'graph' or 'atom'", per);
  const key = spec.get('key');
  const common = {
    name,
    per,
    embeddingSize: size('emb_dim'),
    ...(typeof key === 'string' && key !== name && { key }),
  } as const;
  if (type === 'categorical') {
    const offset = spec.get('offset') ?? 0;
    if (typeof offset !== 'number' || !Number.isSafeInteger(offset)) return fail('offset', 'an integer', offset);
    return { ...common, type, numClasses: size('num_classes'), offset };
  }
  if (type === 'continuous') {
    const useBias = spec.get('use_bias') ?? true;
    if (typeof useBias !== 'boolean') return fail('use_bias', 'True or False', useBias);
    return { ...common, type, inputSize: size('in_dim'), useBias };
  }
  return fail('type', "'categorical' or 'continuous'", type);
}
