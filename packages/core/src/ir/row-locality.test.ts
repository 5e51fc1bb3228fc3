/** That rows read what their op says, by changing one row of an operand at a time; and that planner and phases say the same. */
import { describe, expect, it } from 'vitest';
import { bindMaps, concreteShape, planPhases, type Program } from '../backend/index.js';
import { vjp } from '../autodiff/index.js';
import { opGraphs, randomInputs } from '../generators/index.js';
import { isRowByRow } from '../planner/row-by-row.js';
import { Interpreter } from '../reference/index.js';
import { mapOf } from './attributes.js';
import { GraphBuilder } from './builder.js';
import { arity } from './infer.js';
import { legalize } from './legalize.js';
import { attributesKey } from './keys.js';
import { rowsRead } from './row-locality.js';
import { isLeaf, nodesOf } from './traverse.js';
import type { Graph, Node, OpName } from './types.js';

const everyOp = [...(Object.keys(arity) as OpName[]), 'call', 'concat', 'polynomial'];

/** The small graphs, and with what differentiation makes of those that have a derivative. */
const graphs: readonly Graph[] = opGraphs.map(({ graph }) => {
  const wrt = graph.inputs.filter(({ type }) => type.kind === 'real').map(({ attributes: { name } }) => name);
  if (wrt.length === 0 || graph.outputs['y']!.type.kind !== 'real') return graph;
  return vjp(graph, { of: 'y', wrt, cotangent: 'seed' });
});

/** A composite with an output that is computed row by row, and one that is not. */
function composite(): Graph {
  const inner = new GraphBuilder();
  const x = inner.input('x', ['atoms', 2]);
  const mean = inner.broadcast(inner.reshape(inner.sum(x, [0]), [1, 2]), ['atoms', 2]);
  const body = inner.finish('inner', { square: inner.mul(x, x), deviation: inner.sub(x, mean) });
  const build = new GraphBuilder();
  const given = build.input('x', ['atoms', 2]);
  const outputs = ['square', 'deviation'].map((name) => [name, build.call('inner', body, [given], name)]);
  return build.finish('composite', Object.fromEntries(outputs));
}

/** One node of every kind that differs in op, attributes or types. */
const nodes = [
  ...new Map(
    [...graphs, composite()]
      .flatMap(nodesOf)
      .filter((node) => !isLeaf(node))
      .map((node) => {
        const types = [node, ...(node.operands as readonly Node[])].map(
          ({ type }) => `${type.kind}${type.shape.join(' ')}`,
        );
        return [`${node.op} ${attributesKey(node.op, node.attributes)} ${types.join(',')}`, node];
      }),
  ).values(),
];

/** The node alone, on inputs `x0`, `x1`, …; where an operand is a mask, on one that is made of an input. */
function alone(node: Node): Graph {
  const build = new GraphBuilder();
  const operands = (node.operands as readonly Node[]).map(({ type }, i) => {
    const input = build.input(`x${i}`, type.shape);
    return type.kind === 'mask' ? build.less(input, build.neg(input)) : input;
  });
  const y = build.make(node.op as OpName, operands, node.attributes, node.type, '');
  return build.finish('alone', {
    y: y.type.kind === 'mask' ? build.select(y, build.fill(1, y), build.fill(0, y)) : y,
  });
}

describe('rowsRead', () => {
  it('is asked of every op here', () => {
    const present = new Set<string>(nodes.map(({ op }) => op));
    expect(everyOp.filter((op) => !present.has(op))).toEqual(['input', 'parameter', 'constant']);
  });

  it.each(nodes.map((node) => [`${node.op} ${JSON.stringify(node.type.shape)}`, node] as const))('%s', (_, node) => {
    const graph = legalize(alone(node), ({ op }) => op !== 'call');
    const inputs = randomInputs(graph, { seed: 7, range: [0.4, 1.5] });
    const maps = bindMaps(graph, inputs);
    const interpreter = new Interpreter(graph, 'f64', {});
    const run = (values: typeof inputs.values) => interpreter.run({ dims: inputs.dims, maps, inputs: values })['y']!;
    const before = run(inputs.values);
    const [rows = 1] = concreteShape(node.type.shape, inputs.dims);
    const map = mapOf(node) && maps.get(mapOf(node)!.name)!.values;
    (node.operands as readonly Node[]).forEach((operand, i) => {
      const read = rowsRead(node, i);
      const [ofOperand = 1] = concreteShape(operand.type.shape, inputs.dims);
      if (read === 'own') expect(operand.type.shape[0]).toBe(node.type.shape[0]);
      if (read === 'all') return;
      for (let changed = 0; changed < ofOperand; changed++) {
        const values = inputs.values[`x${i}`]!.slice();
        const width = values.length / ofOperand;
        for (let at = changed * width; at < (changed + 1) * width; at++) values[at] = -1.7 * values[at]! - 0.3;
        const after = run({ ...inputs.values, [`x${i}`]: values });
        const reads = (row: number): boolean => {
          if (read === 'own') return row === changed;
          return node.op === 'gather' ? map![row] === changed : map![changed] === row;
        };
        const size = after.length / rows;
        after.forEach((value, at) => {
          if (!reads(Math.floor(at / size)))
            expect(Object.is(value, before[at]), `row ${Math.floor(at / size)}`).toBe(true);
        });
      }
    });
  });
});

describe('planner and phases', () => {
  const program = (node: Node): Program<unknown, unknown> =>
    ({
      steps: [...(node.operands as readonly Node[]), node].map((each) => ({
        node: each,
        operands: each === node ? node.operands : [],
        fixed: each !== node && !each.type.shape.some((dim) => typeof dim === 'string'),
      })),
    }) as unknown as Program<unknown, unknown>;

  it.each(nodes.map((node) => [`${node.op} ${JSON.stringify(node.type.shape)}`, node] as const))('%s', (_, node) => {
    const leaves = (node.operands as readonly Node[]).map(
      ({ type }, i): Node => ({ id: i, op: 'input', operands: [], attributes: { name: `x${i}` }, type, scope: '' }),
    );
    const here = { ...node, operands: leaves } as unknown as Node;
    const plan = planPhases(program(here));
    const phase = plan.phases.find(({ steps }) => steps.some((step) => step.node === here))!;
    const dim = node.type.shape[0];
    const movable = (dim === 'atoms' || dim === 'edges') && isRowByRow(here, dim);
    // Calls are run by rows only where they are edge regions; what an index map or a table says of rows, the planner leaves alone.
    if (node.op === 'call') return expect(phase.byRows).toBe(false);
    if (movable) expect(phase.byRows).toBe(true);
    if (phase.byRows && !mapOf(node) && node.op !== 'table') expect(movable).toBe(true);
    for (const operand of leaves)
      if (movable && operand.type.shape[0] === dim) expect(plan.readsRows(here, operand)).toBe(true);
  });
});
