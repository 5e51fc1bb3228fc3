/** Nested loops over the axes of several arrays that are walked together. */
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { KernelCode } from './kernel-set.js';
import { fixed, product, sameSize, sizeExpression, type Size } from './size.js';

export interface Axis {
  readonly size: Size;
  /** Distance in numbers between neighbors, in each of the arrays. */
  readonly strides: readonly Size[];
}

/** Joins neighboring axes that every array walks as one, and drops those of size 1. One axis at least remains. */
export function joined(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  for (const axis of axes) {
    if (sameSize(axis.size, fixed(1))) continue;
    const outer = result.at(-1);
    if (outer?.strides.every((stride, i) => sameSize(stride, product(axis.strides[i]!, axis.size))))
      result[result.length - 1] = { size: product(outer.size, axis.size), strides: axis.strides };
    else result.push(axis);
  }
  return result.length > 0 ? result : [{ size: fixed(1), strides: axes[0]?.strides ?? [] }];
}

/** Loops over all of `axes` from the addresses of the arrays; `body` gets the address in each. */
export function nest(
  code: KernelCode,
  axes: readonly Axis[],
  addresses: readonly Expression[],
  body: (addresses: readonly Local[]) => void,
): void {
  const own = addresses.map((address) => code.f.keep(address));
  const [axis, ...inner] = axes;
  if (!axis) return body(own);
  const counter = code.f.local('i32');
  code.f.loop(counter, i32.of(0), sizeExpression(code, axis.size), 1, () => {
    if (inner.length === 0) body(own);
    else nest(code, inner, own, body);
    advance(code, own, axis);
  });
}

/** The same, of which the first axis runs over the units of this call. */
export function nestOverUnits(
  code: KernelCode,
  [first, ...inner]: readonly Axis[],
  bases: readonly Expression[],
  body: (addresses: readonly Local[]) => void,
): void {
  const { f, begin, end, lanes } = code;
  const own = bases.map((base, i) =>
    f.keep(i32.add(base, i32.mul(begin, sizeExpression(code, first!.strides[i]!, lanes.bytes)))),
  );
  const counter = f.local('i32');
  f.loop(counter, begin, end, 1, () => {
    if (inner.length === 0) body(own);
    else nest(code, inner, own, body);
    advance(code, own, first!);
  });
}

function advance(code: KernelCode, addresses: readonly Local[], { strides }: Axis): void {
  addresses.forEach((address, i) => {
    const stride = strides[i]!;
    if (stride.factor !== 0) code.f.assign(address, i32.add(address, sizeExpression(code, stride, code.lanes.bytes)));
  });
}
