/**
 * Which activation a `normalize2mom` of e3nn holds, and its constant. In TorchScript both are in the text of the class.
 */
import { FormatError, UnsupportedError } from '@mace/core';
import { findModule, type ModuleNode } from './module-tree.js';
import { PickleGlobal, PickleTensor, PickleTuple, describe } from './pickle/values.js';
import { visible } from './quote.js';
import type { TorchArchive } from './torch-archive.js';

export type ActivationName = 'silu' | 'tanh' | 'sigmoid' | 'abs';
export interface Activation {
  readonly name: ActivationName;
  /** Factor that makes the second moment 1 (e3nn `normalize2mom.cst`). */
  readonly constant: number;
}

const names: readonly ActivationName[] = ['silu', 'tanh', 'sigmoid', 'abs'];

/** @param node - a module of class `normalize2mom` @throws FormatError */
export function activationOf(node: ModuleNode, archive: TorchArchive): Activation {
  return archive.kind === 'torchscript' ? fromCode(node, archive) : fromAttributes(node);
}

/** Every activation constant of a model, checked to be the same wherever the activation occurs. @throws FormatError */
export function activationConstantsOf(
  root: ModuleNode,
  archive: TorchArchive,
): Partial<Record<ActivationName, number>> {
  const found = new Map<ActivationName, number>();
  const visit = (node: ModuleNode): void => {
    const here =
      node.className === 'normalize2mom'
        ? [activationOf(node, archive)]
        : node.className === 'GatedEquivariantBlock'
          ? gates(node)
          : [];
    for (const { name, constant } of here) {
      const wanted = activationAt(node.path, name);
      if (wanted && name !== wanted)
        throw new UnsupportedError(
          'model',
          `${node.path}: the activation is ${name}; upstream has ${wanted} there. Use a model built by an unmodified mace-torch.`,
        );
      const before = found.get(name) ?? constant;
      if (Math.abs(before - constant) > 1e-9)
        throw new FormatError(
          `${node.path}: the constant of ${name} is ${constant}, but ${before} elsewhere in this file. The file is damaged, or was put together from two models.`,
        );
      found.set(name, before);
    }
    for (const child of node.children.values()) visit(child);
  };
  for (const part of ['interactions', 'readouts']) {
    const list = findModule(root, part);
    if (list) visit(list);
  }
  return Object.fromEntries(found);
}

/** The activation that upstream fixes at this place; undefined where it is an argument. */
function activationAt(path: string, found: ActivationName): ActivationName | undefined {
  if (/\.equivariant_nonlin\.act_gates\./.test(path)) return 'sigmoid';
  // The block of mace-torch 0.3.16 is one module with both; `gates` has told which is which.
  if (/\.equivariant_nonlin$/.test(path)) return found;
  return path.startsWith('interactions.') ? 'silu' : undefined;
}

/** The function is a name, or one of torch's modules that does the same, such as `torch.nn.SiLU()`. */
function fromAttributes(node: ModuleNode): Activation {
  const { attributes, children } = node;
  const module = children.get('f')?.qualifiedName;
  const f = module?.startsWith('torch.nn.modules.activation.')
    ? new PickleGlobal('torch', module.split('.').at(-1)!.toLowerCase())
    : attributes.get('f');
  return activation(node, f, attributes.get('cst'), attributes.get('_is_id') === true);
}

/** The gate of mace-torch 0.3.16 keeps function and constant as attributes. */
function gates(node: ModuleNode): Activation[] {
  return (['scalar', 'gate'] as const).flatMap((kind) => {
    const f = node.attributes.get(`_act_${kind}`);
    if (f === null || f === undefined) return [];
    const found = activation(node, f, node.attributes.get(`_${kind}_cst`), false);
    const wanted = kind === 'scalar' ? 'silu' : 'sigmoid';
    if (found.name === wanted) return [found];
    throw new UnsupportedError(
      'model',
      `${node.path}._act_${kind} is ${found.name}; upstream has ${wanted} there. Use a model built by an unmodified mace-torch.`,
    );
  });
}

function activation(node: ModuleNode, f: unknown, constant: unknown, isIdentity: boolean): Activation {
  const found = f instanceof PickleGlobal ? f.name : undefined;
  const name = names.find((known) => known === found);
  if (!name)
    throw new FormatError(
      `${node.path}: the activation is ${found ? visible(found.slice(0, 100)) : describe(f as null)}; known are ${names.join(', ')}. Save the model with one of these.`,
    );
  if (typeof constant !== 'number' || !(constant > 0) || constant > 1e3)
    throw new FormatError(
      `${node.path}: the constant of ${name} is ${String(constant)}; expected a positive number. The file is damaged.`,
    );
  return { name, constant: isIdentity ? 1 : constant };
}

function fromCode(node: ModuleNode, archive: TorchArchive): Activation {
  const path = `code/${node.type.module.replaceAll('.', '/')}.py`;
  const code = (archive.text(path) ?? '').slice(0, 100_000);
  const call = /torch\.(silu|tanh|sigmoid|abs)\(x\)(?:, (CONSTANTS\.c(\d+)|[0-9.e+-]+)\))?/.exec(code);
  if (!call)
    throw new FormatError(
      `${node.path}: no known activation in ${path}. Open the .model file from which this TorchScript file was made.`,
    );
  const constant =
    call[3] !== undefined ? constantOf(archive, Number(call[3])) : call[2] !== undefined ? Number(call[2]) : 1;
  return activation(node, new PickleGlobal('torch', call[1]!), constant, false);
}

function constantOf(archive: TorchArchive, index: number): number | undefined {
  const constants = archive.pickle('constants');
  const item = constants?.root instanceof PickleTuple ? constants.root.items[index] : undefined;
  if (typeof item === 'number') return item;
  return item instanceof PickleTensor && item.shape.length === 0 ? constants?.tensors.read(item).data[0] : undefined;
}
