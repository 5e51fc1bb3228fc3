/** A `MaceConfig` from JSON: every field by its type, no field unknown, so that a misspelt setting is not a default. */
import { FormatError, type MaceConfig } from '@mace/core';
import { interactionClasses, readoutClasses, type EmbeddingSpec } from '@mace/core/model';
import { quote, quoteJson } from './quote.js';

type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isText: Check = (value) => typeof value === 'string' && value.length <= 10_000;
const isIrreps: Check = (value) =>
  typeof value === 'string' && value.length <= 1000 && /^\d+x\d+[eo](\+\d+x\d+[eo])*$/.test(value);
const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string);
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 10_000 && value.every(item);
const orNull =
  (item: Check): Check =>
  (value) =>
    value === null || item(value);

const fields: Readonly<Record<keyof MaceConfig, Check>> = {
  model: oneOf('MACE', 'ScaleShiftMACE'),
  storedPrecision: oneOf('f64', 'f32'),
  atomicNumbers: listOf(isCount),
  heads: listOf(isText),
  cutoff: isNumber,
  radialBasis: oneOf('bessel', 'gaussian', 'chebyshev'),
  radialBasisSize: isCount,
  cutoffPower: isNumber,
  distanceTransform: oneOf('None', 'Agnesi', 'Soft'),
  applyCutoff: isFlag,
  pairRepulsion: isFlag,
  maxEll: isCount,
  numInteractions: isCount,
  interactionFirst: oneOf(...interactionClasses),
  interaction: oneOf(...interactionClasses),
  hiddenIrreps: isIrreps,
  edgeIrreps: orNull(isIrreps),
  useEdgeIrrepsFirst: isFlag,
  correlation: listOf(isCount),
  radialMlp: listOf(isCount),
  mlpIrreps: isIrreps,
  gate: oneOf('silu', 'tanh', 'abs', 'None'),
  readoutClass: oneOf(...readoutClasses),
  useSo3: isFlag,
  useAgnosticProduct: isFlag,
  useLastReadoutOnly: isFlag,
  keepLastLayerIrreps: isFlag,
  useReducedCg: isFlag,
  embeddings: listOf((value) => hasFields(value, embeddingFields, embeddingRequired)),
  useEmbeddingReadout: isFlag,
  avgNumNeighbors: listOf(isNumber),
  activationConstants: (value) =>
    hasFields(value, { silu: isNumber, tanh: isNumber, sigmoid: isNumber, abs: isNumber }, []),
};
const optional: readonly string[] = ['activationConstants'];

const embeddingFields: Readonly<Record<keyof EmbeddingSpec, Check>> = {
  name: isText,
  key: isText,
  type: oneOf('categorical', 'continuous'),
  per: oneOf('graph', 'atom'),
  embeddingSize: isCount,
  numClasses: isCount,
  offset: (value) => Number.isSafeInteger(value),
  inputSize: isCount,
  useBias: isFlag,
};
const embeddingRequired = ['name', 'type', 'per', 'embeddingSize'];

/**
 * Some or all settings of a model from parsed JSON, in the spelling of `MaceConfig`.
 *
 * @throws FormatError that names the field
 */
export function partialConfigFromJson(value: unknown): Partial<MaceConfig> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatError(
      'The settings of the model are not a JSON object. Give an object such as {"avgNumNeighbors": [12.5, 12.5], "gate": "silu"}.',
    );
  for (const [name, item] of Object.entries(value)) {
    const check = Object.hasOwn(fields, name) ? fields[name as keyof MaceConfig] : undefined;
    if (!check)
      throw new FormatError(
        `The settings of the model have an unknown field ${quote(name)}; known are ${Object.keys(fields).join(', ')}. Correct or remove it.`,
      );
    if (!check(item))
      throw new FormatError(
        `The settings of the model have an invalid ${name}: ${quoteJson(item)}. Correct it; the fields are described at MaceConfig.`,
      );
  }
  return value as Partial<MaceConfig>;
}

/** @throws FormatError also for a missing field */
export function configFromJson(value: unknown): MaceConfig {
  const config = partialConfigFromJson(value);
  const absent = Object.keys(fields).filter((name) => !optional.includes(name) && !Object.hasOwn(config, name));
  if (absent.length > 0)
    throw new FormatError(`The settings of the model lack ${absent.join(', ')}. Convert the model again.`);
  return config as MaceConfig;
}

function hasFields(value: unknown, known: Readonly<Record<string, Check>>, required: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    entries.every(([name, item]) => Object.hasOwn(known, name) && known[name]!(item))
  );
}
