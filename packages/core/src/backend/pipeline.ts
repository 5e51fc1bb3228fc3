/**
 * The compile pipeline that backends share: verify → graph passes → legalize → fuse → an ordered program with liveness.
 *
 * A backend gives its lowerings and gets steps; it either runs them one by one (`runProgram`) or emits code from them.
 */
import { GraphError, isMaceError } from '../errors.js';
import { legalize } from '../ir/legalize.js';
import { simplify } from '../ir/simplify.js';
import { fixedNodes, isLeaf, nodesOf, usersOf } from '../ir/traverse.js';
import type { Graph, Node, NodeOf, OpName } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import type { Choice, CompileReport } from './contract.js';
import { formEdgeRegions } from './regions/form-edge-regions.js';
import { fusedOperands, type Fusion, type Lower, type Lowerings } from './lowering.js';

/** A rewrite of the whole graph between verification and legalization; regions for code generators belong here. */
export interface GraphPass {
  readonly name: string;
  run(graph: Graph): Graph;
}

/** The passes in the order in which they run. `simplify` also cleans up after legalization. */
export const graphPasses: readonly GraphPass[] = [
  { name: 'simplify', run: (graph) => simplify(graph) },
  { name: 'edge-regions', run: formEdgeRegions },
];

export interface ProgramOptions {
  readonly fusions?: Choice;
  readonly passes?: Choice;
}

/** One kernel: a node, or several that a fusion computes at once. */
export interface Step<Context, Value> {
  /** The node whose value this step makes. */
  readonly node: Node;
  /** Every node that it computes on the way, `node` last. */
  readonly nodes: readonly Node[];
  readonly operands: readonly Node[];
  readonly fusion?: Fusion<Context, Value>;
  /** Depends on parameters and constants alone, so it runs once per set of parameters. */
  readonly fixed: boolean;
  /** Values that no later step and no output needs. Never those of fixed steps. */
  readonly dead: readonly Node[];
}

export interface Program<Context, Value> {
  /** Legal for the backend; what its inputs are bound to. */
  readonly graph: Graph;
  readonly steps: readonly Step<Context, Value>[];
  readonly report: CompileReport;
}

/** @throws GraphError for an ill-typed graph or an unknown name, UnsupportedError for an op that nothing replaces */
export function compileProgram<Context, Value>(
  graph: Graph,
  lowerings: Lowerings<Context, Value>,
  options: ProgramOptions = {},
): Program<Context, Value> {
  verify(graph);
  const supports = (node: Node): boolean =>
    isLeaf(node) || (lowerings.ops[node.op] !== undefined && (lowerings.supports?.(node) ?? true));
  const passes = chosen('pass', graphPasses, options.passes);
  const fusions = chosen('fusion', lowerings.fusions ?? [], options.fusions);
  const legalized: { op: OpName; scope: string }[] = [];
  const planned = passes.reduce((current, pass) => pass.run(current), graph);
  const legal = legalize(planned, supports, ({ op, scope }) => legalized.push({ op, scope }));
  const clean = passes.some(({ name }) => name === 'simplify') ? simplify(legal, { supports }) : legal;
  const steps = schedule(clean, fusions);
  return {
    graph: clean,
    steps,
    report: {
      kernels: steps.map(({ node, nodes, fusion }) => ({
        name: fusion?.name ?? node.op,
        nodes: nodes.map(({ id }) => id),
      })),
      fused: steps.flatMap(({ node, fusion }) => (fusion ? [{ pattern: fusion.name, scope: node.scope }] : [])),
      legalized,
    },
  };
}

/** Values of the fixed steps, kept from run to run until parameters change. It holds all of them: folding ends, or throws. */
export type FixedValues<Value> = ReadonlyMap<Node, Value>;

/**
 * Computes what depends on parameters alone, for engines that compute as they are called. Where it throws, whatever it made
 * belongs to the engine's own scope.
 *
 * @param between - called before each step; it may throw, to cancel
 */
export function foldProgram<Context, Value>(
  program: Program<Context, Value>,
  lowerings: Lowerings<Context, Value>,
  context: Context,
  between: () => void = () => {},
): FixedValues<Value> {
  const values = new Map<Node, Value>();
  for (const step of program.steps) {
    if (!step.fixed) continue;
    between();
    values.set(step.node, runStep(step, lowerings, context, values));
  }
  return values;
}

/**
 * Runs the other steps one by one with the code of `lowerings`.
 *
 * @param fixed - what `foldProgram` gave for the present parameters
 * @param release - told each value as soon as nothing needs it any more
 * @param between - called before each step; it may throw, to cancel
 */
export function runProgram<Context, Value>(
  program: Program<Context, Value>,
  lowerings: Lowerings<Context, Value>,
  context: Context,
  fixed: FixedValues<Value>,
  release: (value: Value, node: Node) => void = () => {},
  between: () => void = () => {},
): Record<string, Value> {
  const values = new Map<Node, Value>(fixed);
  for (const step of program.steps) {
    if (step.fixed) continue;
    between();
    values.set(step.node, runStep(step, lowerings, context, values));
    for (const node of step.dead) {
      release(values.get(node)!, node);
      values.delete(node);
    }
  }
  return Object.fromEntries(Object.entries(program.graph.outputs).map(([name, node]) => [name, values.get(node)!]));
}

