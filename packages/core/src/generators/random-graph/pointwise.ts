/** Makers of leaves and of pointwise ops. Arguments are guarded, so that every value is finite. */
import { sameShape, type Node, type OpName } from '../../ir/index.js';
import { elements } from '../index-maps.js';
import { largestBound, type Maker, type ValuePool } from './value-pool.js';

const one = (): number => 1;

export const pointwiseMakers = {
  parameter: (pool) => pool.keep(pool.parameter([pool.draw.choose([1, 2, elements]), 2, pool.draw.choose([1, 3])]), 1),
  constant: (pool) => pool.keep(pool.constant([pool.draw.choose([1, 2, elements]), pool.draw.choose([1, 2, 3])]), 2),
  neg: unary(({ build }, x) => build.neg(x)),
  sin: unary(({ build }, x) => build.sin(x), one),
  cos: unary(({ build }, x) => build.cos(x), one),
  tanh: unary(({ build }, x) => build.tanh(x), one),
  exp: unary(({ build }, x) => build.exp(x), Math.exp),
  sqrt: unary(
    (pool, x) => pool.build.sqrt(pool.positive(x)),
    () => 1.3,
  ),
  log: unary(
    (pool, x) => pool.build.log(pool.positive(x)),
    () => 0.7,
  ),
  add: binary(
    ({ build }, a, b) => build.add(a, b),
    (a, b) => a + b,
  ),
  sub: binary(
    ({ build }, a, b) => build.sub(a, b),
    (a, b) => a + b,
  ),
  mul: binary(
    ({ build }, a, b) => build.mul(a, b),
    (a, b) => a * b,
  ),
  max: binary(
    (pool, a, b) => pool.build.max(a, pool.apart(b)),
    (a, b) => Math.max(a, b + 1),
  ),
  div: binary(
    (pool, a, b) => pool.build.div(a, pool.positive(b)),
    (a) => 2 * a,
  ),
  pow: (pool) => (pool.draw.chance(0.4) ? wholePower : positivePower)(pool),
  less: binary((pool, a, b) => pool.build.less(a, pool.apart(b)), one),
  select: binary((pool, a, b) => {
    const known = pool.values.filter(({ type }) => type.kind === 'mask' && sameShape(type.shape, a.type.shape));
    const mask = known.length > 0 ? pool.draw.choose(known) : pool.build.less(a, pool.apart(pool.mate(a)));
    return pool.build.select(mask, a, b);
  }, Math.max),
} satisfies Partial<Record<OpName, Maker>>;

const wholePower = unary(
  ({ build, draw }, x) => build.pow(x, build.fill(draw.choose([1, 2, 3]), x)),
  (bound) => Math.max(1, bound ** 3),
);

const positivePower = binary(
  (pool, a, b) =>
    pool.build.pow(
      pool.positive(a),
      pool.draw.chance(0.5) ? b : pool.build.fill(pool.draw.choose([0, 0.5, -1, 1.7]), a),
    ),
  () => 16,
);

function unary(make: (pool: ValuePool, x: Node) => Node, bound: (bound: number) => number = (same) => same): Maker {
  return (pool) => {
    const x = pool.real();
    return pool.keep(make(pool, x), bound(pool.bound(x)));
  };
}

function binary(make: (pool: ValuePool, a: Node, b: Node) => Node, bound: (a: number, b: number) => number): Maker {
  return (pool) => {
    const a = pool.real();
    return pool.keep(make(pool, a, pool.mate(a)), bound(pool.bound(a), largestBound));
  };
}
