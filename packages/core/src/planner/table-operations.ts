/**
 * Linear operations on the functions of a table, done to its pieces and to its exact bodies alike: a piece is linear in its
 * coefficients.
 *
 * What multiplies the functions may differ by groups of edges; the table then distinguishes those groups too.
 */
import { GraphBuilder, type Graph, type IndexMap, type Node, type NodeOf, type TableGroup } from '../ir/index.js';
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

/** Whether the groups of a table and of an operand make a grid, which an operation needs. */
export function haveGrid(table: NodeOf<'table'>, operand: ByEdge): boolean {
  return gridOf(table.attributes.map, operand.map) !== null;
}

/** Each function times a number: `factors.rows` is [groups, functions]. @param table - groups must make a grid */
export function scaleTable(build: GraphBuilder, table: NodeOf<'table'>, factors: ByEdge): NodeOf<'table'> {
  const grid = gridOf(table.attributes.map, factors.map)!;
  const functions = table.operands[1].type.shape[2] as number;
  const scaled = (pieces: Node, at: number): Node => {
    const own = build.reshape(build.slice(factors.rows, 0, at, at + 1), [1, 1, functions]);
    return build.mul(pieces, build.broadcast(own, pieces.type.shape));
  };
  return replaced(build, table, grid, scaled, (inner, value) => {
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
  const [, terms, functions] = table.operands[1].type.shape as readonly number[];
  const components = matrices.length;
  const [channels, columns] = [functions! / components, rows.type.shape[2] as number];
  const mixed = (pieces: Node, at: number): Node => {
    const all = pieces.type.shape[0] as number;
    const own = build.reshape(pieces, [all * terms!, components, channels]);
    const parts = matrices.map((matrix, p) => {
      const square = build.reshape(build.slice(matrix.rows, 0, at, at + 1), [channels, columns]);
      return build.matmul(build.slice(own, 1, p, p + 1), square);
    });
    return build.reshape(build.concat(parts, 1), [all, terms!, components * columns]);
  };
  return replaced(build, table, grid, mixed, (inner, value) => {
    const own = inner.reshape(value, ['edges', components, channels]);
    const parts = matrices.map((matrix, p) => {
      const all = fixedInto(inner, matrix.rows);
      const part = inner.slice(own, 1, p, p + 1);
      return map ? inner.matmul(part, all, 'nn', map) : inner.matmul(part, inner.reshape(all, [channels, columns]));
    });
    return inner.reshape(inner.concat(parts, 1), ['edges', components * columns]);
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

/** The row that a cell of a grid reads of what may miss an axis of it. */
function rowOf(size: Grid['size'], [rows, columns]: readonly [number, number], cell: number): number {
  const [i, j] = [Math.floor(cell / size[1]), cell % size[1]];
  return (rows === 1 ? 0 : i) * columns + (columns === 1 ? 0 : j);
}

/**
 * The table of a grid, with bodies whose value goes through `operation`.
 * @param changed - pieces [intervals, terms, functions] of a group, and what the operation does with some row of its operand
 */
function replaced(
  build: GraphBuilder,
  table: NodeOf<'table'>,
  { map, size, ofTable, ofOperand }: Grid,
  changed: (pieces: Node, row: number) => Node,
  operation: (inner: GraphBuilder, value: Node) => Node,
): NodeOf<'table'> {
  const { body, slope, order, cutoff, groups } = table.attributes;
  const through = (graph: Graph): Graph => {
    const inner = new GraphBuilder();
    const [[name, value]] = Object.entries(inner.import(graph)) as [[string, Node]];
    return inner.finish(graph.name, { [name]: operation(inner, value) });
  };
  const parts: Node[] = [];
  let rows = 0;
  // What is made of the same pieces and the same row is one.
  const made = new Map<string, TableGroup>();
  const cells = Array.from({ length: size[0] * size[1] }, (_, cell): TableGroup => {
    const { start, intervals, range } = groups[rowOf(size, ofTable, cell)]!;
    const row = rowOf(size, ofOperand, cell);
    const known = made.get(`${start} ${row}`);
    if (known) return known;
    parts.push(changed(build.slice(table.operands[1], 0, start, start + intervals), row));
    const group = { start: rows, intervals, range };
    rows += intervals;
    made.set(`${start} ${row}`, group);
    return group;
  });
  const attributes = {
    body: through(body),
    ...(slope && { slope: through(slope) }),
    order,
    cutoff,
    groups: cells,
    ...(map && { map }),
  };
  return build.scoped(table.scope, () =>
    build.table(table.operands[0], build.concat(parts, 0), attributes),
  ) as NodeOf<'table'>;
}

/** A fixed value in another builder. */
export function fixedInto(build: GraphBuilder, node: Node): Node {
  return build.import({ name: '', maps: [], inputs: [], parameters: [], outputs: { node } }).node!;
}
