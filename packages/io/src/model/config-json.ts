/** A `MaceConfig` from JSON: every field by its type, no field unknown, so that a misspelt setting is not a default. */
import { FormatError, type MaceConfig } from '@mace/core';
import { interactionClasses, readoutClasses, type EmbeddingSpec } from '@mace/core/model';
import { quote, quoteJson } from './quote.js';

/** Whether a value is allowed, and what is, where few words say it. */
type Check = ((value: unknown) => boolean) & { readonly expected?: string };

const check = (expected: string, holds: (value: unknown) => boolean): Check => Object.assign(holds, { expected });

const isNumber = check('a number', (value) => typeof value === 'number' && Number.isFinite(value));
const isPositive = check('a positive number', (value) => isNumber(value) && (value as number) > 0);
const isCount = check('a whole number', (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const isFlag = check('true or false, without quotes', (value) => typeof value === 'boolean');
const isText = check('a text', (value) => typeof value === 'string' && value.length <= 10_000);
const isIrreps = check(
  'irreps such as "128x0e+128x1o"',
  (value) => typeof value === 'string' && value.length <= 1000 && /^\d+x\d+[eo](\+\d+x\d+[eo])*$/.test(value),
);
const oneOf = (...known: readonly string[]): Check =>
  check(`one of ${known.map((name) => `"${name}"`).join(', ')}`, (value) => known.includes(value as string));
const listOf = (item: Check): Check =>
  check(
    `a list in brackets, of which each is ${item.expected ?? 'an object'}`,
    (value) => Array.isArray(value) && value.length <= 10_000 && value.every(item),
  );
const orNull = (item: Check): Check =>
  check(`${item.expected ?? 'an object'}, or null`, (value) => value === null || item(value));

const fields: Readonly<Record<keyof MaceConfig, Check>> = {
  model: oneOf('MACE', 'ScaleShiftMACE'),
  storedPrecision: oneOf('f64', 'f32'),
  atomicNumbers: listOf(isCount),
  heads: listOf(isText),
  cutoff: isPositive,
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
  avgNumNeighbors: listOf(isPositive),
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
 * @param what - begins the messages
 * @throws FormatError that names the field
 */
export function partialConfigFromJson(value: unknown, what = 'The settings of the model'): Partial<MaceConfig> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatError(
      `${what} are not a JSON object. Give an object such as {"avgNumNeighbors": [12.5, 12.5], "gate": "silu"}.`,
    );
  // As upstream spells it: one number for all layers.
  const single = (value as { readonly avgNumNeighbors?: unknown }).avgNumNeighbors;
  const settings = typeof single === 'number' ? { ...value, avgNumNeighbors: [single] } : value;
  for (const [name, item] of Object.entries(settings)) {
    const isAllowed = Object.hasOwn(fields, name) ? fields[name as keyof MaceConfig] : undefined;
    if (!isAllowed)
      throw new FormatError(
        `${what} have an unknown field ${quote(name)}; known are ${Object.keys(fields).join(', ')}. Correct or remove it.`,
      );
    if (!isAllowed(item))
      throw new FormatError(
        `${what} have an invalid ${name}: ${quoteJson(item)}; expected ${isAllowed.expected ?? 'what MaceConfig describes'}. Correct it.`,
      );
  }
  return settings as Partial<MaceConfig>;
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
