/**
 * Which rows of its operands each op reads for one row of its result: what the planner and the phases of a run both go by.
 * A row is one index of the first axis. One entry for every op: a new one cannot be taken for local because nobody thought of it.
 */
import { nodesOf } from './traverse.js';
import type { Node, NodeOf, OpName } from './types.js';

/**
 * For row r of a result: `own` is row r of the operand and no other, `mapped` the rows that the node's index map names, `all` any
 * of them. Where it depends on the node, the answer may be `all` although less would do, never the other way round.
 */
export type RowsRead = 'own' | 'mapped' | 'all';

/** What row r of a node reads of the operand with this number. */
export function rowsRead(node: Node, operand: number): RowsRead {
  return (rules[node.op] as Rule<OpName>)(node, operand);
}

type Rule<K extends OpName> = (node: NodeOf<K>, operand: number) => RowsRead;

const own = (): RowsRead => 'own';
/** Row r has the same place in both, if the first axis is the same. */
const firstAxis = ({ type, operands }: Node, operand: number): RowsRead =>
  (operands as readonly Node[])[operand]!.type.shape[0] === type.shape[0] ? 'own' : 'all';
const otherAxis = ({ attributes: { axis } }: NodeOf<'slice' | 'pad' | 'concat'>): RowsRead =>
  axis === 0 ? 'all' : 'own';

const rules: { readonly [K in OpName]: Rule<K> } = {
  // Leaves have no operands.
  input: own,
  parameter: own,
  constant: own,
  neg: own,
  sqrt: own,
  exp: own,
  log: own,
  sin: own,
  cos: own,
  tanh: own,
  add: own,
  sub: own,
  mul: own,
  div: own,
  pow: own,
  max: own,
  less: own,
  select: own,
  sum: ({ attributes: { axes } }) => (axes.includes(0) ? 'all' : 'own'),
  reshape: firstAxis,
  transpose: ({ attributes: { order } }) => (order[0] === 0 ? 'own' : 'all'),
  // One row for all is read by all.
  broadcast: firstAxis,
  slice: otherAxis,
  pad: otherAxis,
  concat: otherAxis,
  // Of a vector [K] times a matrix, the first axis is that of the matrix's columns.
  matmul: ({ attributes: { form }, operands: [a] }, operand) =>
    form !== 'tn' && operand === 0 && a.type.shape.length > 1 ? 'own' : 'all',
  gather: () => 'mapped',
  segmentSum: () => 'mapped',
  polynomial: own,
  // Distances by row; the pieces of any group.
  table: (_node, operand) => (operand === 0 ? 'own' : 'all'),
  call: throughBody,
};

/** The widest reading on any way from an input of the body to the output. */
function throughBody({ attributes: { body, output } }: NodeOf<'call'>, operand: number): RowsRead {
  const readings = new Map<Node, RowsRead>([[body.inputs[operand]!, 'own']]);
  for (const node of nodesOf(body)) {
    (node.operands as readonly Node[]).forEach((from, i) => {
      const before = readings.get(from);
      if (before) readings.set(node, wider(readings.get(node), wider(before, rowsRead(node, i))));
    });
  }
  return readings.get(body.outputs[output]!) ?? 'own';
}

function wider(a: RowsRead | undefined, b: RowsRead): RowsRead {
  return [a, b].includes('all') ? 'all' : [a, b].includes('mapped') ? 'mapped' : 'own';
}
