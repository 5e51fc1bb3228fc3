/** From an opened archive of torch.save(model) or torch.jit.save to a `MaceModel`. */
import { FormatError, UnsupportedError, type MaceModel } from '@mace/core';
import { plainValue } from './attributes.js';
import { configOf } from './hyper-parameters.js';
import { moduleTree, namedTensors, type ModuleNode } from './module-tree.js';
import { checkModel } from './model-check.js';
import { checkStatements } from './statements.js';
import type { TorchArchive } from './torch-archive.js';
import { readWeights } from './weights.js';

/** @throws FormatError, UnsupportedError */
export function modelOfArchive(archive: TorchArchive): MaceModel {
  const root = modelRoot(moduleTree(archive.root));
  const config = configOf(root, archive);
  const model: MaceModel = {
    config,
    weights: readWeights(namedTensors(root), archive.tensors),
    provenance: {
      format: archive.kind === 'pickle' ? 'mace-torch model' : 'mace-torch TorchScript model',
      asWritten: asWritten(root),
    },
  };
  checkModel(model);
  checkStatements(root, config, archive);
  return model;
}

/** LAMMPS files wrap the model in a module of their own; its tensors are named from the model. */
function modelRoot(root: ModuleNode): ModuleNode {
  const inner = root.className === 'LAMMPS_MACE' ? root.children.get('model') : undefined;
  if (inner) return detached(inner);
  if (root.qualifiedName === 'mace.modules.models.MACE' || root.qualifiedName === 'mace.modules.models.ScaleShiftMACE')
    return root;
  if (root.className === 'MACE' || root.className === 'ScaleShiftMACE') {
    throw new FormatError(
      `The file holds a ${root.qualifiedName}; expected the class of mace.modules.models. Save the model with an unmodified mace-torch.`,
    );
  }
  throw new UnsupportedError(
    'model',
    `The file holds a ${root.qualifiedName}; only MACE and ScaleShiftMACE can be evaluated. Open a .model file saved by mace-torch.`,
  );
}

function detached(node: ModuleNode, prefix = `${node.path}.`): ModuleNode {
  const path = node.path.startsWith(prefix) ? node.path.slice(prefix.length) : '';
  return {
    ...node,
    path,
    children: new Map([...node.children].map(([name, child]) => [name, detached(child, prefix)])),
  };
}

/** The model's own attributes, for people: what is missing here was filled in with the defaults of its time. */
function asWritten(root: ModuleNode): Record<string, unknown> {
  const own = [...root.attributes].filter(([name]) => !name.startsWith('_') && name !== 'training');
  const values = own
    .map(([name, value]) => [name, plainValue(value)] as const)
    .filter(([, value]) => value !== undefined);
  return { class: root.qualifiedName, ...Object.fromEntries(values) };
}
