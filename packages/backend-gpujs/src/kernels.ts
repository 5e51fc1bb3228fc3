/**
 * Kernels as text in the JavaScript subset of gpu.js. Sizes are arguments, so there is one kernel per op and rank.
 *
 * Functions that JavaScript does not have (`quotient`, `whole`, `sine`) are native ones. A sum runs in ascending order
 * within one thread, so that a result has the same bits in any batch.
 */
import type { ArgumentKind, KernelSource } from './device.js';

const element = 'this.thread.x';

/** A function of the elements of `operands` arrays of the same size. */
export function pointwise(name: string, operands: 1 | 2 | 3): KernelSource {
  const names = letters('x', operands);
  return kernel(names, [], `return ${name}(${names.map((x) => `${x}[${element}]`).join(', ')});`);
}

/** Element at `start` + Σ index · stride. Arguments: the array, start, then size and stride of each axis. */
export function strided(rank: number): KernelSource {
  return kernel(['x'], ['start', ...axisNames('k', rank)], `${positionAt('start', rank)} return x[at];`);
}

/** Σ over axes. Arguments: the array, sizes and strides of the axes that stay, then of those that go. */
export function summed(kept: number, gone: number): KernelSource {
  const loops = letters('i', gone);
  const inner = `total = total + x[at + ${loops.map((i, axis) => `${i} * goneStride${axis}`).join(' + ')}];`;
  const body = loops.reduceRight(
    (code, i, axis) => `for (let ${i} = 0; ${i} < goneSize${axis}; ${i}++) { ${code} }`,
    inner,
  );
  return kernel(
    ['x'],
    [...axisNames('k', kept), ...axisNames('gone', gone)],
    `${positionAt('0', kept)} let total = 0; ${body} return total;`,
  );
}

/** Zeros around. Arguments: the array, numbers after the axis, sizes of the axis before and after, zeros before. */
export const padded = kernel(
  ['x'],
  ['inner', 'from', 'to', 'before'],
  `let row = quotient(${element}, inner); let outer = quotient(row, to); let place = row - outer * to - before;
   let value = 0;
   if (place >= 0) { if (place < from) { value = x[(outer * from + place) * inner + ${element} - row * inner]; } }
   return value;`,
);

/** Parts one after another. Arguments: the arrays, then numbers of each in one row. */
export function joined(parts: number): KernelSource {
  const arrays = letters('x', parts);
  const widths = letters('width', parts);
  const picks = arrays.map(
    (x, i) =>
      `if (place >= 0) { if (place < ${widths[i]}) { value = ${x}[outer * ${widths[i]} + place]; } } place = place - ${widths[i]};`,
  );
  return kernel(
    arrays,
    ['total', ...widths],
    `let outer = quotient(${element}, total); let place = ${element} - outer * total; let value = 0;
     ${picks.join('\n')} return value;`,
  );
}

/** Row map(r) of the array. Arguments: array, map, numbers in a row. */
export const gathered = kernel(
  ['x', 'map'],
  ['width'],
  `let row = quotient(${element}, width); let from = whole(map[row]);
   return x[from * width + ${element} - row * width];`,
);

/** Σ of the rows of each target. Arguments: array, offsets, order, numbers in a row. */
export const segmentSummed = kernel(
  ['x', 'offsets', 'order'],
  ['width'],
  `let row = quotient(${element}, width); let column = ${element} - row * width;
   let first = whole(offsets[row]); let rows = whole(offsets[row + 1]) - first; let total = 0;
   for (let i = 0; i < rows; i++) { let from = whole(order[first + i]); total = total + x[from * width + column]; }
   return total;`,
);

/** a[rows, inner] · b with strides of b along inner and columns. Arguments: a, b, columns, inner, both strides. */
export const multiplied = kernel(
  ['a', 'b'],
  ['columns', 'inner', 'innerStride', 'columnStride'],
  `let row = quotient(${element}, columns); let column = ${element} - row * columns; ${dotProduct('column * columnStride')}`,
);

/** The same with a matrix per group of rows. Arguments: a, b, map, rows of an entry, columns, inner, both strides. */
export const multipliedByGroup = kernel(
  ['a', 'b', 'map'],
  ['rows', 'columns', 'inner', 'innerStride', 'columnStride'],
  `let row = quotient(${element}, columns); let column = ${element} - row * columns;
   let entry = quotient(row, rows); let group = whole(map[entry]);
   let start = group * inner * columns + column * columnStride; ${dotProduct('start')}`,
);

/** Σ over rows of a[rows, inner] ⊗ b[rows, columns]. Arguments: a, b, rows, inner, columns. */
export const outerProducts = kernel(
  ['a', 'b'],
  ['rows', 'inner', 'columns'],
  `let k = quotient(${element}, columns); let column = ${element} - k * columns; let total = 0;
   for (let row = 0; row < rows; row++) { total = total + a[row * inner + k] * b[row * columns + column]; }
   return total;`,
);

/** The same over the rows of each group. Arguments: a, b, offsets, order, rows of an entry, inner, columns. */
export const outerProductsByGroup = kernel(
  ['a', 'b', 'offsets', 'order'],
  ['rows', 'inner', 'columns'],
  `let line = quotient(${element}, columns); let column = ${element} - line * columns;
   let group = quotient(line, inner); let k = line - group * inner;
   let first = whole(offsets[group]); let entries = whole(offsets[group + 1]) - first; let total = 0;
   for (let i = 0; i < entries; i++) {
     let start = whole(order[first + i]) * rows;
     for (let j = 0; j < rows; j++) {
       total = total + a[(start + j) * inner + k] * b[(start + j) * columns + column];
     }
   }
   return total;`,
);

/** A kernel that takes arrays, then whole numbers. */
export function kernel(arrays: readonly string[], integers: readonly string[], body: string): KernelSource {
  const kinds: ArgumentKind[] = [...arrays.map(() => 'buffer' as const), ...integers.map(() => 'integer' as const)];
  return { code: `function (${[...arrays, ...integers].join(', ')}) { ${body} }`, kinds };
}

/** `x0, x1, …` */
export function letters(name: string, length: number): string[] {
  return Array.from({ length }, (_, i) => `${name}${i}`);
}

function dotProduct(start: string): string {
  return `let first = row * inner; let total = 0;
    for (let k = 0; k < inner; k++) { total = total + a[first + k] * b[${start} + k * innerStride]; }
    return total;`;
}

function axisNames(name: string, rank: number): string[] {
  return letters(name, rank).flatMap((_, axis) => [`${name}Size${axis}`, `${name}Stride${axis}`]);
}

/** Declares `at`, where the element of this thread lies in a walk of `rank` axes. */
function positionAt(start: string, rank: number): string {
  const lines = ['let rest = this.thread.x;', `let at = ${start === '0' ? 'rest - rest' : start};`];
  for (let axis = rank - 1; axis > 0; axis--) {
    lines.push(`let outer${axis} = quotient(rest, kSize${axis});`);
    lines.push(`at = at + (rest - outer${axis} * kSize${axis}) * kStride${axis}; rest = outer${axis};`);
  }
  lines.push('at = at + rest * kStride0;');
  return lines.join(' ');
}
