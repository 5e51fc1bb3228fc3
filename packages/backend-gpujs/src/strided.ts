/** Walks through memory by strides: what `transpose`, `broadcast`, `slice` and `sum` share. */

/** A loop of `size` steps of `stride` numbers. */
export interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** Distance in memory between neighbors along each axis. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The same walk in as few axes as possible, at least one: axes of size 1 go, neighbors that continue each other merge. */
export function merged(axes: readonly Axis[]): Axis[] {
  const kept: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = kept.at(-1);
    if (outer && outer.stride === axis.stride * axis.size)
      kept[kept.length - 1] = { size: outer.size * axis.size, stride: axis.stride };
    else kept.push(axis);
  }
  return kept.length > 0 ? kept : [{ size: 1, stride: 0 }];
}

/** Number of values. */
export function count(shape: readonly number[]): number {
  return shape.reduce((size, dim) => size * dim, 1);
}
