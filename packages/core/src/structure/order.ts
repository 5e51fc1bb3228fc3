/**
 * An order of the atoms that keeps neighbors close in memory: along a space-filling curve of small spatial cells, then by element.
 *
 * It depends on the structure only. A permutation is an array `order` with `order[new] = old`; whoever applies one undoes it on every
 * per-atom output with `restoreRows`.
 */
import { ShapeError } from '../errors.js';
import { makeFrame } from './frame.js';
import { indexMapValues } from '../backend/index-maps.js';
import type { AtomArray, Structure } from './structure.js';
import { validateStructure } from './validate.js';

/**
 * Order of the atoms [atoms] by spatial cell (Morton curve), element, and index. `size` is the edge of a spatial cell, Å.
 * @throws StructureError for a structure that `validateStructure` refuses.
 */
export function atomOrder(structure: Structure, size = 4): Int32Array {
  validateStructure(structure);
  const atoms = structure.numbers.length;
  const { basis, fractions } = makeFrame(structure);
  const counts = [0, 1, 2].map((k) => {
    const length = Math.hypot(basis[3 * k]!, basis[3 * k + 1]!, basis[3 * k + 2]!);
    return Math.max(1, Math.min(1024, Math.ceil(length / size)));
  });
  const curve = new Int32Array(atoms);
  for (let atom = 0; atom < atoms; atom++) {
    let code = 0;
    for (let k = 0; k < 3; k++) {
      const place = Math.min(counts[k]! - 1, Math.floor(fractions[3 * atom + k]! * counts[k]!));
      code |= spread(place) << k;
    }
    curve[atom] = code;
  }
  // Least significant key first; every pass is stable.
  const bits = Math.ceil(Math.log2(Math.max(...counts)));
  const digit = 1 << Math.min(15, Math.max(1, 3 * bits));
  let order = indexMapValues(structure.numbers, 119).order;
  order = compose(
    order,
    indexMapValues(
      order.map((atom) => curve[atom]! % digit),
      digit,
    ).order,
  );
  if (3 * bits > 15)
    order = compose(
      order,
      indexMapValues(
        order.map((atom) => curve[atom]! >>> 15),
        1 << 15,
      ).order,
    );
  return order;
}

/** Inverse of a permutation [rows]: where each old row went. @throws ShapeError when it is not a permutation. */
export function inversePermutation(order: Int32Array): Int32Array {
  const inverse = new Int32Array(order.length).fill(-1);
  for (let row = 0; row < order.length; row++) {
    const old = order[row]!;
    if (!(old >= 0 && old < order.length) || inverse[old] !== -1) {
      throw new ShapeError(
        `Not a permutation. Expected every row from 0 to ${order.length - 1} once, found ${old} at ${row}. Use the result of atomOrder.`,
      );
    }
    inverse[old] = row;
  }
  return inverse;
}

/** Rows of `values` [rows columns] in a new order: row `k` of the result is row `order[k]`. */
export function permuteRows<T extends Float64Array | Float32Array | Int32Array>(values: T, order: Int32Array): T {
  const columns = columnsOf(values.length, order.length);
  const result = new (values.constructor as new (length: number) => T)(values.length);
  for (let row = 0; row < order.length; row++) {
    const from = order[row]! * columns;
    for (let column = 0; column < columns; column++) result[row * columns + column] = values[from + column]!;
  }
  return result;
}

/** Undoes `permuteRows`: row `order[k]` of the result is row `k` of `values` [rows columns]. */
export function restoreRows<T extends Float64Array | Float32Array | Int32Array>(values: T, order: Int32Array): T {
  return permuteRows(values, inversePermutation(order));
}

/** The structure with its atoms, and all per-atom arrays, in a new order. */
export function permuteStructure(structure: Structure, order: Int32Array): Structure {
  const arrays: Record<string, AtomArray> = {};
  for (const [name, array] of Object.entries(structure.arrays)) {
    const values =
      array.values instanceof Float64Array
        ? permuteRows(array.values, order)
        : permuteList(array.values, order, array.columns);
    arrays[name] = { ...array, values };
  }
  return {
    ...structure,
    numbers: permuteRows(structure.numbers, order),
    positions: permuteRows(structure.positions, order),
    arrays,
  };
}

function permuteList(
  values: readonly string[] | readonly boolean[],
  order: Int32Array,
  columns: number,
): string[] | boolean[] {
  return Array.from(order, (old) => values.slice(old * columns, (old + 1) * columns)).flat() as string[] | boolean[];
}

function columnsOf(values: number, rows: number): number {
  if (rows === 0 ? values === 0 : values % rows === 0) return rows === 0 ? 0 : values / rows;
  throw new ShapeError(
    `Wrong length of an array of rows. Expected a multiple of ${rows}, found ${values}. Give all columns of every row.`,
  );
}

function compose(order: Int32Array, next: Int32Array): Int32Array {
  return next.map((row) => order[row]!);
}

/** The ten low bits of a number, two zeros between each. */
function spread(value: number): number {
  let bits = value & 0x3ff;
  bits = (bits | (bits << 16)) & 0x030000ff;
  bits = (bits | (bits << 8)) & 0x0300f00f;
  bits = (bits | (bits << 4)) & 0x030c30c3;
  return (bits | (bits << 2)) & 0x09249249;
}
