/**
 * What a file of our own format says twice: the settings, which computations read, and beside them the isolated-atom energies by
 * head and what the source said of itself, which people read. Where both disagree, one was changed by hand.
 */
import { FormatError, type MaceConfig, type MaceModel } from '@mace/core';
import type { EmbeddingSpec } from '@mace/core/model';
import { isolatedAtomEnergies } from '../model/isolated-atoms.js';
import { quoteJson } from '../model/quote.js';

const flags: Readonly<Record<string, keyof MaceConfig>> = {
  apply_cutoff: 'applyCutoff',
  pair_repulsion: 'pairRepulsion',
  use_edge_irreps_first: 'useEdgeIrrepsFirst',
  use_so3: 'useSo3',
  use_agnostic_product: 'useAgnosticProduct',
  use_last_readout_only: 'useLastReadoutOnly',
  use_reduced_cg: 'useReducedCg',
};

/** Upstream's names of what an embedding is told. */
const embeddingNames: Readonly<Record<string, keyof EmbeddingSpec>> = {
  type: 'type',
  per: 'per',
  emb_dim: 'embeddingSize',
  num_classes: 'numClasses',
  offset: 'offset',
  in_dim: 'inputSize',
  use_bias: 'useBias',
};

/** @param energies - the metadata isolatedAtomEnergies; undefined where there are none @throws FormatError that gives both sides */
export function checkTwiceStated(model: MaceModel, energies: unknown): void {
  const { config, provenance } = model;
  const own = isolatedAtomEnergies(model);
  // As text, so that the order of the heads is compared too.
  if (energies !== undefined && JSON.stringify(energies) !== JSON.stringify(own))
    throw contradiction('isolatedAtomEnergies', energies, 'its weights and heads', own);
  const written: unknown = provenance?.asWritten;
  if (!isRecord(written)) return;
  for (const [name, value] of Object.entries(written)) {
    const setting = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (setting && typeof value === 'boolean' && value !== config[setting])
      throw contradiction(`provenance.asWritten.${name}`, value, `config.${setting}`, config[setting]);
    if (name === 'heads' && isNames(value) && !isPart(config.heads, value))
      throw contradiction('provenance.asWritten.heads', value, 'config.heads', config.heads);
    if (name === 'embedding_specs' && isRecord(value) && !isEmbedded(config.embeddings, value))
      throw contradiction('provenance.asWritten.embedding_specs', value, 'config.embeddings', config.embeddings);
    if (name === 'class' && typeof value === 'string' && !value.endsWith(`.${config.model}`))
      throw contradiction('provenance.asWritten.class', value, 'config.model', config.model);
  }
}

function contradiction(name: string, value: unknown, setting: string, own: unknown): FormatError {
  return new FormatError(
    `This model file contradicts itself: ${name} is ${quoteJson(value)}, but ${setting} ${setting.startsWith('config') ? 'is' : 'give'} ${quoteJson(own)}. It was changed after it was written: convert the original model again.`,
  );
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether these are the embeddings of the source, in its order, in which they are concatenated. */
function isEmbedded(embeddings: readonly EmbeddingSpec[], source: Readonly<Record<string, unknown>>): boolean {
  const entries = Object.entries(source);
  return (
    entries.length === embeddings.length &&
    embeddings.every((own, i) => {
      const [name, spec] = entries[i]!;
      const isSame = ([upstream, key]: [string, keyof EmbeddingSpec]): boolean =>
        !isRecord(spec) || !Object.hasOwn(spec, upstream) || spec[upstream] === own[key];
      return name === own.name && Object.entries(embeddingNames).every(isSame);
    })
  );
}

/** Whether the heads are those of the source, or some of them, in its order. */
function isPart(heads: readonly string[], source: readonly string[]): boolean {
  const places = heads.map((head) => source.indexOf(head));
  return places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!));
}
