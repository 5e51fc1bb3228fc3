/**
 * Region pass: convolutions over edges, and what their derivative needs of the edges, become calls, so that a backend that
 * writes its own code can do without an array per edge and channel. Every other backend inlines the body and computes as before.
 */
import { GraphBuilder } from '../../ir/builder.js';
import { dependents, nodesOf, usersOf } from '../../ir/traverse.js';
import type { Graph, Node, NodeOf } from '../../ir/types.js';
import { edgeRegion } from './edge-region.js';
import { splitProducts } from './split-products.js';

interface Region {
  readonly name: string;
  readonly body: Graph;
  readonly boundary: readonly Node[];
  /** Node → name of the output that it becomes. */
  readonly outputs: ReadonlyMap<Node, string>;
}

export function formEdgeRegions(given: Graph): Graph {
  const graph = splitProducts(given);
  const order = nodesOf(graph);
  const users = usersOf(order);
  const regions: Region[] = [];
  const taken = new Set<Node>();
  const form = (name: string, outputs: readonly Node[]): void => {
    if (outputs.some((node) => taken.has(node))) return;
    const region = regionOf(name, outputs);
    if (!region || !edgeRegion(region.body)) return;
    const later = dependents(order, new Set(outputs));
    if (region.boundary.some((node) => later.has(node))) return;
    outputs.forEach((node) => taken.add(node));
    regions.push(region);
  };
  const onlyUser = (node: Node): Node | null => {
    const of = users.get(node) ?? [];
    return of.length === 1 && !Object.values(graph.outputs).includes(node) ? of[0]! : null;
  };
  // Reverse regions first: one of their parts looks like a convolution. Cotangents come last in a graph, and have most parts.
  const cotangents = order.filter(({ op }) => op === 'gather').reverse();
  for (const size of [3, 2]) {
    for (const cotangent of cotangents) {
      const readers = (users.get(cotangent) ?? []).filter(({ op }) => op === 'polynomial');
      const sinks = readers.map((reader) => sinkOf(reader, onlyUser));
      for (const outputs of choices(sinks, size)) form('edges.reverse', outputs);
    }
  }
  for (const node of order) {
    if (node.op === 'segmentSum' && node.operands[0].op === 'polynomial' && onlyUser(node.operands[0]) === node)
      form('edges', [node]);
  }
  return regions.length === 0 ? graph : withCalls(graph, regions);
}

/** Every choice of so many. */
function choices<T>(of: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return of.flatMap((first, i) => choices(of.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}

/** What a polynomial over edges ends in: a sum by rows, over channels, against the slopes of a table, or itself. */
function sinkOf(polynomial: Node, onlyUser: (node: Node) => Node | null): Node {
  const user = onlyUser(polynomial);
  if (user?.op === 'segmentSum') return user;
  if (user?.op === 'sum' && user.attributes.axes.join() === '2') return user;
  const product = user?.op === 'reshape' ? onlyUser(user) : null;
  const sum = product?.op === 'mul' ? onlyUser(product) : null;
  const slopes =
    product?.op === 'mul' && product.operands.some((node) => node.op === 'table' && node.attributes.order === 1);
  return slopes && sum?.op === 'sum' && sum.attributes.axes.join() === '1' ? sum : polynomial;
}

/** The nodes from the outputs back to what stays outside, as a body of their own. */
function regionOf(name: string, outputs: readonly Node[]): Region | null {
  const boundary = new Set<Node>();
  // Only the polynomials that the outputs are made of: what those read is outside, but for rows and tables.
  const polynomials = outputs.map((output) => polynomialOf(output));
  if (polynomials.some((node) => node === null)) return null;
  const body = new GraphBuilder();
  const replace = new Map<Node, Node>();
  const outside = (node: Node): void => {
    if (boundary.has(node)) return;
    boundary.add(node);
    replace.set(node, body.input(`operand${boundary.size - 1}`, node.type.shape));
  };
  for (const polynomial of polynomials as NodeOf<'polynomial'>[]) {
    for (const operand of polynomial.operands) {
      if (operand.op === 'gather') outside(operand.operands[0]);
      else if (operand.op === 'reshape' && operand.operands[0].op === 'table')
        operand.operands[0].operands.forEach(outside);
      else outside(operand);
    }
  }
  const named = Object.fromEntries(outputs.map((node, i) => [`output${i}`, node]));
  const inner = body.import({ name, maps: [], inputs: [], parameters: [], outputs: named }, replace);
  return {
    name,
    body: body.finish(name, inner),
    boundary: [...boundary],
    outputs: new Map(outputs.map((node, i) => [node, `output${i}`])),
  };
}

function polynomialOf(output: Node): NodeOf<'polynomial'> | null {
  if (output.op === 'polynomial') return output;
  if (output.op === 'segmentSum' || output.op === 'sum') {
    const [inner] = output.operands;
    if (inner.op === 'polynomial') return inner;
    const flat = inner.op === 'mul' ? inner.operands.find(({ op }) => op === 'reshape') : undefined;
    if (flat?.op === 'reshape' && flat.operands[0].op === 'polynomial') return flat.operands[0];
  }
  return null;
}

/** The graph with calls in place of what the regions compute. */
function withCalls(graph: Graph, regions: readonly Region[]): Graph {
  const regionAt = new Map(
    regions.flatMap((region) => [...region.outputs.keys()].map((node) => [node, region] as const)),
  );
  const build = new GraphBuilder();
  const done = new Map<Node, Node>();
  for (const input of graph.inputs) done.set(input, build.rebuild(input, []));
  const visit = (root: Node): Node => {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      const region = regionAt.get(node);
      const operands = region ? region.boundary : (node.operands as readonly Node[]);
      const pending = operands.filter((operand) => !done.has(operand));
      if (done.has(node)) stack.pop();
      else if (pending.length > 0) stack.push(...pending);
      else {
        const ready = operands.map((operand) => done.get(operand)!);
        const made = region
          ? build.scoped(node.scope, () => build.call(region.name, region.body, ready, region.outputs.get(node)!))
          : build.rebuild(node, ready);
        done.set(node, made);
        stack.pop();
      }
    }
    return done.get(root)!;
  };
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, visit(node)]));
  return build.finish(graph.name, outputs);
}
