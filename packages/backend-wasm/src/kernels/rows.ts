/** Rows along an index map: picked, or added up in the order of the map. */
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Kernel } from './copy.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { sizeExpression, type Size } from './size.js';

/** Row r of the result is row values[r]. Takes the addresses [from, values, to]; a unit is a row of the result. */
export function gatherKernel(set: KernelSet, width: Size, rows: Size): Kernel {
  const name = set.kernel(`gather ${JSON.stringify(width)}`, 3, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const [from, values, to] = pointers as [Local, Local, Local];
    const rowBytes = f.keep(sizeExpression(code, width, lanes.bytes));
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const source = f.keep(i32.add(from, i32.mul(i32.load(wordOf(values, row)), rowBytes)));
      const target = f.keep(i32.add(to, i32.mul(row, rowBytes)));
      const left = f.keep(rowBytes);
      for (const arithmetic of [lanes.vector, lanes.single]) {
        const step = arithmetic.lanes * lanes.bytes;
        f.while(i32.atLeast(left, i32.of(step)), () => {
          f.store(target, arithmetic.load(source));
          f.assign(source, i32.add(source, i32.of(step)));
          f.assign(target, i32.add(target, i32.of(step)));
          f.assign(left, i32.sub(left, i32.of(step)));
        });
      }
    });
  });
  return { name, units: rows };
}

/**
 * Row t of the result is the sum of the rows order[offsets[t]] … of the source. Takes the addresses [from, offsets, order,
 * to]; a unit is a row of the result.
 */
export function segmentSumKernel(set: KernelSet, width: Size, targets: Size): Kernel {
  const name = set.kernel(`segmentSum ${JSON.stringify(width)}`, 4, (code) => {
    const { f, lanes, begin, end, pointers } = code;
    const [from, offsets, order, to] = pointers as [Local, Local, Local, Local];
    const rowBytes = f.keep(sizeExpression(code, width, lanes.bytes));
    const target = f.local('i32');
    f.loop(target, begin, end, 1, () => {
      const out = f.keep(i32.add(to, i32.mul(target, rowBytes)));
      const first = f.keep(wordOf(order, i32.load(wordOf(offsets, target))));
      const last = f.keep(wordOf(order, i32.load(wordOf(offsets, target), 4)));
      const column = f.local('i32', i32.of(0));
      for (const [arithmetic, count] of [
        [lanes.vector, 8],
        [lanes.vector, 1],
        [lanes.single, 1],
      ] as const) {
        const size = arithmetic.lanes * lanes.bytes;
        f.while(i32.atLeast(i32.sub(rowBytes, column), i32.of(count * size)), () => {
          const totals = Array.from({ length: count }, () => f.local(arithmetic.type, arithmetic.of(0)));
          const position = f.local('i32');
          f.loop(position, first, last, 4, () => {
            const source = f.keep(i32.add(i32.add(from, column), i32.mul(i32.load(position), rowBytes)));
            totals.forEach((total, i) => f.assign(total, arithmetic.add(total, arithmetic.load(source, i * size))));
          });
          totals.forEach((total, i) => f.store(i32.add(out, column), total, i * size));
          f.assign(column, i32.add(column, i32.of(count * size)));
        });
      }
    });
  });
  return { name, units: targets };
}

/** The address of word `index` of a list of 32-bit numbers. */
export function wordOf(list: Expression, index: Expression): Expression {
  return i32.add(list, i32.shiftLeft(index, i32.of(2)));
}

export type { KernelCode };
