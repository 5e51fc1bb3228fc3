/** Copies from one layout to another: broadcast, transpose, slice, and the parts of concat and pad. */
import { i32 } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { joined, nestOverUnits } from './nest.js';
import { fixed, isFixed, sizeExpression, type Size } from './size.js';

/** What a strided copy does: for every index, to[offset + Σ index · stride] = from[offset + Σ index · stride]. */
export interface CopyShape {
  readonly axes: readonly { readonly size: Size; readonly from: Size; readonly to: Size }[];
  readonly fromOffset?: Size;
  readonly toOffset?: Size;
  /** Write zeros; nothing is read. */
  readonly zeros?: boolean;
}

export interface Kernel {
  readonly name: string;
  readonly units: Size;
}

/** Takes the addresses [from, to]. A unit is one step of the first axis. */
export function copyKernel(set: KernelSet, shape: CopyShape): Kernel {
  const axes = joined(shape.axes.map(({ size, from, to }) => ({ size, strides: [from, to] })));
  const { fromOffset = fixed(0), toOffset = fixed(0), zeros = false } = shape;
  const key = `copy ${JSON.stringify([axes, fromOffset, toOffset, zeros])}`;
  const name = set.kernel(key, 2, (code) => {
    const bytes = code.lanes.bytes;
    const bases = [fromOffset, toOffset].map((offset, i) =>
      i32.add(code.pointers[i]!, sizeExpression(code, offset, bytes)),
    );
    const last = axes.at(-1)!;
    const [from, to] = last.strides as [Size, Size];
    const contiguous = isFixed(to) && to.factor === 1 && isFixed(from) && (from.factor === 0 || from.factor === 1);
    if (axes.length > 1 && contiguous && !(isFixed(last.size) && last.size.factor < code.lanes.vector.lanes)) {
      nestOverUnits(code, axes.slice(0, -1), bases, ([source, target]) => {
        copyRow(code, source!, target!, last.size, from.factor === 0, zeros);
      });
    } else if (axes.length === 1 && contiguous) {
      const at = i32.mul(code.begin, i32.of(bytes));
      const source = code.f.keep(i32.add(bases[0]!, from.factor === 0 ? i32.of(0) : at));
      const target = code.f.keep(i32.add(bases[1]!, at));
      copyCount(code, source, target, code.f.keep(i32.sub(code.end, code.begin)), from.factor === 0, zeros);
    } else {
      nestOverUnits(code, axes, bases, ([source, target]) => {
        const { single } = code.lanes;
        code.f.store(target!, zeros ? single.of(0) : single.load(source!));
      });
    }
  });
  return { name, units: axes[0]!.size };
}

function copyRow(code: KernelCode, source: Local, target: Local, size: Size, repeated: boolean, zeros: boolean): void {
  const { f } = code;
  copyCount(code, f.keep(source), f.keep(target), f.keep(sizeExpression(code, size)), repeated, zeros);
}

/** Copies `count` neighboring numbers; moves both addresses. */
function copyCount(
  { f, lanes: { vector, single, bytes } }: KernelCode,
  source: Local,
  target: Local,
  count: Local,
  repeated: boolean,
  zeros: boolean,
): void {
  const left = f.keep(count);
  for (const arithmetic of [vector, single]) {
    const step = arithmetic.lanes;
    f.while(i32.atLeast(left, i32.of(step)), () => {
      const value = zeros ? arithmetic.of(0) : repeated ? arithmetic.loadSplat(source) : arithmetic.load(source);
      f.store(target, value);
      if (!repeated) f.assign(source, i32.add(source, i32.of(step * bytes)));
      f.assign(target, i32.add(target, i32.of(step * bytes)));
      f.assign(left, i32.sub(left, i32.of(step)));
    });
  }
}
