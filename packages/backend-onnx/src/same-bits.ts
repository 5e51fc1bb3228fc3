/**
 * Ops of ONNX whose results have the same bits in any batch. The CPU kernels of ONNX Runtime compute the last few elements of
 * a tensor with other instructions than the rest, and sum a row in an order that depends on where in memory it starts.
 *
 * Its matrix product does neither (but in float64 on the web), so sums become products with ones; and a few more elements
 * keep the end away.
 */
import { fixedSize, type Dim, type Shape } from '@mace/core/ir';
import type { Context, Value } from './context.js';
import { DataType } from './model-builder.js';
import { flatten, reshapedTo, zeros } from './shapes.js';

/** No vector of a CPU has more numbers. */
const widestVector = 16;
/** Eigen, which multiplies float64 matrices on the web, has a way of its own for products with fewer rows. */
const smallProduct = 20;

/** An elementary function, the end of the tensor kept away from its values. */
export function elementary(context: Context, op: string, x: Value): string {
  const { model, real } = context;
  const whole = fixedSize(x.shape) % widestVector === 0 || x.shape.every((dim) => typeof dim === 'number');
  if (!context.sameBits || context.shaders || whole || isUniform(op, real)) return model.add(op, [x.name]);
  const ones = model.once(`${widestVector} ones`, () =>
    model.reals(real, new Float64Array(widestVector).fill(1), [widestVector]),
  );
  const longer = model.add('Concat', [model.add('Reshape', [x.name, model.integers([-1])]), ones], { axis: 0 });
  return reshapedTo(context, withoutEnd(context, model.add(op, [longer]), widestVector), x.shape);
}

/** x[rows, inner] · y[inner, columns]; both are names. The end of the product is kept away from its rows, where it differs. */
export function matMul(context: Context, x: string, y: string, rows: Shape, inner: Dim): string {
  const { model, sameBits } = context;
  if (sameBits !== 'padded products' || rows.every((dim) => typeof dim === 'number'))
    return model.add('MatMul', [x, y]);
  const longer = model.add('Concat', [x, zeros(context, [smallProduct, inner])], { axis: 0 });
  return withoutEnd(context, model.add('MatMul', [longer, y]), smallProduct);
}

/**
 * Σ over `axes`. Summed rows of a run have no other rows beside them, and then any order will do.
 */
export function sum(context: Context, x: Value, axes: readonly number[]): string {
  const { model, real } = context;
  const summed = x.shape.filter((_, axis) => axes.includes(axis));
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  const beside = kept.some((dim) => typeof dim === 'string') && summed.every((dim) => typeof dim === 'number');
  const count = fixedSize(summed);
  if (!context.sameBits || !beside || count === 0)
    return model.add('ReduceSum', [x.name, model.integers(axes)], { keepdims: 0 });
  const order = [...x.shape.keys()].sort((a, b) => Number(axes.includes(a)) - Number(axes.includes(b)) || a - b);
  const inOrder = order.every((axis, i) => axis === i);
  const last = inOrder ? x.name : model.add('Transpose', [x.name], { perm: order });
  const ones = model.once(`column of ${count}`, () => model.reals(real, new Float64Array(count).fill(1), [count, 1]));
  return reshapedTo(context, matMul(context, flatten(context, last, kept.length), ones, kept, count), kept);
}

function withoutEnd({ model }: Context, name: string, count: number): string {
  return model.add('Slice', [name, model.integers([0]), model.integers([-count]), model.integers([0])]);
}

/** Whether the CPU kernel of a function treats the end of a tensor as it treats the rest. */
function isUniform(op: string, real: Context['real']): boolean {
  return real === DataType.FLOAT && (op === 'Exp' || op === 'Tanh');
}
