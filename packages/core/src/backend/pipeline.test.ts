import { describe, expect, test } from 'vitest';
import { randomGraph } from '../generators/index.js';
import { GraphBuilder, nodesOf, type Graph, type Node } from '../ir/index.js';
import {
  compileProgram,
  graphPasses,
  planMemory,
  slotSize,
  type Fusion,
  type Lowerings,
  type Program,
} from './index.js';

/** Values are their nodes' descriptions: enough to see order, operands and liveness. */
type Described = string;

const describeNode = (_context: null, node: Node, operands: readonly Described[]): Described =>
  `${node.op}(${operands.join(' ')})`;
const everyOp = new Proxy({}, { get: () => describeNode }) as Lowerings<null, Described>['ops'];

const multiplyAdd: Fusion<null, Described> = {
  name: 'multiply-add',
  match: (node) => {
    const product = node.op === 'add' ? node.operands.find(({ op }) => op === 'mul') : undefined;
    return product ? [product, node] : null;
  },
  lower: (_context, node, matched, operands) => `fused${matched.length}:${node.op}(${operands.join(' ')})`,
};
const lowerings: Lowerings<null, Described> = { ops: everyOp, fusions: [multiplyAdd] };

function productAndSum(alsoOutput: boolean): Graph {
  const build = new GraphBuilder();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => build.input(name, ['atoms'])) as [Node, Node, Node];
  const product = build.mul(a, b);
  return build.finish('graph', { y: build.add(product, c), ...(alsoOutput && { product }) });
}

describe('compileProgram', () => {
  test('a fusion takes the place of its nodes, and the report names it with its scope', () => {
    const { steps, report } = compileProgram(productAndSum(false), lowerings);
    expect(steps.map(({ node, fusion }) => fusion?.name ?? node.op)).toEqual([
      'input',
      'input',
      'input',
      'multiply-add',
    ]);
    expect(steps[3]!.nodes.map(({ op }) => op)).toEqual(['mul', 'add']);
    expect(steps[3]!.operands.map(({ op }) => op)).toEqual(['input', 'input', 'input']);
    expect(report.fused).toEqual([{ pattern: 'multiply-add', scope: '' }]);
  });

  test('a fusion whose inner value is needed elsewhere is not used', () => {
    const { steps } = compileProgram(productAndSum(true), lowerings);
    expect(steps.some(({ fusion }) => fusion)).toBe(false);
  });

  test('fusions and passes are switched by name; an unknown name is an error that lists the known ones', () => {
    const graph = productAndSum(false);
    expect(compileProgram(graph, lowerings, { fusions: 'none' }).report.fused).toEqual([]);
    expect(compileProgram(graph, lowerings, { fusions: ['multiply-add'] }).report.fused).toHaveLength(1);
    expect(() => compileProgram(graph, lowerings, { fusions: ['ghost'] })).toThrow(
      'there is no fusion ghost; this backend has multiply-add.',
    );
    expect(() => compileProgram(graph, lowerings, { passes: ['ghost'] })).toThrow(graphPasses[0]!.name);
  });

  test('without passes the nodes stay as they were written', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms']);
    const graph = build.finish('neutral', { y: build.mul(x, build.fill(1, x)) });
    expect(compileProgram(graph, lowerings, { passes: 'all' }).steps.map(({ node }) => node.op)).toEqual(['input']);
    expect(compileProgram(graph, lowerings, { passes: 'none' }).steps.at(-1)!.node.op).toBe('mul');
  });

  test('what is not in the table is made of what is, and reported', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['atoms']);
    const graph = build.finish('tanh', { y: build.scoped('gate', () => build.tanh(x)) });
    const ops = Object.fromEntries(
      ['input', 'parameter', 'constant', 'exp', 'add', 'mul', 'pow', 'broadcast', 'reshape'].map((op) => [
        op,
        describeNode,
      ]),
    ) as unknown as Lowerings<null, Described>['ops'];
    const { steps, report } = compileProgram(graph, { ops });
    expect(steps.every(({ node }) => node.op !== 'tanh')).toBe(true);
    expect(report.legalized).toContainEqual({ op: 'tanh', scope: 'gate' });
  });

  test.each([1, 2, 3, 4, 5])(
    'random graph %i: operands come first, and every value dies after its last use',
    (seed) => {
      const { graph } = randomGraph(seed);
      const program = compileProgram(graph, lowerings);
      const made = new Set<Node>();
      const gone = new Set<Node>();
      for (const step of program.steps) {
        for (const operand of step.operands) {
          expect(made.has(operand)).toBe(true);
          expect(gone.has(operand)).toBe(false);
        }
        made.add(step.node);
        step.dead.forEach((node) => gone.add(node));
      }
      const alive = [...made].filter((node) => !gone.has(node));
      const outputs = new Set(Object.values(program.graph.outputs));
      const fixed = new Set(program.steps.filter((step) => step.fixed).map(({ node }) => node));
      expect(alive.every((node) => outputs.has(node) || fixed.has(node))).toBe(true);
      expect(nodesOf(program.graph).length).toBeGreaterThanOrEqual(program.steps.length);
    },
  );
});

describe('planMemory', () => {
  const dims = { atoms: 7, edges: 31, graphs: 3 };
  const isView = (node: Node): boolean => node.op === 'reshape';

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('random graph %i: no value is overwritten while it is needed', (seed) => {
    const program = compileProgram(randomGraph(seed).graph, lowerings);
    const plan = planMemory(program, isView);
    /** Value that each slot holds, views counted as what they look at. */
    const holder = new Map<number, Node>();
    const source = new Map<Node, Node>();
    for (const { node, operands } of program.steps) {
      const slot = plan.slotOf.get(node)!;
      for (const operand of operands) expect(holder.get(plan.slotOf.get(operand)!)).toBe(source.get(operand));
      const view = isView(node);
      source.set(node, view ? source.get(operands[0]!)! : node);
      if (!view) holder.set(slot, node);
      const needed = node.type.shape.reduce<number>((n, dim) => n * (typeof dim === 'number' ? dim : dims[dim]), 1);
      expect(slotSize(plan.slots[slot]!, dims)).toBeGreaterThanOrEqual(needed);
    }
    for (const node of Object.values(program.graph.outputs))
      expect(holder.get(plan.slotOf.get(node)!)).toBe(source.get(node));
  });

  test('values that are dead give their memory to later ones', () => {
    const build = new GraphBuilder();
    let x: Node = build.input('x', ['atoms', 4]);
    for (let i = 0; i < 20; i++) x = build.sin(x);
    const program: Program<null, Described> = compileProgram(build.finish('chain', { x }), lowerings);
    expect(planMemory(program).slots.length).toBeLessThan(5);
  });
});
