/**
 * Reverse mode (`vjp`) and forward mode (`jvp`), graph → graph.
 *
 * Both exist at two levels: on nodes inside a builder (`reverse`, `forward`), which compose freely, and on whole
 * graphs (`vjp`, `jvp`), which add outputs. No backend ever sees the word gradient.
 */
import { GraphError } from '../errors.js';
import { GraphBuilder } from '../ir/builder.js';
import { formatType, sameType } from '../ir/infer.js';
import { dependents, isLeaf, topologicalOrder } from '../ir/traverse.js';
import type { Graph, Node, OpName } from '../ir/types.js';
import { forwardRules, type ForwardContext, type ForwardRule } from './forward-rules.js';
import { reverseRules, type ReverseContext, type ReverseRule } from './reverse-rules.js';

/**
 * Cotangents of `wrt` given cotangents of some nodes: Jᵀw.
 *
 * All nodes belong to `build`. The result is `null` where no gradient flows.
 */
export function reverse(
  build: GraphBuilder,
  seeds: readonly { readonly node: Node; readonly cotangent: Node }[],
  wrt: readonly Node[],
): (Node | null)[] {
  const order = topologicalOrder(seeds.map((seed) => seed.node));
  const active = dependents(order, new Set(wrt));
  const cotangents = new Map<Node, Node>();
  const accumulate = (node: Node, cotangent: Node): void => {
    const known = cotangents.get(node);
    cotangents.set(node, known ? build.add(known, cotangent) : cotangent);
  };
  for (const { node, cotangent } of seeds) {
    if (!sameType(node.type, cotangent.type)) {
      throw new GraphError(
        `vjp: the cotangent of ${formatType(node.type)} is ${formatType(cotangent.type)}; they must agree.`,
      );
    }
    if (active.has(node)) accumulate(node, cotangent);
  }
  const targets = new Set(wrt);
  for (const node of order.reverse()) {
    const cotangent = cotangents.get(node);
    if (!cotangent || isLeaf(node) || (targets.has(node) && !hasActiveOperand(node, active))) continue;
    const needs = (node.operands as readonly Node[]).map((operand) => active.has(operand));
    const rule = reverseRules[node.op] as ReverseRule<OpName>;
    const parts = build.scoped(node.scope ? `${node.scope}/reverse` : 'reverse', () =>
      rule({ build, reverseBody, forwardBody }, node, cotangent, needs),
    );
    (node.operands as readonly Node[]).forEach((operand, i) => {
      const part = parts[i];
      if (part && needs[i]) accumulate(operand, part);
    });
  }
  return wrt.map((node) => cotangents.get(node) ?? null);
}

/** Tangents of `of` given tangents of some nodes: Jv. The result is `null` where nothing moves. */
export function forward(build: GraphBuilder, moving: ReadonlyMap<Node, Node>, of: readonly Node[]): (Node | null)[] {
  const order = topologicalOrder(of);
  const tangents = new Map<Node, Node>();
  for (const [node, tangent] of moving) {
    if (!sameType(node.type, tangent.type)) {
      throw new GraphError(
        `jvp: the tangent of ${formatType(node.type)} is ${formatType(tangent.type)}; they must agree.`,
      );
    }
    tangents.set(node, tangent);
  }
  for (const node of order) {
    if (isLeaf(node) || tangents.has(node)) continue;
    const parts = (node.operands as readonly Node[]).map((operand) => tangents.get(operand) ?? null);
    if (parts.every((part) => part === null)) continue;
    const rule = forwardRules[node.op] as ForwardRule<OpName>;
    const tangent = build.scoped(node.scope ? `${node.scope}/forward` : 'forward', () =>
      rule({ build, forwardBody }, node, parts),
    );
    if (tangent) tangents.set(node, tangent);
  }
  return of.map((node) => tangents.get(node) ?? null);
}

/**
 * The graph with one more output per name in `wrt`: Σ over the elements of output `of`, weighted by the input
 * `cotangent` when one is named (same type as the output), differentiated with respect to that input or parameter.
 *
 * @param names - name of the new output for each `wrt`; default `d(of)/d(wrt)`
 * @throws GraphError if an output, input or parameter does not exist
 */
