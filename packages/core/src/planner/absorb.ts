/**
 * Absorption: what multiplies the functions of a table channel by channel on the edges, and matrices that the sums over
 * edges go through, become part of the table. For inference, after {@link tabulate}.
 *
 * Both need features of the sender that its element alone decides, as in the first layer: then the convolution reads no
 * features, and no product with a matrix follows it.
 */
import {
  fixedNodes,
  nodesOf,
  polynomialTable,
  rewrite,
  usersOf,
  type Graph,
  type Monomial,
  type Node,
  type NodeOf,
} from '../ir/index.js';
import { composedMap } from './derived-maps.js';
import { haveGrid, mixTable, scaleTable, type ByEdge } from './table-operations.js';

/**
 * Numbers that an edge may read of an absorbing table: more cost more than multiplying. It does not depend on how many elements there
 * are, as what is computed may not.
 */
const mostNumbers = 2 ** 13;

/** The same graph with factors and matrices in its tables, wherever they fit. */
export function absorb(graph: Graph): Graph {
  let current = absorbFactors(graph);
  for (;;) {
    const next = absorbMatrices(current);
    if (next === current) return current;
    current = next;
  }
}

/** An operand [edges, components, channels] of a polynomial that is a table. */
function tableOf(operand: Node): NodeOf<'table'> | null {
  const source = operand.op === 'reshape' ? operand.operands[0] : operand;
  return source.op === 'table' && source.attributes.order === 0 && operand.type.shape.length === 3 ? source : null;
}

function absorbFactors(graph: Graph): Graph {
  const fixed = fixedNodes(nodesOf(graph));
  return rewrite(graph, (build, node, operands) => {
    if (node.op !== 'polynomial') return null;
    const t = operands.findIndex((operand) => tableOf(operand));
    const f = node.operands.findIndex((operand) => byEdge(operand, fixed));
    if (t < 0 || f < 0) return null;
    const table = tableOf(operands[t]!)!;
    const [, components, channels] = operands[t]!.type.shape as [unknown, number, number];
    const partner = partners(node, t, f, components);
    const factors = byEdge(operands[f]!, null)!;
    if (!partner || (factors.rows.type.shape[2] as number) !== channels || !fits(table, factors)) return null;
    return build.scoped(node.scope, () => {
      const rows = build.concat(
        partner.map((component) => build.slice(factors.rows, 1, component, component + 1)),
        1,
      );
      const flat = build.reshape(rows, [rows.type.shape[0]!, components * channels]);
      const scaled = scaleTable(build, table, { rows: flat, map: factors.map });
      const kept = operands.map((operand, i) => (i === t ? build.reshape(scaled, operand.type.shape) : operand));
      return build.polynomial(
        kept.filter((_, i) => i !== f),
        polynomialTable(node.attributes.table.outputs, withoutOperand(node.attributes.table.monomials, f)),
      );
    });
  });
}

/** A fixed value [groups, components, channels] that edges read by row. */
function byEdge(operand: Node, fixed: ReadonlySet<Node> | null): ByEdge | null {
  if (operand.op !== 'gather' && operand.op !== 'broadcast') return null;
  const rows = operand.operands[0];
  if (rows.type.shape.length !== 3 || (fixed && !fixed.has(rows))) return null;
  if (operand.op === 'gather') return { rows, map: operand.attributes.map };
  return rows.type.shape[0] === 1 ? { rows, map: null } : null;
}

/** The component of operand `f` that goes with each component of operand `t`, if there is one for each. */
function partners(node: NodeOf<'polynomial'>, t: number, f: number, components: number): number[] | null {
  const found = new Map<number, number>();
  for (const { factors } of node.attributes.table.monomials) {
    const [own, more] = factors.filter(({ operand }) => operand === t);
    const [other, others] = factors.filter(({ operand }) => operand === f);
    if (!own || more || !other || others) return null;
    if ((found.get(own.component) ?? other.component) !== other.component) return null;
    found.set(own.component, other.component);
  }
  return Array.from({ length: components }, (_, component) => found.get(component) ?? 0);
}

function withoutOperand(monomials: readonly Monomial[], gone: number): Monomial[] {
  return monomials.map(({ out, coefficient, factors }) => ({
    out,
    coefficient,
    factors: factors
      .filter(({ operand }) => operand !== gone)
      .map(({ operand, component }) => ({ operand: operand > gone ? operand - 1 : operand, component })),
  }));
}

/** A matrix that some components of a sum over edges go through. */
interface Mixing {
  readonly product: NodeOf<'matmul'>;
  readonly start: number;
  readonly stop: number;
}

