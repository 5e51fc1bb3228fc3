/** Walks of a graph: topological order, users, and rebuilding through a function. */
import { bodiesOf, mapOf } from './attributes.js';
import type { Graph, IndexMap, LeafName, Node, NodeOf } from './types.js';

/** Every node that the outputs need, operands before users, in a fixed order. */
export function topologicalOrder(roots: Iterable<Node>): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const operand = (top.node.operands as readonly Node[])[top.next];
      if (operand === undefined) {
        order.push(top.node);
        stack.pop();
      } else {
        top.next++;
        if (!seen.has(operand)) {
          seen.add(operand);
          stack.push({ node: operand, next: 0 });
        }
      }
    }
  }
  return order;
}

/** All nodes of a graph, operands before users. */
export function nodesOf(graph: Graph): Node[] {
  return topologicalOrder(Object.values(graph.outputs));
}

/** The nodes that use each node, in topological order. */
export function usersOf(order: readonly Node[]): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>(order.map((node) => [node, []]));
  for (const node of order) {
    for (const operand of new Set(node.operands as readonly Node[])) users.get(operand)!.push(node);
  }
  return users;
}

/** The nodes among `order` that depend on at least one node of `sources`, those included. */
export function dependents(order: readonly Node[], sources: ReadonlySet<Node>): Set<Node> {
  const reached = new Set<Node>();
  for (const node of order) {
    if (sources.has(node) || (node.operands as readonly Node[]).some((operand) => reached.has(operand)))
      reached.add(node);
  }
  return reached;
}

/** The nodes among `order` that depend on parameters and constants only, and on nothing that a run brings. */
export function fixedNodes(order: readonly Node[]): Set<Node> {
  const fixed = new Set<Node>();
  for (const node of order) {
    const ofRun =
      node.op === 'input' || mapOf(node) !== undefined || node.type.shape.some((dim) => typeof dim === 'string');
    if (!ofRun && (node.operands as readonly Node[]).every((operand) => fixed.has(operand))) fixed.add(node);
  }
  return fixed;
}

/** The maps that nodes read, with the maps that those are derived from; first come, first listed; bodies included. */
export function mapsOf(order: readonly Node[]): IndexMap[] {
  const found = new Map<string, IndexMap>();
  const add = (map: IndexMap): void => {
    const derivation = map.derivation;
    if (derivation) {
      add(derivation.first);
      if (derivation.kind !== 'select') add(derivation.second);
    }
    if (!found.has(map.name)) found.set(map.name, map);
  };
  for (const node of order) {
    const map = mapOf(node);
    if (map) add(map);
    for (const body of bodiesOf(node)) body.maps.forEach(add);
  }
  return [...found.values()];
}

/** Assembles a graph from its outputs: collects inputs, parameters and maps. */
export function graphFrom(
  name: string,
  outputs: Readonly<Record<string, Node>>,
  inputOrder: readonly NodeOf<'input'>[] = [],
): Graph {
  const order = topologicalOrder(Object.values(outputs));
  const inputs = new Set<NodeOf<'input'>>(inputOrder);
  const parameters = new Map<string, NodeOf<'parameter'>>();
  for (const node of order) {
    if (node.op === 'input') inputs.add(node);
    if (node.op === 'parameter') parameters.set(node.attributes.name, node);
  }
  // Whoever inlines a table needs what its bodies need.
  for (const node of order) {
    if (node.op !== 'table') continue;
    const { body, slope } = node.attributes;
    for (const parameter of [...body.parameters, ...(slope?.parameters ?? [])])
      if (!parameters.has(parameter.attributes.name)) parameters.set(parameter.attributes.name, parameter);
  }
  return { name, maps: mapsOf(order), inputs: [...inputs], parameters: [...parameters.values()], outputs };
}

/** Whether a node is an input, a parameter or a constant: what has no operands. */
export function isLeaf(node: Node): node is NodeOf<LeafName> {
  return node.op === 'input' || node.op === 'parameter' || node.op === 'constant';
}
