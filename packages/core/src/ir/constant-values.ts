/** Layout of known numbers, row-major: what `simplify` does to constants instead of leaving it to a run. */

/** How far apart neighbors along each axis lie in a row-major array of this shape. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The values of `shape` broadcast to `target`; ranks agree. */
export function broadcastValues(
  values: readonly number[],
  shape: readonly number[],
  target: readonly number[],
): number[] {
  const strides = rowMajorStrides(shape).map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
  return collected(values, target, strides, 0);
}

export function transposeValues(
  values: readonly number[],
  shape: readonly number[],
  order: readonly number[],
): number[] {
  const strides = rowMajorStrides(shape);
  return collected(
    values,
    order.map((axis) => shape[axis]!),
    order.map((axis) => strides[axis]!),
    0,
  );
}

export function sliceValues(
  values: readonly number[],
  shape: readonly number[],
  axis: number,
  start: number,
  stop: number,
): number[] {
  const strides = rowMajorStrides(shape);
  return collected(
    values,
    shape.map((dim, i) => (i === axis ? stop - start : dim)),
    strides,
    start * strides[axis]!,
  );
}

export function padValues(
  values: readonly number[],
  shape: readonly number[],
  axis: number,
  before: number,
  after: number,
): number[] {
  const inner = shape.slice(axis + 1).reduce((size, dim) => size * dim, 1);
  const block = shape[axis]! * inner;
  const outer = shape.slice(0, axis).reduce((size, dim) => size * dim, 1);
  const padded: number[] = [];
  for (let i = 0; i < outer; i++) {
    padded.push(...zeros(before * inner), ...values.slice(i * block, (i + 1) * block), ...zeros(after * inner));
  }
  return padded;
}

/** Sums over `axes`, in row-major order. */
export function sumValues(values: readonly number[], shape: readonly number[], axes: readonly number[]): number[] {
  const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const strides = rowMajorStrides(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const targets = collected(
    values.map((_, i) => i),
    shape,
    strides,
    0,
  );
  const sums = zeros(kept.reduce((size, dim) => size * dim, 1));
  values.forEach((value, i) => {
    sums[targets[i]!]! += value;
  });
  return sums;
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** The values at offset + Σ index·stride for every index of `shape`, in row-major order. */
function collected(
  values: readonly number[],
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): number[] {
  let positions = [offset];
  shape.forEach((dim, axis) => {
    const next: number[] = [];
    for (const position of positions) for (let i = 0; i < dim; i++) next.push(position + i * strides[axis]!);
    positions = next;
  });
  return positions.map((position) => values[position]!);
}
