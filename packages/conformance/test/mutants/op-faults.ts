/** Two mutants of every op: results larger by twenty tolerances, and the last row lost. */
import { opGraphs } from '@mace/core/generators';
import type { GraphBuilder, Node, OpName } from '@mace/core/ir';
import type { Fault } from './fault.js';

const ops = [...new Set(opGraphs.map(({ op }) => op))];

/** Relative tolerance of one op in float64: 8 times 4 units in the last place. */
const tolerance = 8 * 4 * 2 ** -52;

export const opFaults: readonly Fault[] = ops.flatMap((op) => [scaled(op), lastRowLost(op)]);

function scaled(op: OpName): Fault {
  return {
    name: `${op}-scaled`,
    caughtBy: [`ops/${op}/*/1-to-35-rows`],
    neighbourhood: new RegExp(op === 'call' ? 'mul|call' : op),
    node: (build, node, operands) => {
      if (node.op !== op) return null;
      // A mask has no size: a comparison is turned around instead.
      if (op === 'less') return build.less(operands[1]!, operands[0]!);
      const value = again(build, node, operands);
      return value.type.kind === 'mask' ? null : build.scale(value, 1 + 20 * tolerance);
    },
  };
}

function lastRowLost(op: OpName): Fault {
  return {
    name: `${op}-last-row-lost`,
    caughtBy: [`ops/${op}/*/1-to-35-rows`],
    outputs: (outputs, _inputs, _memory, graph) => {
      for (const [name, node] of Object.entries(graph.outputs)) {
        if (!contains(node, op)) continue;
        const values = outputs[name]!;
        const rows = Math.max(1, values.length === 0 ? 0 : rowsOf(node, values.length));
        const width = values.length / rows;
        values.fill(0, values.length - width);
      }
    },
  };
}

/** The same node of other operands. */
function again(build: GraphBuilder, node: Node, operands: readonly Node[]): Node {
  return build.make(node.op, operands as never, node.attributes as never, node.type);
}

function contains(node: Node, op: OpName): boolean {
  return node.op === op || (node.operands as readonly Node[]).some((operand) => contains(operand, op));
}

function rowsOf(node: Node, size: number): number {
  const width = node.type.shape
    .slice(1)
    .reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  return node.type.shape.length === 0 ? 1 : size / width;
}
