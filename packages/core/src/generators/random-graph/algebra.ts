/** Makers of the ops with structure inside: matrix products, polynomials, tables, composites. */
import {
  GraphBuilder,
  fixedSize,
  polynomialTable,
  type Graph,
  type Monomial,
  type Node,
  type OpName,
  type Shape,
} from '../../ir/index.js';
import { exactTable } from '../exact-table.js';
import { allMaps, pair } from '../index-maps.js';
import { largestBound, type Maker, type ValuePool } from './value-pool.js';

export const algebraMakers = {
  matmul: (pool) => (pool.draw.chance(0.5) ? plainMatmul : groupedMatmul)(pool),
  polynomial: (pool) => polynomial(pool),
  table: (pool) => table(pool),
  call: (pool) => {
    const a = pool.real();
    const b = pool.mate(a);
    const body = callBody(a.type.shape);
    const [first, second] = ['gated', 'mean'].map((output) => pool.build.call('gate', body, [a, b], output));
    pool.keep(first!, pool.bound(a));
    return pool.keep(second!, (pool.bound(a) + largestBound) / 2);
  },
} satisfies Partial<Record<OpName, Maker>>;

const forms = ['nn', 'nt', 'tn'] as const;

function plainMatmul(pool: ValuePool): boolean {
  const { build, draw } = pool;
  const x = pool.real((node) => typeof node.type.shape.at(-1) === 'number');
  const inner = x.type.shape.at(-1);
  if (typeof inner !== 'number') return false;
  const columns = 1 + draw.integer(3);
  const bound = pool.bound(x) * inner;
  switch (draw.choose(forms)) {
    case 'nn':
      return pool.keep(build.matmul(x, pool.parameter([inner, columns])), bound);
    case 'nt':
      return pool.keep(build.matmul(x, pool.parameter([columns, inner]), 'nt'), bound);
    case 'tn':
      return pool.keep(build.matmul(x, pool.mate(x), 'tn'), overRows(pool, x));
  }
}

function groupedMatmul(pool: ValuePool): boolean {
  const { build, draw } = pool;
  const group = draw.choose(allMaps);
  const fits = ({ type: { shape } }: Node): boolean =>
    shape.length > 1 && shape[0] === group.from && typeof shape.at(-1) === 'number';
  const x = pool.real(fits);
  if (!fits(x)) return false;
  const inner = x.type.shape.at(-1) as number;
  const columns = draw.choose([1, 3, 5]);
  const bound = pool.bound(x) * inner;
  if (typeof group.to === 'string') {
    const isMatrices = ({ type: { shape } }: Node): boolean =>
      shape.length === 3 && shape[0] === group.to && shape[1] === inner && typeof shape[2] === 'number';
    const matrices = pool.real(isMatrices);
    return isMatrices(matrices) && pool.keep(build.matmul(x, matrices, 'nn', group), bound * pool.bound(matrices));
  }
  switch (draw.choose(forms)) {
    case 'nn':
      return pool.keep(build.matmul(x, pool.parameter([group.to, inner, columns]), 'nn', group), bound);
    case 'nt':
      return pool.keep(build.matmul(x, pool.parameter([group.to, columns, inner]), 'nt', group), bound);
    case 'tn':
      return pool.keep(build.matmul(x, pool.mate(x), 'tn', group), overRows(pool, x));
  }
}

/** Bound of a matrix product of a value and its mate over all rows. */
function overRows(pool: ValuePool, x: Node): number {
  return largestBound * pool.bound(x) * pool.sizeOf(x.type.shape.slice(0, -1));
}

function polynomial(pool: ValuePool): boolean {
  const { build, draw } = pool;
  const fits = ({ type: { shape } }: Node): boolean =>
    shape.length > 0 && shape.slice(1).every((dim) => typeof dim === 'number');
  const first = pool.real(fits);
  if (!fits(first)) return false;
  const rows = first.type.shape[0]!;
  const channels = draw.chance(0.5) || first.type.shape.length < 2 ? 1 : (first.type.shape.at(-1) as number);
  const sameRows = (node: Node): boolean => fits(node) && node.type.shape[0] === rows;
  const others = Array.from({ length: draw.integer(3) }, () => pool.real(sameRows)).filter(sameRows);
  const operands = [first, ...others].map((node) => {
    const { shape } = node.type;
    const own = shape.length > 1 && shape.at(-1) === channels && draw.chance(0.7) ? channels : 1;
    return build.reshape(node, [rows, fixedSize(shape.slice(1)) / own, own]);
  });
  if (draw.chance(0.2)) operands.push(build.broadcast(pool.constant([1, 2, 1]), [rows, 2, 1]));
  const outputs = 1 + draw.integer(4);
  const monomials = Array.from(
    { length: draw.chance(0.1) ? 0 : 1 + draw.integer(6) },
    (): Monomial => ({
      out: draw.integer(outputs),
      coefficient: draw.choose([1, -0.5, draw.symmetric(1)]),
      factors: Array.from({ length: draw.integer(4) }, () => {
        const operand = draw.integer(operands.length);
        return { operand, component: draw.integer(operands[operand]!.type.shape[1] as number) };
      }),
    }),
  );
  return pool.keep(build.polynomial(operands, polynomialTable(outputs, monomials)), 6 * largestBound ** 3);
}

function table(pool: ValuePool): boolean {
  const { build, draw } = pool;
  const x = pool.real(({ type: { shape } }) => shape.length === 1 && shape[0] === 'edges');
  if (x.type.shape.length !== 1 || x.type.shape[0] !== 'edges') return edgeNumbers(pool) && table(pool);
  const distance = build.shift(build.scale(build.sin(x), 0.8), 1.5);
  const map = draw.chance(0.7) ? pair : undefined;
  const functions = 2;
  const groups = (map?.to ?? 1) as number;
  const terms = draw.choose([2, 4, 5, 7]);
  const polynomials = Array.from({ length: groups * terms * functions }, () => draw.symmetric(1));
  const sizes = { functions, terms, range: [0.5, 3], intervals: 5, ...(map && { map }) } as const;
  const { pieces, shape, attributes, body, slope } = exactTable(polynomials, sizes);
  const data = pool.parameter(shape, pieces);
  const slopeOnly = !pool.differentiable && draw.chance(0.4);
  const bodies = slopeOnly ? ({ body: slope, order: 1 } as const) : ({ body, slope, order: 0 } as const);
  return pool.keep(build.table(distance, data, { ...bodies, ...attributes }), 12);
}

/** Adds one number an edge, which is what tables read. */
function edgeNumbers(pool: ValuePool): boolean {
  const wide = pool.real((node) => node.type.shape[0] === 'edges');
  const rest = wide.type.shape.slice(1);
  if (wide.type.shape[0] !== 'edges' || rest.length === 0) return false;
  return pool.keep(
    pool.build.sum(
      wide,
      rest.map((_, axis) => axis + 1),
    ),
    pool.bound(wide) * pool.sizeOf(rest),
  );
}

/** `gated` = a·½(1 + tanh(b/2)), `mean` = ½(a + b). */
function callBody(shape: Shape): Graph {
  const build = new GraphBuilder();
  const a = build.input('a', shape);
  const b = build.input('b', shape);
  const gate = build.scoped('gate', () => build.scale(build.shift(build.tanh(build.scale(b, 0.5)), 1), 0.5));
  return build.finish('gate', { gated: build.mul(a, gate), mean: build.scale(build.add(a, b), 0.5) });
}
