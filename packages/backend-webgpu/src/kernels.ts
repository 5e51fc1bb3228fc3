/**
 * The kernels. A thread makes one number, or a few in registers; sums run in a fixed order within a thread, so that a result
 * has the same bits in any batch. No atomics.
 */
import { functionsOf } from './elementary.js';
import type { ElementType, Kernel } from './kernel.js';

/** A chain of functions of numbers at the same place of `count` arrays. The statements write to out[index]. */
export function pointwise(count: number, statements: string): Kernel {
  return kernel('pointwise', `${count} ${statements}`, floats(count), [], statements, functionsOf(statements));
}

/** The number at start + Σ index · stride of a walk. Sizes: start, then size and stride of each axis. */
export function strided(rank: number): Kernel {
  return kernel(
    'strided',
    rank,
    floats(1),
    ['start', ...axisNames('size', 'stride', rank)],
    `var rest = index;
     var at = sizes.start;
     ${walk(rank, 'size', 'stride')}
     out[index] = x0[at];`,
  );
}

/** Σ over axes. Sizes: size and stride of each axis that stays, then of each that goes. */
export function summed(kept: number, gone: number): Kernel {
  const loops = Array.from({ length: gone }, (_, i) => `i${i}`);
  const inner = `total = total + x0[at + ${loops.map((i, axis) => `${i} * sizes.goneStride${axis}`).join(' + ')}];`;
  const sums = loops.reduceRight(
    (body, i, axis) => `for (var ${i} = 0u; ${i} < sizes.goneSize${axis}; ${i}++) {\n${body}\n}`,
    inner,
  );
  return kernel(
    'sum',
    `${kept} ${gone}`,
    floats(1),
    [...axisNames('size', 'stride', kept), ...axisNames('goneSize', 'goneStride', gone)],
    `var rest = index;
     var at = 0u;
     ${walk(kept, 'size', 'stride')}
     var total = 0.0;
     ${sums}
     out[index] = total;`,
  );
}

/** Zeros around. Sizes: numbers after the axis, sizes of the axis before and after, zeros before. */
export const padded: Kernel = kernel(
  'pad',
  '',
  floats(1),
  ['inner', 'own', 'whole', 'before'],
  `let row = index / sizes.inner;
   let place = row % sizes.whole;
   let at = (row / sizes.whole * sizes.own + place - sizes.before) * sizes.inner + index % sizes.inner;
   var value = 0.0;
   if (place >= sizes.before && place < sizes.before + sizes.own) { value = x0[at]; }
   out[index] = value;`,
);

/** One part of a concatenation. Sizes: numbers of the part and of the whole in a row, place of the part in it. */
export const placed: Kernel = kernel(
  'concat',
  '',
  floats(1),
  ['width', 'total', 'start'],
  'out[index / sizes.width * sizes.total + sizes.start + index % sizes.width] = x0[index];',
);

/** Row map(r). Arrays: x, targets. Size: numbers in a row. */
export const gathered: Kernel = kernel(
  'gather',
  '',
  ['f32', 'u32'],
  ['width'],
  'out[index] = x0[x1[index / sizes.width] * sizes.width + index % sizes.width];',
);

/** Σ of the rows of each target. Arrays: x, offsets, order. Size: numbers in a row. */
export const segmentSummed: Kernel = kernel(
  'segmentSum',
  '',
  ['f32', 'u32', 'u32'],
  ['width'],
  `let target_ = index / sizes.width;
   let column = index % sizes.width;
   let end = x1[target_ + 1u];
   var total = 0.0;
   for (var i = x1[target_]; i < end; i++) {
     total = total + x0[x2[i] * sizes.width + column];
   }
   out[index] = total;`,
);

/** Rows and columns that a thread of a product makes in registers. */
export const tile = 4;
const parts = [0, 1, 2, 3];

/**
 * a[rows, inner] · b, four rows and four columns a thread. Arrays: a, b. Sizes: rows, columns, inner, and the strides of b
 * along inner and columns.
 */
