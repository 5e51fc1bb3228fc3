/** Walks through memory: what `transpose`, `broadcast`, `slice` and `sum` share. Sizes may be unknown until a graph runs. */
import type { Dim, Shape } from '@mace/core/ir';

/** A loop, or several loops of memory that continue each other. */
export interface Axis {
  /** Its steps are the product of these. */
  readonly sizes: Shape;
  /** Numbers from step to step: the product of these. */
  readonly inner: Shape;
  /** Every step is at the same place. */
  readonly stretched: boolean;
}

/** Loops from the outermost to the innermost; at least one. */
export type Walk = readonly Axis[];

/** @param order - which axis of the source each axis of the result is */
export function reordered(shape: Shape, order: readonly number[]): Walk {
  return joined(
    order.map((axis) => ({ axis, size: shape[axis]!, stretched: false })),
    shape,
  );
}

export function stretched(from: Shape, to: Shape): Walk {
  return joined(
    to.map((size, axis) => ({ axis, size, stretched: from[axis] === 1 })),
    from,
  );
}

/** @param cut - the axis of which a part is left */
export function sliced(from: Shape, to: Shape, cut: number): Walk {
  return joined(
    to.map((size, axis) => ({ axis, size, stretched: false })),
    from,
    cut,
  );
}

export function kept(shape: Shape, axes: readonly number[]): Walk {
  return some(shape, (axis) => !axes.includes(axis));
}

export function gone(shape: Shape, axes: readonly number[]): Walk {
  return some(shape, (axis) => axes.includes(axis));
}

function some(shape: Shape, included: (axis: number) => boolean): Walk {
  const all = shape.map((size, axis) => ({ axis, size, stretched: false }));
  return joined(
    all.filter(({ axis }) => included(axis)),
    shape,
  );
}

interface Loop {
  readonly axis: number;
  readonly size: Dim;
  readonly stretched: boolean;
}

/**
 * Loops of one step go, and those that continue each other in memory become one.
 *
 * @param cut - an axis of the source of which a part is walked, so that nothing outside of it continues it
 */
function joined(loops: readonly Loop[], source: Shape, cut?: number): Walk {
  const axes: { sizes: Dim[]; last: number; stretched: boolean }[] = [];
  for (const { axis, size, stretched: still } of loops) {
    if (size === 1) continue;
    const outer = axes.at(-1);
    const between = outer ? source.slice(outer.last + 1, axis) : [];
    const continues =
      outer &&
      outer.stretched === still &&
      (still || (outer.last < axis && between.every((one) => one === 1) && axis !== cut));
    if (continues) {
      outer.sizes.push(size);
      outer.last = axis;
    } else axes.push({ sizes: [size], last: axis, stretched: still });
  }
  if (axes.length === 0) return [{ sizes: [], inner: [], stretched: true }];
  return axes.map(({ sizes, last, stretched: still }) => ({ sizes, inner: source.slice(last + 1), stretched: still }));
}