export function vjp(
  graph: Graph,
  options: {
    readonly of: string;
    readonly wrt: readonly string[];
    readonly cotangent?: string;
    readonly names?: (wrt: string) => string;
  },
): Graph {
  const build = new GraphBuilder();
  const outputs = build.import(graph);
  const node = outputs[options.of] ?? missing('output', options.of, Object.keys(outputs));
  const seed = options.cotangent === undefined ? build.fill(1, node) : newInput(graph, build, options.cotangent, node);
  const leaves = options.wrt.map((name) => leafNamed(graph, name, build));
  const parts = reverse(build, [{ node, cotangent: seed }], leaves);
  const names = options.names ?? ((wrt: string) => `d(${options.of})/d(${wrt})`);
  const added = options.wrt.map((name, i) => [names(name), parts[i] ?? build.fill(0, leaves[i]!)] as const);
  return build.finish(graph.name, { ...outputs, ...Object.fromEntries(added) });
}

/**
 * The graph with one more output per name in `of`, its directional derivative along the tangents.
 *
 * @param tangents - input or parameter name → name of the new input that holds its tangent
 * @param names - name of the new output; default `t(of)`
 */
export function jvp(
  graph: Graph,
  options: {
    readonly of: readonly string[];
    readonly tangents: Readonly<Record<string, string>>;
    readonly names?: (of: string) => string;
  },
): Graph {
  const build = new GraphBuilder();
  const outputs = build.import(graph);
  const moving = new Map<Node, Node>();
  for (const [name, tangent] of Object.entries(options.tangents)) {
    const leaf = leafNamed(graph, name, build);
    moving.set(leaf, newInput(graph, build, tangent, leaf));
  }
  const nodes = options.of.map((name) => outputs[name] ?? missing('output', name, Object.keys(outputs)));
  const parts = forward(build, moving, nodes);
  const names = options.names ?? ((of: string) => `t(${of})`);
  const added = options.of.map((name, i) => [names(name), parts[i] ?? build.fill(0, nodes[i]!)] as const);
  return build.finish(graph.name, { ...outputs, ...Object.fromEntries(added) });
}

const reverseBody: ReverseContext['reverseBody'] = (body, output, needs) => {
  const build = new GraphBuilder();
  const outputs = build.import(body);
  const inputs = body.inputs.map((input) => build.input(input.attributes.name, input.type.shape));
  const node = outputs[output]!;
  const cotangent = build.input(freshName(body, 'cotangent'), node.type.shape);
  const wanted = inputs.filter((_, i) => needs[i]);
  const parts = reverse(build, [{ node, cotangent }], wanted);
  const added: Record<string, Node> = {};
  wanted.forEach((input, i) => {
    if (parts[i]) added[`d${inputs.indexOf(input)}`] = parts[i];
  });
  return build.finish(`${body.name}.reverse`, added);
};

const forwardBody: ForwardContext['forwardBody'] = (body, output, moving) => {
  const build = new GraphBuilder();
  const outputs = build.import(body);
  const inputs = body.inputs.map((input) => build.input(input.attributes.name, input.type.shape));
  const tangents = new Map<Node, Node>();
  inputs.forEach((input, i) => {
    if (moving[i]) tangents.set(input, build.input(freshName(body, `tangent${i}`), input.type.shape));
  });
  const [tangent] = forward(build, tangents, [outputs[output]!]);
  return build.finish(`${body.name}.forward`, tangent ? { tangent } : {});
};

/** A name that no input of the body has yet; derivatives of derivatives add inputs to the same body. */
function freshName(body: Graph, name: string): string {
  const taken = new Set(body.inputs.map((input) => input.attributes.name));
  let fresh = name;
  for (let n = 2; taken.has(fresh); n++) fresh = `${name}_${n}`;
  return fresh;
}

function hasActiveOperand(node: Node, active: ReadonlySet<Node>): boolean {
  return (node.operands as readonly Node[]).some((operand) => active.has(operand));
}

function newInput(graph: Graph, build: GraphBuilder, name: string, like: Node): Node {
  if (graph.inputs.some((input) => input.attributes.name === name)) {
    throw new GraphError(`the graph has an input ${name} already; choose another name for the new one.`);
  }
  return build.input(name, like.type.shape);
}

function leafNamed(graph: Graph, name: string, build: GraphBuilder): Node {
  const input = graph.inputs.find((node) => node.attributes.name === name);
  if (input) return build.input(name, input.type.shape);
  const parameter = graph.parameters.find((node) => node.attributes.name === name);
  if (parameter) return build.parameter(name, parameter.type.shape);
  return missing(
    'input or parameter',
    name,
    [...graph.inputs, ...graph.parameters].map((node) => node.attributes.name),
  );
}

function missing(what: string, name: string, known: readonly string[]): never {
  throw new GraphError(
    `the graph has no ${what} ${name}; it has ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`,
  );
}