export const multiplied: Kernel = kernel(
  'matmul',
  '',
  floats(2),
  ['rows', 'columns', 'inner', 'innerStride', 'columnStride'],
  `let across = (sizes.columns + 3u) / 4u;
   let row = 4u * (index / across);
   let column = 4u * (index % across);
   ${parts.map((i) => `let a${i} = min(row + ${i}u, sizes.rows - 1u) * sizes.inner;`).join('\n')}
   ${columnsOf('0u')}
   ${parts.map((i) => `var t${i} = vec4f();`).join('\n')}
   for (var k = 0u; k < sizes.inner; k++) {
     let b = ${fourOf('x1', 'k * sizes.innerStride')};
     ${parts.map((i) => `t${i} += x0[a${i} + k] * b;`).join('\n')}
   }
   ${parts.map((i) => `if (row + ${i}u < sizes.rows) {\n${stored(`(row + ${i}u) * sizes.columns`, `t${i}`)}\n}`).join('\n')}`,
);

/**
 * The same with a matrix for each group of rows, one row and four columns a thread. Arrays: a, b, groups. Sizes: rows of an
 * entry of the map, columns, inner, and the strides of b along inner and columns.
 */
export const multipliedByGroup: Kernel = kernel(
  'matmul-by-group',
  '',
  ['f32', 'f32', 'u32'],
  ['rowsOfEntry', 'columns', 'inner', 'innerStride', 'columnStride'],
  `let across = (sizes.columns + 3u) / 4u;
   let row = index / across;
   let column = 4u * (index % across);
   let matrix = x2[row / sizes.rowsOfEntry] * sizes.inner * sizes.columns;
   ${columnsOf('matrix')}
   var t = vec4f();
   for (var k = 0u; k < sizes.inner; k++) {
     t += x0[row * sizes.inner + k] * ${fourOf('x1', 'k * sizes.innerStride')};
   }
   ${stored('row * sizes.columns', 't')}`,
);

/** Σ over rows of a[rows, inner] ⊗ b[rows, columns], four by four a thread. Arrays: a, b. Sizes: rows, inner, columns. */
export const outerProducts: Kernel = kernel(
  'matmul-tn',
  '',
  floats(2),
  ['rows', 'inner', 'columns'],
  `let across = (sizes.columns + 3u) / 4u;
   let line = 4u * (index / across);
   let column = 4u * (index % across);
   ${tilesOfOuterProduct()}
   for (var row = 0u; row < sizes.rows; row++) {
     ${addOuterProduct('row')}
   }
   ${storeOuterProduct('0u')}`,
);

/** The same over the rows of each group. Arrays: a, b, offsets, order. Sizes: rows of an entry of the map, inner, columns. */
export const outerProductsByGroup: Kernel = kernel(
  'matmul-tn-by-group',
  '',
  ['f32', 'f32', 'u32', 'u32'],
  ['rowsOfEntry', 'inner', 'columns'],
  `let across = (sizes.columns + 3u) / 4u;
   let tiles = across * ((sizes.inner + 3u) / 4u);
   let group = index / tiles;
   let line = 4u * (index % tiles / across);
   let column = 4u * (index % across);
   ${tilesOfOuterProduct()}
   let end = x2[group + 1u];
   for (var i = x2[group]; i < end; i++) {
     for (var j = 0u; j < sizes.rowsOfEntry; j++) {
       let row = x3[i] * sizes.rowsOfEntry + j;
       ${addOuterProduct('row')}
     }
   }
   ${storeOuterProduct('group * sizes.inner * sizes.columns')}`,
);

/**
 * A table of functions of distance, or of their slopes. Arrays: distances, pieces, of each group its first piece, its
 * intervals, where it begins and the length of an interval, both as bits of float32; and with a map its targets. Sizes: functions, and
 * the cutoff as bits of float32.
 */
