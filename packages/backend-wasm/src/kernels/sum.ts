/** Sums over axes. Each result is added up in the order of memory, whatever else is computed. */
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Arithmetic, Lanes } from '../lanes.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { joined, nest, nestOverUnits, type Axis } from './nest.js';
import { fixed, isFixed, sameSize, sizeExpression, type Size } from './size.js';

/** Takes the addresses [from, to]. A unit is one step of the first axis that is kept. */
export function sumKernel(
  set: KernelSet,
  axes: readonly { readonly size: Size; readonly from: Size; readonly to: Size; readonly summed: boolean }[],
): Kernel {
  const strided = (summed: boolean): Axis[] =>
    joined(
      axes.filter((axis) => axis.summed === summed).map(({ size, from, to }) => ({ size, strides: [from, to] })),
    ).map((axis) => (axis.strides.length === 2 ? axis : { ...axis, strides: [fixed(0), fixed(0)] }));
  const kept = strided(false);
  const summed = strided(true);
  const name = set.kernel(`sum ${JSON.stringify([kept, summed])}`, 2, (code) => {
    const { single, bytes } = code.lanes;
    const last = kept.at(-1)!;
    const alongKept = kept.length > 1 && isOne(last.strides[0]!) && isOne(last.strides[1]!) && isFixed(last.size);
    if (alongKept) {
      nestOverUnits(code, kept.slice(0, -1), code.pointers, ([source, target]) => {
        for (const [arithmetic, from, to] of blocks(code.lanes, last.size.factor)) {
          const offset = code.f.local('i32');
          code.f.loop(offset, i32.of(from * bytes), i32.of(to * bytes), arithmetic.lanes * bytes, () => {
            const total = code.f.local(arithmetic.type, arithmetic.of(0));
            nest(code, summed.map(onlySource), [i32.add(source!, offset)], ([at]) => {
              code.f.assign(total, arithmetic.add(total, arithmetic.load(at!)));
            });
            code.f.store(i32.add(target!, offset), total);
          });
        }
      });
      return;
    }
    nestOverUnits(code, kept, code.pointers, ([source, target]) => {
      const total = code.f.local(single.type, single.of(0));
      const inner = summed.at(-1)!;
      if (isOne(inner.strides[0]!)) {
        nest(code, summed.slice(0, -1).map(onlySource), [source!], ([row]) => {
          code.f.assign(total, single.add(total, rowSum(code, row!, inner.size)));
        });
      } else {
        nest(code, summed.map(onlySource), [source!], ([at]) => {
          code.f.assign(total, single.add(total, single.load(at!)));
        });
      }
      code.f.store(target!, total);
    });
  });
  return { name, units: kept[0]!.size };
}

function isOne(size: Size): boolean {
  return sameSize(size, fixed(1));
}

function onlySource({ size, strides }: Axis): Axis {
  return { size, strides: [strides[0]!] };
}

/** A row of numbers as whole vectors and what remains: the arithmetic and the range of each part. */
export function blocks(lanes: Lanes, size: number): [arithmetic: Arithmetic, from: number, to: number][] {
  const whole = size - (size % lanes.vector.lanes);
  const parts: [Arithmetic, number, number][] = [
    [lanes.vector, 0, whole],
    [lanes.single, whole, size],
  ];
  return parts.filter(([, from, to]) => to > from);
}

/** Σ of neighboring numbers. */
function rowSum(code: KernelCode, row: Local, size: Size): Expression {
  const { f, lanes } = code;
  const at = f.keep(row);
  const left = f.keep(sizeExpression(code, size));
  const totals = ([lanes.vector, lanes.single] as const).map((arithmetic) => {
    const total = f.local(arithmetic.type, arithmetic.of(0));
    const step = arithmetic.lanes;
    f.while(i32.atLeast(left, i32.of(step)), () => {
      f.assign(total, arithmetic.add(total, arithmetic.load(at)));
      f.assign(at, i32.add(at, i32.of(step * lanes.bytes)));
      f.assign(left, i32.sub(left, i32.of(step)));
    });
    return total;
  }) as [Local, Local];
  return lanes.single.add(horizontalSum(lanes, totals[0]), totals[1]);
}

/** The sum of the lanes of a vector. */
export function horizontalSum(lanes: Lanes, value: Local): Expression {
  const parts = Array.from({ length: lanes.vector.lanes }, (_, lane) => lanes.lane(value, lane));
  return parts.reduce((a, b) => lanes.single.add(a, b));
}
