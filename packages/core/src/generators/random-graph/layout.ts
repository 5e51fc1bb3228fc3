/** Makers of ops that move or add up values: reductions, layout, rows through an index map. */
import type { Dim, Node, OpName, Shape } from '../../ir/index.js';
import { allMaps } from '../index-maps.js';
import type { Draw } from '../seeded-random.js';
import { largestBound, largestRank, type Maker, type ValuePool } from './value-pool.js';

export const layoutMakers = {
  sum: (pool) => {
    const x = pool.real((node) => node.type.shape.length > 0);
    const axes = x.type.shape.map((_, axis) => axis).filter(() => pool.draw.chance(0.5));
    if (axes.length === 0) axes.push(pool.draw.integer(x.type.shape.length));
    return pool.keep(pool.build.sum(x, axes), pool.bound(x) * pool.sizeOf(axes.map((axis) => x.type.shape[axis]!)));
  },
  reshape: (pool) => {
    const x = pool.any();
    return pool.keep(pool.build.reshape(x, reshaped(x.type.shape, pool.draw)), pool.bound(x));
  },
  transpose: (pool) => {
    const x = pool.any((node) => node.type.shape.length > 1);
    const order = pool.draw.shuffled(x.type.shape.map((_, axis) => axis));
    return pool.keep(pool.build.transpose(x, order), pool.bound(x));
  },
  broadcast: (pool) => {
    const { build, draw } = pool;
    const x = pool.any((node) => node.type.shape.length < largestRank);
    const at = draw.integer(x.type.shape.length + 1);
    const inserted = (dim: Dim): Dim[] => [...x.type.shape.slice(0, at), dim, ...x.type.shape.slice(at)];
    const grow = draw.choose<Dim>([2, 3, 'atoms', 'edges']);
    // Only as the first dimension may a runtime size be gathered, so put it there.
    if (typeof grow === 'string' && (at > 0 || x.type.shape.some((dim) => typeof dim === 'string'))) return false;
    return pool.keep(build.broadcast(build.reshape(x, inserted(1)), inserted(grow)), pool.bound(x));
  },
  slice: (pool) => {
    const x = pool.any((node) => node.type.shape.some((dim) => typeof dim === 'number' && dim > 1));
    const axis = pool.fixedAxis(x.type.shape, 2);
    return axis !== undefined && pool.keep(sliced(pool, x, axis), pool.bound(x));
  },
  pad: (pool) => {
    const x = pool.real();
    const axis = pool.fixedAxis(x.type.shape, 1);
    if (axis === undefined) return false;
    return pool.keep(pool.build.pad(x, axis, pool.draw.integer(3), 1 + pool.draw.integer(2)), pool.bound(x));
  },
  concat: (pool) => {
    const { build, draw } = pool;
    const x = pool.any();
    const axis = pool.fixedAxis(x.type.shape, 1);
    if (axis === undefined) return false;
    const part = (): Node => {
      if (x.type.kind === 'mask' || draw.chance(0.3)) return sliced(pool, x, axis);
      return sliced(pool, draw.chance(0.2) ? build.fill(0, x) : pool.mate(x), axis);
    };
    const parts = [part(), x, ...(draw.chance(0.5) ? [part()] : [])];
    return pool.keep(build.concat(parts, axis), Math.max(pool.bound(x), largestBound));
  },
  gather: (pool) => {
    const map = pool.draw.choose(allMaps);
    const x = pool.any((node) => node.type.shape[0] === map.to);
    return x.type.shape[0] === map.to && pool.keep(pool.build.gather(x, map), pool.bound(x));
  },
  segmentSum: (pool) => {
    const map = pool.draw.choose(allMaps);
    const x = pool.real((node) => node.type.shape[0] === map.from);
    if (x.type.shape[0] !== map.from) return false;
    return pool.keep(pool.build.segmentSum(x, map), pool.bound(x) * pool.sizeOf([map.from]));
  },
} satisfies Partial<Record<OpName, Maker>>;

/** At least one row along a fixed axis. */
function sliced({ build, draw }: ValuePool, x: Node, axis: number): Node {
  const size = x.type.shape[axis] as number;
  const start = draw.integer(size);
  return build.slice(x, axis, start, start + 1 + draw.integer(size - start));
}

/** The shape with even dimensions split, neighbors merged and a dimension of 1 inserted, at random. */
function reshaped(shape: Shape, draw: Draw): Dim[] {
  const split = shape.flatMap((dim): Dim[] =>
    typeof dim === 'number' && dim % 2 === 0 && draw.chance(0.4)
      ? draw.chance(0.5)
        ? [2, dim / 2]
        : [dim / 2, 2]
      : [dim],
  );
  const merged: Dim[] = [];
  for (const dim of split) {
    const last = merged.at(-1);
    if (typeof dim === 'number' && typeof last === 'number' && draw.chance(0.5)) merged[merged.length - 1] = last * dim;
    else merged.push(dim);
  }
  if (merged.length < largestRank && draw.chance(0.4)) merged.splice(draw.integer(merged.length + 1), 0, 1);
  return merged.length <= largestRank ? merged : [...shape];
}
