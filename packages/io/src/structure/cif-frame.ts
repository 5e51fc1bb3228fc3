/**
 * What a CIF block says twice of where its atoms are: Cartesian beside fractional coordinates, and the matrix between both beside the cell.
 *
 * Cartesian axes may be laid in any way unless the matrix says how, so pairs of coordinates are compared by distances.
 */
import { inverseCell, timesMatrix } from './cell-parameters.js';
import { isUnknown, type CifEntries } from './cif-entries.js';

/** Å: more than rounding of both makes. */
const placeTolerance = 0.02;
/** Relative to an axis. */
const matrixTolerance = 0.005;
/** As for SCALE in PDB files: beyond it the axes are others, not only their digits. */
export const frameTolerance = 0.02;

/**
 * Warnings about statements that differ. Throws FormatError where Cartesian coordinates are read and the file's matrix lays the axes of
 * the cell otherwise than they are laid here: images would stand in wrong places.
 */
export function frameWarnings(entries: CifEntries, cell: Float64Array, isCartesian: boolean): string[] {
  if (isCartesian) {
    const other = otherFrame(entries, cell);
    if (other !== undefined) entries.fail(other.line, other.problem);
    return [];
  }
  const warnings: string[] = [];
  const frame = frameOf(entries);
  if (frame !== undefined && !haveSameLengths(frame.cell, cell))
    warnings.push(`line ${frame.line}: ${frame.tag} is not that of the cell, which was taken`);
  return [...warnings, ...differingPlaces(entries, cell, 'fractional')];
}

/** A warning where atoms have both kinds of coordinates, and these differ; `taken` are those that are read. */
export function differingPlaces(entries: CifEntries, cell: Float64Array, taken: 'fractional' | 'Cartesian'): string[] {
  const row = differingRow(entries, cell);
  return row === undefined
    ? []
    : [
        `line ${row}: Cartesian coordinates of atoms are not those that the fractional ones give; the ${taken} ones were taken`,
      ];
}

/** The matrix of the file where it lays the axes otherwise than they are laid here, and what to do. */
export function otherFrame(
  entries: CifEntries,
  cell: Float64Array,
  tolerance = matrixTolerance,
): { line: number; problem: string } | undefined {
  const frame = frameOf(entries);
  if (frame === undefined) return undefined;
  const { tag, line, shift } = frame;
  if (areSameAxes(frame.cell, cell, tolerance) && shift.every((x) => Math.abs(x) < placeTolerance)) return undefined;
  const problem = `${tag} lays the axes otherwise than the cell implies (a along x, b in the xy plane, no shift). Give fractional coordinates, or correct the matrix or the cell.`;
  return { line, problem };
}

interface Frame {
  readonly tag: string;
  readonly line: number;
  /** Rows, Å [3 3]. */
  readonly cell: Float64Array;
  readonly shift: readonly number[];
}

/** The axes by the matrix that the file gives, by its dictionary or the other; undefined where none is whole. */
function frameOf(entries: CifEntries): Frame | undefined {
  for (const [matrix, vector, isInverse] of [
    ['atom_sites_cartn_tran_matrix_', 'atom_sites_cartn_tran_vector_', false],
    ['atom_sites.cartn_transf_matrix', 'atom_sites.cartn_transf_vector', false],
    ['atom_sites_fract_tran_matrix_', 'atom_sites_fract_tran_vector_', true],
    ['atom_sites.fract_transf_matrix', 'atom_sites.fract_transf_vector', true],
  ] as const) {
    const index = (...at: number[]): string => (matrix.endsWith('_') ? at.join('') : at.map((i) => `[${i}]`).join(''));
    const rows = [1, 2, 3].flatMap((j) => [1, 2, 3].map((i) => entries.at(matrix + index(i, j), 0)));
    const [first] = rows;
    if (first === undefined || rows.includes(undefined)) continue;
    // Transposed: rows are axes here, columns in the dictionaries.
    const read = Float64Array.from(rows, (value) => (value ? entries.measured(value, `_${matrix}`) : 0));
    // Zeros stand for "no crystal".
    if (read.every((value) => value === 0)) continue;
    const shift = [1, 2, 3].map((i) => {
      const value = entries.at(vector + index(i), 0);
      return value === undefined ? 0 : entries.measured(value, `_${vector}`);
    });
    const cell = isInverse ? inverseCell(read, entries.source) : read;
    const [u = 0, v = 0, w = 0] = shift;
    return {
      tag: `_${matrix.replace(/_$/, '')}`,
      line: first.line,
      cell,
      shift: isInverse ? timesMatrix(u, v, w, cell) : shift,
    };
  }
  return undefined;
}

function areSameAxes(first: Float64Array, second: Float64Array, tolerance: number): boolean {
  return [0, 3, 6].every((row) => {
    const [a, b] = [first, second].map((cell) => cell.subarray(row, row + 3)) as [Float64Array, Float64Array];
    return Math.hypot(...a.map((x, i) => x - (b[i] ?? 0))) <= tolerance * Math.hypot(...b);
  });
}

/** Whether axes and their sums are as long in both. */
function haveSameLengths(first: Float64Array, second: Float64Array): boolean {
  const ways = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 1, 0],
    [1, 0, 1],
    [0, 1, 1],
  ] as const;
  return ways.every(([u, v, w]) => {
    const [a, b] = [first, second].map((cell) => Math.hypot(...timesMatrix(u, v, w, cell))) as [number, number];
    return Math.abs(a - b) <= matrixTolerance * b;
  });
}

/** The line of an atom that is nearer to the first atom, or farther, by one kind of coordinates than by the other. */
function differingRow(entries: CifEntries, cell: Float64Array): number | undefined {
  const places = (kind: string): (number[] | undefined)[] => {
    const columns = ['x', 'y', 'z'].map((axis) => entries.column(`atom_site.${kind}_${axis}`));
    return (columns[0] ?? []).map((_, row) => {
      const values = columns.map((column) => column?.[row]);
      return values.some((value) => isUnknown(value))
        ? undefined
        : values.map((value) => (value ? entries.measured(value, 'a coordinate of an atom') : 0));
    });
  };
  const cartesian = places('cartn');
  if (cartesian.length === 0) return undefined;
  const fractional = places('fract').map((place) => {
    const [u = 0, v = 0, w = 0] = place ?? [];
    return place && timesMatrix(u, v, w, cell);
  });
  const pairs = cartesian.flatMap((given, row) => {
    const built = fractional[row];
    return given && built ? [{ given, built, row }] : [];
  });
  const between = (a: readonly number[], b: readonly number[]): number =>
    Math.hypot(...a.map((x, i) => x - (b[i] ?? 0)));
  // With one atom only its way from the origin is left.
  const origin = { given: [0, 0, 0], built: [0, 0, 0] };
  const from = pairs.length > 1 ? (pairs[0] ?? origin) : origin;
  const other = pairs.find(
    ({ given, built }) => Math.abs(between(given, from.given) - between(built, from.built)) > placeTolerance,
  );
  return other && entries.column('atom_site.cartn_x')?.[other.row]?.line;
}