/** One convolution whose sums all go through matrices; the graph itself if there is none. */
function absorbMatrices(graph: Graph): Graph {
  const order = nodesOf(graph);
  const fixed = fixedNodes(order);
  const users = usersOf(order);
  const outputs = new Set(Object.values(graph.outputs));
  for (const sums of order) {
    if (sums.op !== 'segmentSum' || outputs.has(sums)) continue;
    const message = sums.operands[0];
    if (message.op !== 'polynomial' || users.get(message)!.length > 1) continue;
    const t = message.operands.findIndex((operand) => tableOf(operand));
    const channelsElsewhere = message.operands.some((operand, i) => i !== t && operand.type.shape[2] !== 1);
    const mixings = users.get(sums)!.map((user) => mixingOf(user, users, outputs, fixed));
    if (t < 0 || channelsElsewhere || !mixings.every((one) => one !== null)) continue;
    const made = mix(graph, sums, message, t, mixings);
    if (made) return made;
  }
  return graph;
}

function mixingOf(
  slice: Node,
  users: ReadonlyMap<Node, readonly Node[]>,
  outputs: ReadonlySet<Node>,
  fixed: ReadonlySet<Node>,
): Mixing | null {
  const [product, more] = users.get(slice)!;
  if (slice.op !== 'slice' || slice.attributes.axis !== 1 || outputs.has(slice) || more) return null;
  if (product?.op !== 'matmul' || product.attributes.form !== 'nn' || product.operands[0] !== slice) return null;
  if (!fixed.has(product.operands[1])) return null;
  return { product, start: slice.attributes.start, stop: slice.attributes.stop };
}

function mix(
  graph: Graph,
  sums: NodeOf<'segmentSum'>,
  message: NodeOf<'polynomial'>,
  t: number,
  mixings: readonly Mixing[],
): Graph | null {
  const [, components] = message.operands[t]!.type.shape as [unknown, number, number];
  const owners = ownersOf(message, t, components, mixings);
  const group = mixings[0]!.product.attributes.group;
  const columns = mixings[0]!.product.type.shape[2] as number;
  const alike = mixings.every(
    ({ product: { attributes, type } }) => attributes.group?.name === group?.name && type.shape[2] === columns,
  );
  if (!owners || !alike) return null;
  const map = group ? composedMap(sums.attributes.map, group) : null;
  if (!fits(tableOf(message.operands[t]!)!, { rows: mixings[0]!.product.operands[1], map })) return null;
  const products = new Map<Node, Mixing>(mixings.map((mixing) => [mixing.product, mixing]));
  return rewrite(graph, (build, node, operands) => {
    if (node === message) {
      const table = tableOf(operands[t]!)!;
      const matrices = owners.map(({ product: { operands: parts } }): ByEdge => {
        const shape = parts[1].type.shape;
        return { rows: group ? parts[1] : build.reshape(parts[1], [1, ...shape]), map };
      });
      const mixed = build.reshape(mixTable(build, table, matrices), ['edges', components, columns]);
      return build.scoped(node.scope, () =>
        build.polynomial(
          operands.map((operand, i) => (i === t ? mixed : operand)),
          message.attributes.table,
        ),
      );
    }
    const mixing = products.get(node);
    if (!mixing) return null;
    const summed = (operands[0]! as NodeOf<'slice'>).operands[0];
    return build.scoped(node.scope, () => build.slice(summed, 1, mixing.start, mixing.stop));
  });
}

/** The mixing that takes each component of operand `t`, if no component goes through two or through none. */
function ownersOf(
  message: NodeOf<'polynomial'>,
  t: number,
  components: number,
  mixings: readonly Mixing[],
): Mixing[] | null {
  const owners = new Map<number, Mixing>();
  for (const { out, factors } of message.attributes.table.monomials) {
    const [own, more] = factors.filter(({ operand }) => operand === t);
    const takers = mixings.filter(({ start, stop }) => start <= out && out < stop);
    if (!own || more || takers.length !== 1) return null;
    if ((owners.get(own.component) ?? takers[0]!) !== takers[0]!) return null;
    owners.set(own.component, takers[0]!);
  }
  const all = Array.from({ length: components }, (_, component) => owners.get(component));
  return all.every((owner) => owner !== undefined) ? all : null;
}

function fits(table: NodeOf<'table'>, operand: ByEdge): boolean {
  const [, terms, functions] = table.operands[1].type.shape as readonly number[];
  return haveGrid(table, operand) && terms! * functions! <= mostNumbers;
}
