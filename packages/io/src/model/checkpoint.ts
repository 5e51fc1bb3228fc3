/**
 * Checkpoints of a training: `{"model": state dict, "optimizer": …}`, or a bare state dict. They hold tensors and no
 * settings, so a few of those have to be told.
 */
import { FormatError, type MaceConfig, type MaceModel } from '@mace/core';
import { partialConfigFromJson } from './config-json.js';
import { checkModel } from './model-check.js';
import { PickleDict, PickleTensor, type PickleValue } from './pickle/values.js';
import { configOfStateDict } from './state-dict-rules.js';
import { openTorchArchive, type TorchArchive } from './torch-archive.js';
import { readWeights } from './weights.js';
import type { ZipOptions } from './zip.js';

export interface CheckpointOptions extends ZipOptions {
  /**
   * Settings that no tensor shows: average number of neighbors, gate, cutoff on or off, head names, embeddings;
   * from a model of the same run, or by hand.
   */
  readonly hyperParameters: Partial<MaceConfig>;
}

/** @throws FormatError that lists the settings that are needed, UnsupportedError */
export function readCheckpoint(bytes: Uint8Array, { hyperParameters, ...options }: CheckpointOptions): MaceModel {
  return modelOfCheckpoint(openTorchArchive(bytes, options), hyperParameters);
}

export function modelOfCheckpoint(archive: TorchArchive, told: Partial<MaceConfig>): MaceModel {
  const state = stateDictOf(archive.root);
  if (!state)
    throw new FormatError(
      'The file is no checkpoint: it holds neither "model" with tensors nor tensors by name. Open the checkpoint of a MACE, or a .model file.',
    );
  const weights = readWeights(tensorsOf(state), archive.tensors);
  const config = configOfStateDict(weights, partialConfigFromJson({ ...told }));
  const model: MaceModel = { config, weights, provenance: { format: 'mace-torch checkpoint' } };
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

/** The dictionary of tensors of a checkpoint, or undefined when the value is something else. */
export function stateDictOf(root: PickleValue): PickleDict | undefined {
  if (!(root instanceof PickleDict)) return undefined;
  const inner = root.get('model');
  if (inner instanceof PickleDict) return inner;
  return [...root.entries.values()].some((value) => value instanceof PickleTensor) ? root : undefined;
}

function* tensorsOf(state: PickleDict): Generator<readonly [name: string, tensor: PickleTensor]> {
  for (const [name, value] of state.entries)
    if (typeof name === 'string' && value instanceof PickleTensor) yield [name, value];
}
