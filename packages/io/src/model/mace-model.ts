/** From an opened archive of torch.save(model) or torch.jit.save to a `MaceModel`. */
import { FormatError, type MaceModel } from '@mace/core';
import { plainValue } from './attributes.js';
import { isFlat, withContractions } from './cueq.js';
import { configOf } from './hyper-parameters.js';
import { mergeAdapters, ranksOf, separateAdapters, withoutAdapters } from './lora.js';
import { findModule, moduleTree, namedTensors, type ModuleNode } from './module-tree.js';
import { checkModel } from './model-check.js';
import { tensorType } from './pickle/tensors.js';
import { checkStatements } from './statements.js';
import type { TorchArchive } from './torch-archive.js';
import { readWeights } from './weights.js';
import { unwrapped, withOwnHead } from './wrappers.js';

/** @throws FormatError, UnsupportedError */
export function modelOfArchive(archive: TorchArchive): MaceModel {
  const wrapped = unwrapped(moduleTree(archive.root), archive.tensors);
  const { root, scalings } = withoutAdapters(wrapped.root);
  const config = configOf(root, archive);
  const { plain, adapters } = separateAdapters(readWeights(namedTensors(wrapped.root), archive.tensors));
  const model: MaceModel = {
    config,
    weights: mergeAdapters(withContractions(plain, config), adapters, config, (layer) => scalingOf(scalings, layer)),
    provenance: {
      format: archive.kind === 'pickle' ? 'mace-torch model' : 'mace-torch TorchScript model',
      asWritten: asWritten(root),
      ...storedAs(root),
      ...(adapters.length > 0 && adapterFacts(ranksOf(adapters, config), scalings)),
    },
  };
  checkModel(model);
  checkStatements(root, config, archive, isFlat(plain));
  return withOwnHead(model, wrapped);
}

function scalingOf(scalings: ReadonlyMap<string, number>, layer: string): number {
  const scaling = scalings.get(layer);
  if (scaling !== undefined) return scaling;
  throw new FormatError(
    `The file has LoRA tensors at ${layer}, but no LoRA module there. The file is damaged: save the model again.`,
  );
}

/** What checkpoints of the same run are told and compared with: ranks, and α where it is one for all layers. */
function adapterFacts(loraRanks: Readonly<Record<string, number>>, scalings: ReadonlyMap<string, number>): object {
  const alphas = Object.entries(loraRanks).map(([layer, rank]) => rank * scalingOf(scalings, layer));
  const [loraAlpha = 0] = alphas;
  const isOne = alphas.every((alpha) => Math.abs(alpha - loraAlpha) <= 1e-9 * Math.abs(loraAlpha));
  return { loraRanks, ...(isOne && { loraAlpha }) };
}

/** The type of weights that are read into a wider one. */
function storedAs(root: ModuleNode): { readonly storedAs?: string } {
  const weight = findModule(root, 'node_embedding.linear')?.tensors.get('weight');
  const type = weight && tensorType(weight);
  return type === 'Half' ? { storedAs: 'float16' } : type === 'BFloat16' ? { storedAs: 'bfloat16' } : {};
}

/** The model's own attributes, for people: what is missing here was filled in with the defaults of its time. */
function asWritten(root: ModuleNode): Record<string, unknown> {
  const own = [...root.attributes].filter(([name]) => !name.startsWith('_') && name !== 'training');
  const values = own
    .map(([name, value]) => [name, plainValue(value)] as const)
    .filter(([, value]) => value !== undefined);
  return { class: root.qualifiedName, ...Object.fromEntries(values) };
}
