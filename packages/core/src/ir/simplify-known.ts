/**
 * What `simplify` knows about numbers in a graph: uniform values, small constants.
 *
 * A uniform value (one number everywhere) has one form: a constant of size 1, broadcast. Zeros are uniform values.
 */
import { broadcastValues } from './constant-values.js';
import type { GraphBuilder } from './builder.js';
import type { Node, NodeOf, OpName, Shape } from './types.js';

/** What rules build with: a builder that simplifies what they make. */
export interface RuleBuilder extends GraphBuilder {
  /** Largest number of values of a constant that rules make. */
  readonly foldLimit: number;
}

/**
 * A rewrite rule: sees a node whose operands are in normal form, looks at them and never at users, and returns what
 * to use instead, made through the same builder, or nothing.
 */
export type Rule<K extends OpName> = (node: NodeOf<K>, build: RuleBuilder) => Node | undefined;

/** The rules of some ops, tried in order. */
export type RuleTable = { readonly [K in OpName]?: readonly Rule<K>[] };

/** The number that a value has everywhere, if it is known to be one number. */
export function uniformValue(node: Node): number | undefined {
  const source = node.op === 'broadcast' ? node.operands[0] : node;
  if (source.op !== 'constant') return undefined;
  const { values } = source.attributes;
  return values.length > 0 && values.every((value) => Object.is(value, values[0])) ? values[0] : undefined;
}

/** One number everywhere. */
export function fill(build: RuleBuilder, value: number, shape: Shape): Node {
  return build.broadcast(
    build.constant(
      [value],
      shape.map(() => 1),
    ),
    shape,
  );
}

/** All values of a constant or of a broadcast constant of fixed size, unless there are too many. */
export function knownValues(node: Node, limit: number): readonly number[] | undefined {
  if (node.op === 'constant') return node.attributes.values.length <= limit ? node.attributes.values : undefined;
  if (node.op !== 'broadcast' || node.operands[0].op !== 'constant') return undefined;
  const shape = fixedShape(node.type.shape);
  if (!shape || product(shape) > limit) return undefined;
  return broadcastValues(node.operands[0].attributes.values, node.operands[0].type.shape as number[], shape);
}

/** The shape, if nothing in it is known only at run time. */
export function fixedShape(shape: Shape): readonly number[] | undefined {
  return shape.every((dim) => typeof dim === 'number') ? (shape as readonly number[]) : undefined;
}

/** Product of numbers. */
export function product(factors: readonly number[]): number {
  return factors.reduce((all, factor) => all * factor, 1);
}
