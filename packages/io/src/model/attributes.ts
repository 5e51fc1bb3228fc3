/** Reading the plain attributes of modules, with messages that name the module and the attribute. */
import { FormatError } from '@mace/core';
import type { ModuleNode } from './module-tree.js';
import type { TensorReader } from './pickle/tensors.js';
import { PickleDict, PickleList, PickleTensor, PickleTuple, describe, type PickleValue } from './pickle/values.js';

export class Attributes {
  constructor(private readonly tensors: TensorReader) {}

  /** A number, also one kept as a tensor with one element; undefined when the attribute is missing. @throws FormatError */
  number(node: ModuleNode, name: string): number | undefined {
    const value = node.tensors.get(name) ?? node.attributes.get(name);
    if (value === undefined || value === null) return undefined;
    const number = value instanceof PickleTensor ? this.single(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw wrong(node, name, 'a finite number', value);
  }

  /** @throws FormatError */
  flag(node: ModuleNode, name: string): boolean | undefined {
    const value = node.attributes.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    throw wrong(node, name, 'True or False', value);
  }

  /** @throws FormatError */
  numbers(node: ModuleNode, name: string): number[] | undefined {
    const value = node.tensors.get(name) ?? node.attributes.get(name);
    if (value === undefined || value === null) return undefined;
    if (value instanceof PickleTensor) return Array.from(this.tensors.read(value).data);
    const items = itemsOf(value);
    if (items?.every((item): item is number => typeof item === 'number')) return [...items];
    throw wrong(node, name, 'a list of numbers', value);
  }

  /** @throws FormatError */
  texts(node: ModuleNode, name: string): string[] | undefined {
    const value = node.attributes.get(name);
    if (value === undefined || value === null) return undefined;
    const items = itemsOf(value);
    if (items?.every((item): item is string => typeof item === 'string')) return [...items];
    throw wrong(node, name, 'a list of names', value);
  }

  private single(tensor: PickleTensor): number | null {
    const { data } = this.tensors.read(tensor);
    return data.length === 1 ? data[0]! : null;
  }
}

/** Items of a list or tuple, or undefined. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  return value instanceof PickleList || value instanceof PickleTuple ? value.items : undefined;
}

/** Plain data as JSON would hold it, cut off where it is deep or long; undefined for anything else. */
export function plainValue(value: PickleValue | undefined, depth = 0): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return value.length <= 1000 ? value : `${value.slice(0, 1000)}…`;
  if (depth >= 4) return undefined;
  const items = itemsOf(value);
  if (items) return items.length <= 200 ? items.map((item) => plainValue(item, depth + 1) ?? null) : undefined;
  if (!(value instanceof PickleDict) || value.entries.size > 200) return undefined;
  // Object.fromEntries defines own properties, so that a key `__proto__` is only a key.
  return Object.fromEntries(
    [...value.entries].flatMap(([key, item]) => (typeof key === 'string' ? [[key, plainValue(item, depth + 1)]] : [])),
  );
}

export function wrong(node: ModuleNode, name: string, expected: string, got: PickleValue | undefined): FormatError {
  const place = node.path === '' ? `The model's ${name}` : `${node.path}.${name}`;
  return new FormatError(
    `${place}: expected ${expected}, got ${describe(got)}. The file is damaged, or from a version of mace-torch that is not known yet; please open an issue.`,
  );
}
