/**
 * The tree of modules that a file holds, the same for `torch.save` (`_parameters`, `_buffers`, `_modules`) and TorchScript
 * (everything in one dictionary), and the flat names that PyTorch's state dict gives to its tensors.
 */
import { FormatError } from '@mace/core';
import { noModel } from './no-model.js';
import { pythonName } from './pickle/allow-list.js';
import type { PickleGlobal } from './pickle/values.js';
import { PickleDict, PickleObject, PickleTensor, describe, type PickleValue } from './pickle/values.js';
import { checkName } from './weights.js';

export interface ModuleNode {
  /** Path from the root, such as `interactions.0.linear`; empty at the root. */
  readonly path: string;
  /** Such as `mace.modules.blocks.LinearReadoutBlock`. */
  readonly qualifiedName: string;
  /** Last part of the qualified name. */
  readonly className: string;
  /** The class as the file names it (TorchScript adds prefixes). */
  readonly type: PickleGlobal;
  readonly tensors: ReadonlyMap<string, PickleTensor>;
  readonly children: ReadonlyMap<string, ModuleNode>;
  readonly attributes: ReadonlyMap<string, PickleValue>;
  /** Names of modules, parameters and buffers that are None. */
  readonly absent: ReadonlySet<string>;
}

// A value can be referred to many times in a pickle, so that a short file may describe a tree without end.
const deepest = 32;
const mostModules = 50_000;

/** @throws FormatError when the value is not a module or the tree is beyond any real one */
export function moduleTree(root: PickleValue): ModuleNode {
  let count = 0;
  const visit = (value: PickleObject, path: string, depth: number): ModuleNode => {
    if (depth > deepest || ++count > mostModules) {
      throw new FormatError(
        `The module tree of the file has more than ${deepest} levels or ${mostModules} modules (at ${path.slice(0, 100)}). The file is damaged or was made to mislead.`,
      );
    }
    const qualifiedName = pythonName(value.type);
    const tensors = new Map<string, PickleTensor>();
    const children = new Map<string, ModuleNode>();
    const attributes = new Map<string, PickleValue>();
    const absent = new Set<string>();
    const place = (name: string, item: PickleValue): void => {
      checkName(name);
      const at = path === '' ? name : `${path}.${name}`;
      if (item instanceof PickleTensor) tensors.set(name, item);
      else if (isModule(item)) children.set(name, visit(item, at, depth + 1));
      else attributes.set(name, item);
    };
    for (const [key, item] of dictOf(value.state, path)) {
      if (typeof key !== 'string') continue;
      const nested =
        !value.type.module.startsWith('__torch__') &&
        (key === '_parameters' || key === '_buffers' || key === '_modules');
      if (!nested) {
        if (item instanceof PickleObject && isModule(item)) place(key, item);
        else attributes.set(key, item);
        // A plain tensor attribute of a Python module is no part of the state dict; of a TorchScript module it is.
        if (value.type.module.startsWith('__torch__') && item instanceof PickleTensor) tensors.set(key, item);
        continue;
      }
      for (const [name, inner] of dictOf(item, path)) {
        if (typeof name !== 'string') continue;
        if (inner === null) absent.add(name);
        else place(name, inner);
      }
    }
    return {
      path,
      qualifiedName,
      className: qualifiedName.slice(qualifiedName.lastIndexOf('.') + 1),
      type: value.type,
      tensors,
      children,
      attributes,
      absent,
    };
  };
  if (!isModule(root)) throw noModel(root);
  return visit(root, '', 0);
}

/** The same tree, named from another path. */
export function movedTo(node: ModuleNode, path: string): ModuleNode {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  return {
    ...node,
    path,
    children: new Map([...node.children].map(([name, child]) => [name, movedTo(child, at(name))])),
  };
}

/** The tensors of a tree by their state-dict names, in the file's order. */
export function* namedTensors(node: ModuleNode): Generator<readonly [name: string, tensor: PickleTensor]> {
  const prefix = node.path === '' ? '' : `${node.path}.`;
  for (const [name, tensor] of node.tensors) yield [prefix + name, tensor];
  for (const child of node.children.values()) yield* namedTensors(child);
}

/** The module at a path below a node, or undefined. */
export function findModule(node: ModuleNode, path: string): ModuleNode | undefined {
  return path.split('.').reduce<ModuleNode | undefined>((at, name) => at?.children.get(name), node);
}

/** Children of a list in their order. @throws FormatError when a number is missing */
export function listModules(node: ModuleNode, name: string): ModuleNode[] {
  const list = node.children.get(name);
  const children = list ? [...list.children.keys()] : [];
  return children.map((_, i) => {
    const child = list?.children.get(String(i));
    if (!child)
      throw new FormatError(
        `The module list ${name} has the entries ${children.slice(0, 20).join(', ')}; expected 0 to ${children.length - 1}. The file is damaged.`,
      );
    return child;
  });
}

/** Instances of classes whose state is a dictionary, except irreps and other tuples. */
function isModule(value: PickleValue): value is PickleObject {
  return (
    value instanceof PickleObject &&
    value.state instanceof PickleDict &&
    !/^e3nn\.o3\._irreps\.|Instruction$|^numpy\.|Config$/.test(pythonName(value.type))
  );
}

function dictOf(value: PickleValue, path: string): ReadonlyMap<PickleValue, PickleValue> {
  if (value instanceof PickleDict) return value.entries;
  throw new FormatError(
    `The state of module ${path || '(root)'} is ${describe(value)}; expected a dictionary. The file is damaged.`,
  );
}
