/**
 * Lifting: what an index map alone decides, such as all that depends on the element of an atom, is computed once per
 * target of the map and then read by row. Where those rows depend on parameters only, folding leaves a parameter.
 *
 * In the first layer of a model the features of the atoms are such values, so its linear maps vanish, and what edges
 * read of their senders becomes a function of the sender's element.
 */
import {
  GraphBuilder,
  fixedNodes,
  nodesOf,
  type Graph,
  type IndexMap,
  type Node,
  type OpName,
  type RuntimeDim,
} from '../ir/index.js';
import { composedMap } from './derived-maps.js';
import { isRowByRow } from './row-by-row.js';

/** A value [rows, …] as `table` [targets, …] read through `map`, or as one row for all. */
interface Lifted {
  readonly table: Node;
  readonly map: IndexMap | null;
}

/** The same graph with values that an index map decides read from tables. */
export function liftRows(graph: Graph): Graph {
  const order = nodesOf(graph);
  const fixed = fixedNodes(order);
  const build = new GraphBuilder();
  for (const input of graph.inputs) build.rebuild(input, []);
  const lifted = new Map<Node, Lifted>();
  const done = new Map<Node, Node>();
  /** A new node for an old one; a lifted one is read from its table only where it is needed. */
  const find = (node: Node): Node => {
    let made = done.get(node);
    if (!made) {
      const { table, map } = lifted.get(node)!;
      made = build.scoped(node.scope, () => (map ? build.gather(table, map) : build.broadcast(table, node.type.shape)));
      done.set(node, made);
    }
    return made;
  };
  for (const node of order) {
    const rows = fixed.has(node)
      ? null
      : liftedRows(build, node, lifted, (operand) => (fixed.has(operand) ? find(operand) : null));
    if (rows) lifted.set(node, rows);
    else done.set(node, build.rebuild(node, (node.operands as readonly Node[]).map(find)));
  }
  return build.finish(
    graph.name,
    Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, find(node)])),
  );
}

function liftedRows(
  build: GraphBuilder,
  node: Node,
  lifted: ReadonlyMap<Node, Lifted>,
  fixedValue: (operand: Node) => Node | null,
): Lifted | null {
  const [dim, ...rest] = node.type.shape;
  if (typeof dim !== 'string' || rest.some((size) => typeof size === 'string') || node.type.kind !== 'real')
    return null;
  if (node.op === 'gather') {
    const table = fixedValue(node.operands[0]);
    if (table) return { table, map: node.attributes.map };
    const rows = lifted.get(node.operands[0]);
    return rows ? { table: rows.table, map: rows.map && composedMap(node.attributes.map, rows.map) } : null;
  }
  return build.scoped(node.scope, () => {
    if (node.op === 'broadcast' && fixedValue(node.operands[0])) {
      if (node.operands[0].type.shape[0] !== 1) return null;
      return { table: build.broadcast(fixedValue(node.operands[0])!, [1, ...rest]), map: null };
    }
    return node.op === 'matmul' ? liftedProduct(build, node, lifted, fixedValue) : liftedOp(build, node, dim, lifted);
  });
}

function liftedOp(build: GraphBuilder, node: Node, dim: RuntimeDim, lifted: ReadonlyMap<Node, Lifted>): Lifted | null {
  const operands = node.operands as readonly Node[];
  if (node.op === 'call' || operands.length === 0 || !isRowByRow(node, dim)) return null;
  const rows = operands.map((operand) => lifted.get(operand));
  const map = rows.find((one) => one?.map)?.map ?? null;
  if (!rows.every((one) => one && (one.map === null || one.map.name === map?.name))) return null;
  const targets = map ? map.to : 1;
  if (typeof targets === 'string') return null;
  const tables = rows.map((one) => build.broadcast(one!.table, [targets, ...one!.table.type.shape.slice(1)]));
  const type = { kind: node.type.kind, shape: [targets, ...node.type.shape.slice(1)] };
  return { table: build.make(node.op as OpName, tables, node.attributes, type, node.scope), map };
}

/** Products of rows with one matrix, or with the matrix of the target that the row itself is. */
function liftedProduct(
  build: GraphBuilder,
  node: Extract<Node, { op: 'matmul' }>,
  lifted: ReadonlyMap<Node, Lifted>,
  fixedValue: (operand: Node) => Node | null,
): Lifted | null {
  const { form, group } = node.attributes;
  const rows = lifted.get(node.operands[0]);
  const matrices = fixedValue(node.operands[1]);
  if (!rows || !matrices || form === 'tn') return null;
  if (!group) return { table: build.matmul(rows.table, matrices, form), map: rows.map };
  if (rows.map && rows.map.name !== group.name) return null;
  const products = Array.from({ length: matrices.type.shape[0] as number }, (_, g) => {
    const row = rows.map ? build.slice(rows.table, 0, g, g + 1) : rows.table;
    return build.matmul(row, build.reshape(build.slice(matrices, 0, g, g + 1), matrices.type.shape.slice(1)), form);
  });
  return { table: build.concat(products, 0), map: group };
}
