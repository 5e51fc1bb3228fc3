/**
 * What the modules of a file state beside its weights, against the configuration that was read from some of them: classes,
 * irreps, widths, flags. mace-torch computes with many of these, so two that disagree are two models in one file.
 */
import { FormatError, type MaceConfig } from '@mace/core';
import { formatIrreps, simplifyIrreps, type IrrepBlock } from '@mace/core/equivariant';
import { Attributes, itemsOf } from './attributes.js';
import { statementsOf, type Expected, type Statement } from './expected-modules.js';
import { irrepsOf } from './irreps-text.js';
import { findModule, type ModuleNode } from './module-tree.js';
import { PickleObject, describe, type PickleValue } from './pickle/values.js';
import { quoteJson } from './quote.js';
import type { TorchArchive } from './torch-archive.js';

/**
 * @param isFlat - whether the file is in cuequivariance's layout
 * @throws FormatError that names the module and the attribute, and says what both sides are
 */
export function checkStatements(root: ModuleNode, config: MaceConfig, archive: TorchArchive, isFlat = false): void {
  for (const { path, classes, attributes = {}, needed = [], tensors = [], ...others } of statementsOf(config)) {
    // In cuequivariance's layout one module is all contractions of a product.
    if (isFlat && path.includes('.contractions.')) continue;
    const node = path === '' ? root : findModule(root, path);
    if (!node)
      throw new FormatError(
        `The module ${path} is missing; expected a ${classes.join(' or ')}. mace-torch cannot compute without it. ${remedy}`,
      );
    if (!classes.includes(node.className))
      throw new FormatError(
        `${path || 'The model'} is a ${node.className}; expected a ${classes.join(' or ')}. ${remedy}`,
      );
    for (const name of tensors)
      if (!node.tensors.has(name))
        throw new FormatError(
          `Weight ${path}.${name} is missing; every ${node.className} of mace-torch has one. The file is damaged.`,
        );
    for (const name of needed)
      if (!node.attributes.has(name))
        throw new FormatError(`${path || 'The model'} has no attribute ${name}. ${remedy}`);
    checkNothingMore(node, others);
    for (const [name, expected] of Object.entries(attributes)) checkAttribute(node, name, expected, archive);
  }
}

const remedy = 'The file is inconsistent: save it again from an unmodified mace-torch.';

/** A layer too many has no tensor that would be left over, and mace-torch computes with it. */
function checkNothingMore(node: ModuleNode, { only, none = [] }: Pick<Statement, 'only' | 'none'>): void {
  const extra = only && [...node.children.keys()].find((name) => !only.includes(name));
  if (extra !== undefined)
    throw new FormatError(
      `${node.path} has the module ${extra}, a ${node.children.get(extra)!.className}, which no model of these settings has. ${remedy}`,
    );
  for (const name of none) {
    const stored = node.attributes.get(name) ?? null;
    if (stored !== null) throw new FormatError(`${node.path}.${name} is ${describe(stored)}; expected None. ${remedy}`);
  }
}

function checkAttribute(node: ModuleNode, name: string, expected: Expected, archive: TorchArchive): void {
  const stored = node.attributes.get(name);
  if (stored === undefined || stored === null || isOfCuequivariance(stored)) return;
  const [found, wanted] = compared(node, name, stored, expected, archive);
  if (found === wanted) return;
  const at = node.path === '' ? `The model's ${name}` : `${node.path}.${name}`;
  throw new FormatError(`${at} is ${found}; expected ${wanted} from the rest of the file. ${remedy}`);
}

/** Its irreps are objects of another kind; sizes of weights are checked all the same. */
function isOfCuequivariance(value: PickleValue): boolean {
  return value instanceof PickleObject && value.type.module.startsWith('cuequivariance');
}

/** Both sides as text. */
function compared(
  node: ModuleNode,
  name: string,
  stored: PickleValue,
  expected: Expected,
  archive: TorchArchive,
): readonly [found: string, wanted: string] {
  if (typeof expected === 'object' && 'irreps' in expected)
    return [canonical(irrepsOf(stored, `${node.path}.${name}`)), canonical(expected.irreps)];
  if (typeof expected === 'object') {
    const found = itemsOf(stored)?.map((item) => (typeof item === 'number' ? item : NaN));
    return [found ? found.slice(0, 40).join(' ') : describe(stored), expected.join(' ')];
  }
  if (typeof expected === 'number') {
    const found = new Attributes(archive.tensors).number(node, name)!;
    // Python writes some of these as the square of a root, or rounded to single precision.
    return Math.abs(found - expected) <= 3e-7 * Math.abs(expected) ? ['', ''] : [String(found), String(expected)];
  }
  const shown = typeof stored === 'string' || typeof stored === 'boolean' ? quoteJson(stored) : describe(stored);
  return [shown, quoteJson(expected)];
}

function canonical(blocks: readonly IrrepBlock[]): string {
  return formatIrreps(simplifyIrreps([...blocks]));
}
