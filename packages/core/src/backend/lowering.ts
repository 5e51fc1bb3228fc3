/**
 * How an engine says what it can do: a table from ops to code, and fusions by name.
 *
 * A `Value` is whatever the engine calls a tensor: an array, a handle, a variable in generated code. An op that is not in
 * the table is made of others by `legalize`; a backend is complete as soon as it has the primitive ones.
 */
import type { LeafName, Node, NodeOf, OpName, Operands } from '../ir/types.js';

export type Lower<Context, Value, K extends OpName> = (
  context: Context,
  node: NodeOf<K>,
  operands: Operands<K, Value>,
) => Value;

/** op → code. Inputs, parameters and constants must be there, everything else may be absent. */
export type LoweringTable<Context, Value> = {
  readonly [K in LeafName]: Lower<Context, Value, K>;
} & {
  readonly [K in Exclude<OpName, LeafName>]?: Lower<Context, Value, K>;
};

/** A kernel for several nodes at once. A claim of equality, so it has a name and is tested by name. */
export interface Fusion<Context, Value> {
  readonly name: string;
  /**
   * The nodes that it replaces when `node` is their result, in any order, `node` included; or null. Only `node` may be used
   * outside of them, which the pipeline checks.
   */
  match(node: Node, users: ReadonlyMap<Node, readonly Node[]>): readonly Node[] | null;
  /** @param operands - values of `fusedOperands(matched)`, in that order */
  lower(context: Context, node: Node, matched: readonly Node[], operands: readonly Value[]): Value;
}

/** What an engine can do. */
export interface Lowerings<Context, Value> {
  readonly ops: LoweringTable<Context, Value>;
  /** False for a node that the op's entry cannot do, such as a matmul with a group. Asked only for ops in the table. */
  readonly supports?: (node: Node) => boolean;
  readonly fusions?: readonly Fusion<Context, Value>[];
}

/** What matched nodes read from outside: operands that are not among them, each once, in order of first use. */
export function fusedOperands(matched: readonly Node[]): Node[] {
  const inside = new Set(matched);
  const outside = new Set<Node>();
  for (const node of matched) {
    for (const operand of node.operands as readonly Node[]) if (!inside.has(operand)) outside.add(operand);
  }
  return [...outside];
}
