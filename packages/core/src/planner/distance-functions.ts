/**
 * Finds what a graph computes of one distance alone: row by row along the edges, from the distance, from what depends on
 * parameters only, and from rows of that picked by index maps of the edges (the elements at both ends).
 *
 * It looks at dependence, never at where a node came from.
 */
import { fixedNodes, mapOf, nodesOf, usersOf, type Graph, type IndexMap, type Node } from '../ir/index.js';
import { isRowByRow } from './row-by-row.js';

/** A value that others need and that is a function of distance. */
export interface DistanceFunction {
  /** [edges, …] */
  readonly node: Node;
  /** What `node` is made of: itself, or fewer functions [edges, K] whose products with `widening` it is. */
  readonly core: Node;
  /** Fixed, of more columns than rows [K, N]. */
  readonly widening: Node | null;
  /** [edges] */
  readonly distance: Node;
  /** Index maps through which it also depends on an edge; none if one function serves all edges. */
  readonly maps: readonly IndexMap[];
}

/** The largest functions of distance that contain a product with a matrix: what is worth a table. */
export function distanceFunctions(graph: Graph): DistanceFunction[] {
  const order = nodesOf(graph);
  const fixed = fixedNodes(order);
  const users = usersOf(order);
  const outputs = new Set(Object.values(graph.outputs));
  return order
    .filter((node) => node.op === 'sqrt' && node.type.shape.join() === 'edges')
    .flatMap((distance) => {
      const own = ownNodes(order, fixed, distance);
      return order
        .filter((node) => own.get(node)?.hasProduct)
        .filter((node) => outputs.has(node) || users.get(node)!.some((user) => !own.has(user)))
        .map((node) => ({ node, distance, maps: own.get(node)!.maps, ...narrowed(node, (one) => own.has(one)) }));
    });
}

/** Where the last thing done is a product with a wide matrix, what is multiplied: a matrix can multiply a table. */
function narrowed(node: Node, isOwn: (node: Node) => boolean): Pick<DistanceFunction, 'core' | 'widening'> {
  const product = node.op === 'reshape' ? node.operands[0] : node;
  if (product.op === 'matmul' && product.attributes.form === 'nn' && product.attributes.group === undefined) {
    const [core, widening] = product.operands;
    const [rows, columns] = widening.type.shape as readonly number[];
    if (isOwn(core) && core.type.shape.length === 2 && columns! > rows!) return { core, widening };
  }
  return { core: node, widening: null };
}

interface Own {
  readonly dependsOnDistance: boolean;
  readonly hasProduct: boolean;
  readonly maps: readonly IndexMap[];
}

/** Nodes that depend on nothing of an edge but its distance and the given maps. */
function ownNodes(order: readonly Node[], fixed: ReadonlySet<Node>, distance: Node): Map<Node, Own> {
  const own = new Map<Node, Own>([[distance, { dependsOnDistance: true, hasProduct: false, maps: [] }]]);
  for (const node of order) {
    if (own.has(node) || fixed.has(node) || !isRowByRow(node, 'edges')) continue;
    const operands = node.operands as readonly Node[];
    if (operands.length === 0 || !operands.every((operand) => fixed.has(operand) || own.has(operand))) continue;
    const known = operands.flatMap((operand) => own.get(operand) ?? []);
    const dependsOnDistance = known.some((one) => one.dependsOnDistance);
    const map = mapOf(node);
    const maps = new Map([...known.flatMap((one) => one.maps), ...(map ? [map] : [])].map((one) => [one.name, one]));
    own.set(node, {
      dependsOnDistance,
      hasProduct: dependsOnDistance && (node.op === 'matmul' || known.some((one) => one.hasProduct)),
      maps: [...maps.values()],
    });
  }
  return own;
}