export function tabulated(terms: number, order: 0 | 1, byGroup: boolean): Kernel {
  const weights: string[] = [];
  for (let k = order + 1; k < terms; k++) {
    const power = k === order + 1 ? 'x' : `p${k - 1} * x`;
    weights.push(`let p${k} = ${power};`);
  }
  const sum = weights
    .map((_, i) => {
      const k = order + 1 + i;
      return `change = change + ${order === 0 ? '' : `${k}.0 * `}p${k} * x1[at + ${k - order}u * sizes.functions];`;
    })
    .join('\n');
  return kernel(
    'table',
    `${terms} ${order} ${byGroup}`,
    byGroup ? ['f32', 'f32', 'u32', 'u32'] : ['f32', 'f32', 'u32'],
    ['functions', 'cutoffBits'],
    `let row = index / sizes.functions;
     let group = 4u * ${byGroup ? 'x3[row]' : '0u'};
     let length = bitcast<f32>(x2[group + 3u]);
     let distance = x0[row] - bitcast<f32>(x2[group + 2u]);
     let interval = min(u32(max(floor(distance / length), 0.0)), x2[group + 1u] - 1u);
     let x = distance - (f32(interval) + 0.5) * length;
     let piece = (x2[group] + interval) * ${terms}u + ${order}u;
     let at = piece * sizes.functions + index % sizes.functions;
     ${weights.join('\n')}
     var change = 0.0;
     ${sum}
     out[index] = select(x1[at] + change, 0.0, x0[row] >= bitcast<f32>(sizes.cutoffBits));`,
  );
}

/** One kernel for a number of arrays of given types. */
export function kernel(
  name: string,
  variant: string | number,
  arrays: readonly ElementType[],
  sizes: readonly string[],
  text: string,
  functions?: string,
): Kernel {
  return { name, key: `${name} ${variant}`, arrays, sizes, body: () => text, ...(functions && { functions }) };
}

export function floats(count: number): ElementType[] {
  return Array<ElementType>(count).fill('f32');
}

function axisNames(size: string, stride: string, rank: number): string[] {
  return Array.from({ length: rank }, (_, axis) => [`${size}${axis}`, `${stride}${axis}`]).flat();
}

/** Adds to `at` the place of element `rest` of a walk. */
function walk(rank: number, size: string, stride: string): string {
  const lines: string[] = [];
  for (let axis = rank - 1; axis > 0; axis--) {
    lines.push(`at = at + rest % sizes.${size}${axis} * sizes.${stride}${axis};`);
    lines.push(`rest = rest / sizes.${size}${axis};`);
  }
  lines.push(`at = at + rest * sizes.${stride}0;`);
  return lines.join('\n');
}

/** Where four columns of b begin; beyond the last one it is read again, and not stored. */
function columnsOf(start: string): string {
  return parts
    .map((j) => `let b${j} = ${start} + min(column + ${j}u, sizes.columns - 1u) * sizes.columnStride;`)
    .join('\n');
}

function fourOf(array: string, offset: string): string {
  return `vec4f(${parts.map((j) => `${array}[b${j} + ${offset}]`).join(', ')})`;
}

function stored(start: string, value: string): string {
  return parts
    .map((j) => `if (column + ${j}u < sizes.columns) { out[${start} + column + ${j}u] = ${value}[${j}]; }`)
    .join('\n');
}

function tilesOfOuterProduct(): string {
  return [
    ...parts.map((i) => `let a${i} = min(line + ${i}u, sizes.inner - 1u);`),
    ...parts.map((j) => `let b${j} = min(column + ${j}u, sizes.columns - 1u);`),
    ...parts.map((i) => `var t${i} = vec4f();`),
  ].join('\n');
}

function addOuterProduct(row: string): string {
  return [
    `let b = ${fourOf('x1', `${row} * sizes.columns`)};`,
    ...parts.map((i) => `t${i} += x0[${row} * sizes.inner + a${i}] * b;`),
  ].join('\n');
}

function storeOuterProduct(start: string): string {
  return parts
    .map((i) => `if (line + ${i}u < sizes.inner) {\n${stored(`${start} + (line + ${i}u) * sizes.columns`, `t${i}`)}\n}`)
    .join('\n');
}