/** @throws what the lowering throws: errors of this project as they are, others with the place where it happened */
function runStep<Context, Value>(
  { node, nodes, operands, fusion }: Step<Context, Value>,
  lowerings: Lowerings<Context, Value>,
  context: Context,
  values: ReadonlyMap<Node, Value>,
): Value {
  const inputs = operands.map((operand) => values.get(operand)!);
  try {
    if (fusion) return fusion.lower(context, node, nodes, inputs);
    const lower = lowerings.ops[node.op] as unknown as Lower<Context, Value, OpName>;
    return lower(context, node as never, inputs as never);
  } catch (error) {
    if (isMaceError(error)) throw error;
    const shapes = [...operands, node].map(({ type }) => `[${type.shape.join(' ')}]`);
    const sizes = `${shapes.slice(0, -1).join(', ')} → ${shapes.at(-1)}`;
    throw new Error(
      `the lowering of ${fusion?.name ?? node.op} in ${node.scope || 'the graph'}, ${sizes}, failed: ${String(error)}`,
      { cause: error },
    );
  }
}

/** Steps in topological order. A node inside a fusion gets no step of its own. */
function schedule<Context, Value>(
  graph: Graph,
  fusions: readonly Fusion<Context, Value>[],
): readonly Step<Context, Value>[] {
  const order = siblingsTogether(nodesOf(graph));
  const outputs = new Set(Object.values(graph.outputs));
  const users = usersOf(order);
  const position = new Map(order.map((node, i) => [node, i]));
  const fixed = fixedNodes(order);
  const inside = new Map<Node, { fusion: Fusion<Context, Value>; nodes: readonly Node[] }>();
  const taken = new Set<Node>();
  // Results first: from the outputs backwards, so that a larger match is found before its parts.
  for (const node of [...order].reverse()) {
    if (taken.has(node) || isLeaf(node)) continue;
    for (const fusion of fusions) {
      const matched = fusion.match(node, users);
      if (!matched || !closed(node, matched, users, outputs) || matched.some((part) => taken.has(part))) continue;
      matched.forEach((part) => taken.add(part));
      inside.set(node, { fusion, nodes: [...matched].sort((a, b) => position.get(a)! - position.get(b)!) });
      break;
    }
  }
  const steps = order.flatMap((node): Omit<Step<Context, Value>, 'dead'>[] => {
    const fused = inside.get(node);
    if (fused)
      return [{ node, ...fused, operands: fusedOperands(fused.nodes), fixed: fused.nodes.every((n) => fixed.has(n)) }];
    if (taken.has(node)) return [];
    return [{ node, nodes: [node], operands: node.operands as readonly Node[], fixed: fixed.has(node) }];
  });
  const lastUse = new Map<Node, number>();
  steps.forEach((step, i) => {
    lastUse.set(step.node, i);
    for (const operand of step.operands) lastUse.set(operand, i);
  });
  const kept = new Set([...outputs, ...steps.filter((step) => step.fixed).map(({ node }) => node)]);
  const dead = steps.map((): Node[] => []);
  for (const [node, i] of lastUse) if (!kept.has(node)) dead[i]!.push(node);
  return steps.map((step, i) => ({ ...step, dead: dead[i]! }));
}

/** Outputs of one call stand next to each other, so that a backend can compute them at once. */
function siblingsTogether(order: readonly Node[]): Node[] {
  const siblings = new Map<Graph, NodeOf<'call'>[]>();
  for (const node of order) {
    if (node.op === 'call') siblings.set(node.attributes.body, [...(siblings.get(node.attributes.body) ?? []), node]);
  }
  const placed = new Set<Node>();
  return order.flatMap((node): readonly Node[] => {
    if (placed.has(node)) return [];
    const together =
      node.op === 'call' ? siblings.get(node.attributes.body)!.filter((other) => areSiblings(node, other)) : [node];
    together.forEach((each) => placed.add(each));
    return together;
  });
}

/** Whether two calls are outputs of one execution: same body, same operands. */
export function areSiblings(a: NodeOf<'call'>, b: NodeOf<'call'>): boolean {
  return a.attributes.body === b.attributes.body && a.operands.every((operand, i) => operand === b.operands[i]);
}

/** Whether nothing outside of a match needs more of it than its result. */
function closed(
  result: Node,
  matched: readonly Node[],
  users: ReadonlyMap<Node, readonly Node[]>,
  outputs: ReadonlySet<Node>,
): boolean {
  const inside = new Set(matched);
  return matched.every(
    (node) =>
      !isLeaf(node) &&
      (node === result || (!outputs.has(node) && (users.get(node) ?? []).every((user) => inside.has(user)))),
  );
}

function chosen<T extends { readonly name: string }>(kind: string, known: readonly T[], choice: Choice = 'all'): T[] {
  if (choice === 'all') return [...known];
  if (choice === 'none') return [];
  const unknown = choice.find((name) => !known.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new GraphError(
      `there is no ${kind} ${unknown}; this backend has ${known.map(({ name }) => name).join(', ') || 'none'}.`,
    );
  return known.filter(({ name }) => choice.includes(name));
}
