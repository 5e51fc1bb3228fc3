/** Products of components of operands, many side by side: a gather for each factor, multiplied. */
import type { Dim, Factor } from '@mace/core/ir';
import type { Context } from './context.js';
import { shapeTensor } from './shapes.js';

/** Makes products of the operands [rows components channels] of one polynomial, given by their names. */
export class Products {
  readonly #factorsOf = new Map<string, readonly Factor[]>();

  constructor(
    readonly context: Context,
    readonly operands: readonly string[],
    readonly rows: Dim,
  ) {}

  /** The key of a product; the order of factors does not matter. */
  key(factors: readonly Factor[]): string {
    const sorted = [...factors].sort((a, b) => a.operand - b.operand || a.component - b.component);
    const key = sorted.map(({ operand, component }) => `${operand}.${component}`).join(' ');
    this.#factorsOf.set(key, sorted);
    return key;
  }

  /** [rows keys width], and the keys in the order in which they are there: those of the same operands together. */
  of(keys: readonly string[], width: number): [keys: readonly string[], name: string] {
    const { model } = this.context;
    const groups = new Map<string, string[]>();
    for (const key of keys) {
      const signature = this.#factors(key)
        .map(({ operand }) => operand)
        .join(' ');
      groups.set(signature, [...(groups.get(signature) ?? []), key]);
    }
    const parts = [...groups.values()].map((group) => this.#group(group, width));
    return [[...groups.values()].flat(), parts.length === 1 ? parts[0]! : model.add('Concat', parts, { axis: 1 })];
  }

  /** Products of the same operands. */
  #group(keys: readonly string[], width: number): string {
    const { model, real } = this.context;
    const degree = this.#factors(keys[0]!).length;
    if (degree === 0) {
      const shape = [this.rows, 1, width];
      return model.add('Expand', [model.reals(real, [1], [1, 1, 1]), shapeTensor(this.context, shape)]);
    }
    const slots = Array.from({ length: degree }, (_, slot) => {
      const { operand } = this.#factors(keys[0]!)[slot]!;
      const components = keys.map((key) => this.#factors(key)[slot]!.component);
      return model.once(`components ${this.operands[operand]} ${components.join(' ')}`, () =>
        model.add('Gather', [this.operands[operand]!, model.integers(components)], { axis: 1 }),
      );
    });
    return slots.reduce((all, slot) => model.once(`${all} times ${slot}`, () => model.add('Mul', [all, slot])));
  }

  #factors(key: string): readonly Factor[] {
    return this.#factorsOf.get(key)!;
  }
}

/** Where each one is in a list. */
export function positions<T>(list: readonly T[]): Map<T, number> {
  return new Map(list.map((one, i) => [one, i]));
}

/** Each one once, in order of first appearance. */
export function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
