/**
 * Checkpoints of a training: `{"model": state dict, "optimizer": …}`, or a bare state dict. They hold tensors and no
 * settings, so a few of those have to be told.
 */
import { FormatError, type MaceConfig, type MaceModel } from '@mace/core';
import { configFromJson, partialConfigFromJson } from './config-json.js';
import { isFlat, withContractions } from './cueq.js';
import { mergeAdapters, ranksOf, separateAdapters } from './lora.js';
import { checkModel } from './model-check.js';
import { PickleDict, PickleTensor, type PickleValue } from './pickle/values.js';
import { checkSameRun } from './same-run.js';
import { configOfStateDict } from './state-dict-rules.js';
import { openTorchArchive, type TorchArchive } from './torch-archive.js';
import { readWeights } from './weights.js';
import type { ZipOptions } from './zip.js';

/** What is told of the run of a checkpoint. */
export interface Told {
  /** A model of the same run, or settings that no tensor shows: average number of neighbors, gate, cutoff on or off, … */
  readonly like: MaceModel | Partial<MaceConfig>;
  /** α of LoRA adapters (`--lora_alpha` of the training). */
  readonly loraAlpha?: number;
}

export interface CheckpointOptions extends ZipOptions, Pick<Told, 'loraAlpha'> {
  /** See `Told.like`. */
  readonly hyperParameters: Partial<MaceConfig>;
}

/** @throws FormatError that lists the settings that are needed, UnsupportedError */
export function readCheckpoint(
  bytes: Uint8Array,
  { hyperParameters, loraAlpha, ...options }: CheckpointOptions,
): MaceModel {
  const archive = openTorchArchive(bytes, options);
  return modelOfCheckpoint(archive, { like: hyperParameters, ...(loraAlpha !== undefined && { loraAlpha }) });
}

export function modelOfCheckpoint(archive: TorchArchive, { like, loraAlpha }: Told): MaceModel {
  const state = stateDictOf(archive.root);
  if (!state)
    throw new FormatError(
      'The file is no checkpoint: it holds neither "model" with tensors nor tensors by name. Open the checkpoint of a MACE, or a .model file.',
    );
  const told = 'weights' in like ? like : { config: like };
  const provenance = ('provenance' in told && told.provenance) || {};
  const { plain, adapters } = separateAdapters(readWeights(tensorsOf(state), archive.tensors));
  const alpha = alphaOf(adapters.length > 0, loraAlpha, provenance['loraAlpha']);
  const settings = partialConfigFromJson({ ...told.config }, 'The settings given with `--like`');
  const config = isFlat(plain)
    ? wholeConfig(settings)
    : configOfStateDict(plain, settings, alpha === undefined ? ['the α of its LoRA adapters (`--lora-alpha`)'] : []);
  const loraRanks = ranksOf(adapters, config);
  checkSameRun(
    { config, weights: plain, ranks: loraRanks },
    { ...told, config: settings, ranks: provenance['loraRanks'] },
  );
  if (alpha === undefined) throw noAlpha();
  const scalingOf = (_: string, rank: number): number => alpha / rank;
  const model: MaceModel = {
    config,
    weights: mergeAdapters(withContractions(plain, config), adapters, config, scalingOf),
    provenance: { format: 'mace-torch checkpoint', ...(adapters.length > 0 && { loraAlpha: alpha, loraRanks }) },
  };
  try {
    checkModel(model);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FormatError(
      `${cause.message} Settings that tensors do not show (edgeIrreps, hiddenIrreps, useSo3, the classes of the blocks) can be given with a model of the same run (\`--like MODEL\`).`,
      { cause },
    );
  }
  return model;
}

/** α, which no tensor shows; 0 for a model without adapters, undefined where it is missing. @throws FormatError where it is told in vain */
function alphaOf(hasAdapters: boolean, option: number | undefined, ofModel: unknown): number | undefined {
  if (!hasAdapters && option !== undefined)
    throw new FormatError(
      'An α of LoRA adapters was given (`--lora-alpha`), but this checkpoint has no adapters. Leave the option out.',
    );
  if (!hasAdapters) return 0;
  if (option !== undefined && !Number.isFinite(option))
    throw new FormatError(`The α of the LoRA adapters (\`--lora-alpha\`) is ${option}; expected a number.`);
  if (option !== undefined && typeof ofModel === 'number' && Math.abs(option - ofModel) > 1e-9 * Math.abs(option))
    throw new FormatError(
      `The α of the LoRA adapters is ${option} (\`--lora-alpha\`), but ${ofModel} in the model of the same run (\`--like\`). Give one of them.`,
    );
  return option ?? (typeof ofModel === 'number' ? ofModel : undefined);
}

function noAlpha(): FormatError {
  return new FormatError(
    'This is the checkpoint of a model with LoRA adapters that are not merged yet: W + (α/rank)·A·B. Its α is in no tensor. Give that of the training (`--lora-alpha`; upstream calls it --lora_alpha, 1 where it was not given), or a model of the same run that has the adapters too (`--like MODEL`).',
  );
}

/** Products in cuequivariance's layout show neither irreps nor orders. */
function wholeConfig(settings: Partial<MaceConfig>): MaceConfig {
  try {
    return configFromJson(settings);
  } catch (cause) {
    throw new FormatError(
      `This checkpoint is in the layout of cuequivariance, whose products show neither irreps nor orders: a model of the same run is needed (\`--like MODEL\`). ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The dictionary of tensors of a checkpoint, `state_dict` in those of Lightning; undefined when the value is something else. */
export function stateDictOf(root: PickleValue): PickleDict | undefined {
  if (!(root instanceof PickleDict)) return undefined;
  for (const inner of [root.get('model'), root.get('state_dict')]) if (inner instanceof PickleDict) return inner;
  return [...root.entries.values()].some((value) => value instanceof PickleTensor) ? root : undefined;
}

/** Tensors by their names in the MACE, without the prefix that a wrapper of torch or Lightning gives to all of them. */
function tensorsOf(state: PickleDict): (readonly [name: string, tensor: PickleTensor])[] {
  const named = [...state.entries].flatMap(([name, value]) =>
    typeof name === 'string' && value instanceof PickleTensor ? [[name, value] as const] : [],
  );
  const [, prefix = ''] = /^((?:module\.|_orig_mod\.|model\.)+)/.exec(named[0]?.[0] ?? '') ?? [];
  const isCommon = named.every(([name]) => name.startsWith(prefix));
  return isCommon ? named.map(([name, tensor]) => [name.slice(prefix.length), tensor] as const) : named;
}
