/** Emits code for a program: as `runProgram` of core, but values are written once and none is ever dropped. */
import type { Lower, Lowerings, Program } from '@mace/core/backend';
import type { Node, OpName } from '@mace/core/ir';

/** The value of each step. */
export function emitSteps<Context, Value>(
  program: Program<Context, Value>,
  lowerings: Lowerings<Context, Value>,
  context: Context,
): ReadonlyMap<Node, Value> {
  const values = new Map<Node, Value>();
  for (const { node, nodes, operands, fusion } of program.steps) {
    const inputs = operands.map((operand) => values.get(operand)!);
    if (fusion) values.set(node, fusion.lower(context, node, nodes, inputs));
    else {
      const lower = lowerings.ops[node.op] as unknown as Lower<Context, Value, OpName>;
      values.set(node, lower(context, node as never, inputs as never));
    }
  }
  return values;
}
