/**
 * Linear operations on the functions of a table, done to its pieces and to its exact bodies alike: a piece is linear in its
 * coefficients.
 *
 * What multiplies the functions may differ by groups of edges; the table then distinguishes those groups too.
 */
import { GraphBuilder, type Graph, type IndexMap, type Node, type NodeOf } from '../ir/index.js';
import { pairMap } from './derived-maps.js';

/** A fixed value [groups, …]: the row of an edge is picked by `map`, or is the only one. */
export interface ByEdge {
  readonly rows: Node;
  readonly map: IndexMap | null;
}

/** Groups of a table after an operation: the (i, j) of a grid, in rows, on which table and operand may each miss one axis. */
interface Grid {
  readonly map: IndexMap | undefined;
  readonly size: readonly [number, number];
  readonly ofTable: readonly [number, number];
  readonly ofOperand: readonly [number, number];
}

/** Number of groups that a table has after an operation, or null where the groups of both make no grid. */
export function groupsAfter(table: NodeOf<'table'>, operand: ByEdge): number | null {
  const grid = gridOf(table.attributes.map, operand.map);
  return grid && grid.size[0] * grid.size[1];
}

/** Each function times a number: `factors.rows` is [groups, functions]. @param table - groups must make a grid */
export function scaleTable(build: GraphBuilder, table: NodeOf<'table'>, factors: ByEdge): NodeOf<'table'> {
  const grid = gridOf(table.attributes.map, factors.map)!;
  const [, intervals, terms, functions] = table.operands[1].type.shape as readonly number[];
  const spread = (x: Node, [i, j]: readonly [number, number], inner: readonly number[]): Node =>
    build.broadcast(build.reshape(x, [i, j, ...inner]), [...grid.size, intervals!, terms!, functions!]);
  const pieces = build.mul(
    spread(table.operands[1], grid.ofTable, [intervals!, terms!, functions!]),
    spread(factors.rows, grid.ofOperand, [1, 1, functions!]),
  );
  return replaced(build, table, grid, functions!, pieces, (inner, value) => {
    const rows = fixedInto(inner, factors.rows);
    return inner.mul(value, factors.map ? inner.gather(rows, factors.map) : inner.broadcast(rows, value.type.shape));
  });
}

/**
 * The channels of each component through a matrix of its own.
 * @param table - groups must make a grid; its functions are ordered (component, channel)
 * @param matrices - [groups, C, N] of each component, all picked through the same map
 */
export function mixTable(build: GraphBuilder, table: NodeOf<'table'>, matrices: readonly ByEdge[]): NodeOf<'table'> {
  const { map, rows } = matrices[0]!;
  const grid = gridOf(table.attributes.map, map)!;
  const [, intervals, terms, functions] = table.operands[1].type.shape as readonly number[];
  const components = matrices.length;
  const [channels, columns] = [functions! / components, rows.type.shape[2] as number];
  const group = (x: Node, [rowsOf, columnsOf]: readonly [number, number], cell: number): Node => {
    const [i, j] = [Math.floor(cell / grid.size[1]), cell % grid.size[1]];
    const at = (rowsOf === 1 ? 0 : i) * columnsOf + (columnsOf === 1 ? 0 : j);
    return build.reshape(build.slice(x, 0, at, at + 1), x.type.shape.slice(1));
  };
  const cells = Array.from({ length: grid.size[0] * grid.size[1] }, (_, cell) => {
    const own = build.reshape(group(table.operands[1], grid.ofTable, cell), [
      intervals! * terms!,
      components,
      channels,
    ]);
    const mixed = matrices.map((matrix, p) =>
      build.matmul(build.slice(own, 1, p, p + 1), group(matrix.rows, grid.ofOperand, cell)),
    );
    return build.reshape(build.concat(mixed, 1), [1, intervals!, terms!, components * columns]);
  });
  return replaced(build, table, grid, components * columns, build.concat(cells, 0), (inner, value) => {
    const own = inner.reshape(value, ['edges', components, channels]);
    const mixed = matrices.map((matrix, p) => {
      const all = fixedInto(inner, matrix.rows);
      const part = inner.slice(own, 1, p, p + 1);
      return map ? inner.matmul(part, all, 'nn', map) : inner.matmul(part, inner.reshape(all, [channels, columns]));
    });
    return inner.reshape(inner.concat(mixed, 1), ['edges', components * columns]);
  });
}

function gridOf(table: IndexMap | undefined, operand: IndexMap | null): Grid | null {
  const groups = (table?.to ?? 1) as number;
  if (!operand) return { map: table, size: [groups, 1], ofTable: [groups, 1], ofOperand: [1, 1] };
  const own = operand.to as number;
  if (!table) return { map: operand, size: [1, own], ofTable: [1, 1], ofOperand: [1, own] };
  if (table.name === operand.name)
    return { map: table, size: [groups, 1], ofTable: [groups, 1], ofOperand: [groups, 1] };
  if (table.derivation?.kind !== 'pair')
    return { map: pairMap(table, operand), size: [groups, own], ofTable: [groups, 1], ofOperand: [1, own] };
  const { first, second } = table.derivation;
  const size = [first.to as number, second.to as number] as const;
  if (first.name === operand.name) return { map: table, size, ofTable: size, ofOperand: [size[0], 1] };
  return second.name === operand.name ? { map: table, size, ofTable: size, ofOperand: [1, size[1]] } : null;
}

/** The table with other `pieces` [grid, intervals, terms, functions] and with bodies whose value goes through `operation`. */
function replaced(
  build: GraphBuilder,
  table: NodeOf<'table'>,
  { map, size }: Grid,
  functions: number,
  pieces: Node,
  operation: (inner: GraphBuilder, value: Node) => Node,
): NodeOf<'table'> {
  const { body, slope, order, range, intervals } = table.attributes;
  const terms = table.operands[1].type.shape[2] as number;
  const through = (graph: Graph): Graph => {
    const inner = new GraphBuilder();
    const [[name, value]] = Object.entries(inner.import(graph)) as [[string, Node]];
    return inner.finish(graph.name, { [name]: operation(inner, value) });
  };
  const attributes = {
    body: through(body),
    ...(slope && { slope: through(slope) }),
    order,
    range,
    intervals,
    ...(map && { map }),
  };
  return build.scoped(table.scope, () =>
    build.table(table.operands[0], build.reshape(pieces, [size[0] * size[1], intervals, terms, functions]), attributes),
  ) as NodeOf<'table'>;
}

/** A fixed value in another builder. */
export function fixedInto(build: GraphBuilder, node: Node): Node {
  return build.import({ name: '', maps: [], inputs: [], parameters: [], outputs: { node } }).node!;
}
