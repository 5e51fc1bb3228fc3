/**
 * Folding: what depends on parameters and constants only is computed once, in float64, and becomes a parameter that is
 * named by the hash of the node it stands for.
 */
import { Interpreter } from '../reference/index.js';
import { GraphBuilder, fixedNodes, nodeHash, nodesOf, type Graph, type Node } from '../ir/index.js';
import type { RealArray } from '../backend/index.js';
import { quickMatmul } from './quick-matmul/index.js';

export type Parameters = Readonly<Record<string, RealArray>>;

export interface Folding {
  readonly graph: Graph;
  /** The folded parameters for given original ones. */
  fold(parameters: Parameters): Parameters;
}

/** Replaces every largest fixed computation by a parameter. */
export function foldParameters(graph: Graph): Folding {
  const order = nodesOf(graph);
  const fixed = fixedNodes(order);
  const hashes = new Map<Node, string>();
  const folded = new Map<Node, string>();
  const build = new GraphBuilder();
  for (const input of graph.inputs) build.rebuild(input, []);
  const done = new Map<Node, Node>();
  const useFixed = (node: Node): Node => {
    let made = done.get(node);
    if (made) return made;
    if (node.op === 'parameter' || node.op === 'constant') made = build.rebuild(node, []);
    else {
      const name = `folded.${nodeHash(node, hashes)}`;
      folded.set(node, name);
      made = build.scoped(node.scope, () => build.parameter(name, node.type.shape));
    }
    done.set(node, made);
    return made;
  };
  const find = (node: Node): Node => (fixed.has(node) ? useFixed(node) : done.get(node)!);
  for (const node of order) {
    if (!fixed.has(node)) done.set(node, build.rebuild(node, (node.operands as readonly Node[]).map(find)));
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, find(node)]));
  const planned = build.finish(graph.name, outputs);

  const source = new GraphBuilder();
  const values = source.import({
    ...graph,
    inputs: [],
    outputs: Object.fromEntries([...folded].map(([node, name]) => [name, node])),
  });
  const fixedGraph = source.finish(`${graph.name}.folded`, values);
  return {
    graph: planned,
    fold: (parameters) => {
      const computed =
        folded.size === 0
          ? {}
          : new Interpreter(fixedGraph, 'f64', parameters, { matmul: quickMatmul() }).run({
              dims: { atoms: 0, edges: 0, graphs: 0 },
              maps: new Map(),
              inputs: {},
            });
      const kept = planned.parameters.filter(({ attributes }) => !Object.hasOwn(computed, attributes.name));
      return {
        ...Object.fromEntries(kept.map(({ attributes }) => [attributes.name, parameters[attributes.name]!])),
        ...computed,
      };
    },
  };
}
