/** CRYST1 and what else of a PDB file says how its atoms are repeated: the cell, its space group, operations of REMARK 290. */
import { cellOfParameters, inverseCell } from './cell-parameters.js';
import { operationsOfHall } from './hall-symbol.js';
import type { CrystalSymmetry, Surroundings } from './macromolecule.js';
import { isRest, isRigid, type Motion } from './noncrystal-copies.js';
import { settingsNamed, uniqueAxisB } from './space-groups.js';
import { areSameOperations, distinctOperations, isClosed, keepsCell, strainWarning } from './symmetry-group.js';
import { parseOperation, type Operation } from './symmetry-operations.js';
import { failAt, finiteReal, quoted } from './text.js';

const parameterColumns = [
  [6, 15],
  [15, 24],
  [24, 33],
  [33, 40],
  [40, 47],
  [47, 54],
] as const;

/** SCALE has six decimals, and CRYST1 three. */
const scaleTolerance = 0.002;
/** Beyond it the axes are others, not only their digits. */
const frameTolerance = 0.02;
const scaleDigits = 2e-6;

/** Collects the records; `result` is asked for at the end of each model. */
export class PdbCrystal {
  private cell: Float64Array | null = null;
  private group = '';
  private line = 0;
  /** Rows of SMTRY operations, Cartesian: three rotations and a translation, Å. */
  private readonly rows: number[][] = [];

  /** Operations of REMARK 290 as `-X,Y+1/2,-Z`. */
  private readonly symbols: Operation[] = [];

  /** Rows of MTRIX whose copies are not in the file. */
  private readonly copyRows: number[][] = [];

  private readonly scale: { readonly row: number; readonly values: readonly number[] }[] = [];

  constructor(private readonly source: string) {}

  /** True for a record that says something about the crystal. Throws FormatError. */
  take(record: string, line: string, number: number): boolean {
    if (record === 'CRYST1') this.takeCell(line, number);
    else if (/^REMARK 290 +SMTRY[123] /.test(line)) this.takeOperation(line, number);
    else if (/^REMARK 290 +\d+ +\S+,\S+,\S+ *$/.test(line)) this.takeSymbols(line, number);
    else if (/^MTRIX[123]$/.test(record)) this.takeCopy(line, number);
    else if (/^SCALE[123]$/.test(record)) this.takeScale(line, number);
    else return false;
    return true;
  }

  /** The cell, and the symmetry where it is more than P 1. Throws FormatError for a group that is not known. */
  result(): Surroundings {
    const cell = this.cell;
    const isScaled = cell === null || this.fitsScale(cell, scaleTolerance);
    const warnings = isScaled ? [] : ['SCALE is not that of the cell of CRYST1, which was taken'];
    const symmetry = cell === null ? undefined : this.symmetry(cell);
    if (symmetry?.note !== undefined) warnings.push(symmetry.note);
    if (cell !== null && this.group === '' && symmetry === undefined)
      warnings.push('CRYST1 names no space group: its atoms were taken for all of the cell (P 1)');
    const strain = cell === null || symmetry === undefined ? undefined : strainWarning(symmetry.operations, cell);
    if (strain !== undefined) warnings.push(strain);
    if (cell !== null && symmetry !== undefined && !this.fitsScale(cell, frameTolerance))
      this.fail('SCALE is not that of the cell of CRYST1. Correct one of them: without it images cannot be placed.');
    return { cell, symmetry, copies: this.copies(), warnings };
  }

  private symmetry(cell: Float64Array): (CrystalSymmetry & { readonly note?: string }) | undefined {
    const { group } = this;
    const listed = this.listedOperations(cell);
    if (/^P ?1$/.test(group) && listed !== undefined && listed.length > 1)
      this.fail(
        `CRYST1 names space group ${quoted(group)}, REMARK 290 lists ${listed.length} operations. Correct one of them.`,
      );
    if ((group === '' && (listed?.length ?? 1) === 1) || /^P ?1$/.test(group)) return undefined;
    const named = settingsNamed(group)
      .map(({ name, hall }) => ({ name, operations: operationsOfHall(hall) ?? [] }))
      .filter(({ operations }) => operations.every((operation) => keepsCell(operation, cell)));
    if (listed !== undefined) {
      const isAnother = named.length > 0 && !named.some(({ operations }) => areSameOperations(operations, listed));
      if (isAnother)
        this.fail(
          `CRYST1 names space group ${quoted(group)}, REMARK 290 lists ${listed.length} other operations. Correct one of them.`,
        );
      return { name: group || 'of REMARK 290', operations: listed };
    }
    const [only] = named;
    if (only !== undefined && named.length === 1) return only;
    const standard = named[uniqueAxisB(named.map(({ name }) => name)) ?? -1];
    if (standard !== undefined) {
      const open = `the space group ${quoted(group)} of CRYST1 leaves its axes open`;
      return { ...standard, note: `${open}; ${standard.name} was taken, its standard setting (unique axis b)` };
    }
    const problem =
      named.length > 1
        ? `leaves its origin or axes open: ${named.map(({ name }) => name).join(' or ')}`
        : settingsNamed(group).length > 0
          ? 'does not fit the cell'
          : 'is not known here';
    this.fail(
      `the space group ${quoted(group)} of CRYST1 ${problem}. Write a full symbol such as P 1 21/c 1 (or F d -3 m:2), add REMARK 290 with the operations, or write P 1 if all atoms of the cell are listed.`,
    );
  }

  /** SCALE turns Å into fractions; old files have other axes than CRYST1 implies. */
  private fitsScale(cell: Float64Array, tolerance: number): boolean {
    const inverse = inverseCell(cell, this.source);
    return this.scale.every(({ row, values }) =>
      values.every((value, axis) => {
        const expected = axis < 3 ? (inverse[3 * axis + row] ?? 0) : 0;
        const size = axis < 3 ? Math.hypot(inverse[row] ?? 0, inverse[3 + row] ?? 0, inverse[6 + row] ?? 0) : 1;
        return Math.abs(value - expected) <= tolerance * size + scaleDigits;
      }),
    );
  }

  private takeScale(line: string, number: number): void {
    const values = [10, 20, 30, 45].map((from) =>
      finiteReal(line.slice(from, from + 10).trim(), 'an entry of SCALE', this.source, number),
    );
    // Zeros stand for "no crystal", as in CRYST1.
    if (values.some((value) => value !== 0)) this.scale.push({ row: Number(line.charAt(5)) - 1, values });
  }

  /** Motions that make the copies which the file leaves out. Throws FormatError. */
  private copies(): Motion[] {
    if (this.copyRows.length % 3 !== 0)
      this.fail('MTRIX has copies of which a row is missing. Complete or remove them.');
    const motions = this.copyRows.flatMap((_, row) => (row % 3 === 0 ? [this.copyRows.slice(row, row + 3)] : []));
    if (!motions.every(isRigid))
      this.fail('a matrix of MTRIX is no rotation: its copy would be distorted. Correct or remove it.');
    return motions.filter((motion) => !isRest(motion));
  }

  private takeCell(line: string, number: number): void {
    const parameters = parameterColumns.map(([from, to]) =>
      finiteReal(line.slice(from, to).trim(), 'a cell parameter of CRYST1', this.source, number),
    );
    // The unit cube and zeros stand for "no crystal" (wwPDB format 3.3, section 8).
    const isDummy =
      parameters.every((value, index) => value === (index < 3 ? 1 : 90)) ||
      parameters.slice(0, 3).every((value) => value === 0);
    this.cell = isDummy ? null : cellOfParameters(parameters, `${this.source} line ${number}`);
    this.group = groupOf(line);
    this.line = number;
  }

  private takeOperation(line: string, number: number): void {
    const values = line
      .slice(23)
      .trim()
      .split(/\s+/)
      .map((text) => finiteReal(text, 'an entry of SMTRY', this.source, number));
    if (values.length !== 4)
      failAt(
        this.source,
        number,
        `this operation has ${values.length} entries. Expected three of the rotation and the translation.`,
      );
    this.rows.push(values);
  }

  /** The operations of REMARK 290 in fractional coordinates; undefined when there are none. */
  private listedOperations(cell: Float64Array): Operation[] | undefined {
    if (this.rows.length === 0) return this.symbols.length === 0 ? undefined : this.closed(this.symbols);
    if (this.rows.length % 3 !== 0)
      this.fail('REMARK 290 has operations of which a row is missing. Complete or remove it.');
    const inverse = inverseCell(cell, this.source);
    const at = (matrix: Float64Array, i: number, j: number): number => matrix[3 * i + j] ?? 0;
    const operations: Operation[] = [];
    for (let first = 0; first < this.rows.length; first += 3) {
      const operation = new Float64Array(12);
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          let sum = 0;
          for (let x = 0; x < 3; x++)
            for (let y = 0; y < 3; y++) sum += at(inverse, x, i) * (this.rows[first + x]?.[y] ?? 0) * at(cell, j, y);
          operation[3 * i + j] = Math.round(sum);
        }
        const shift = [0, 1, 2].reduce((sum, x) => sum + at(inverse, x, i) * (this.rows[first + x]?.[3] ?? 0), 0);
        operation[9 + i] = Math.round(24 * shift) / 24;
      }
      operations.push(operation);
    }
    const listed = this.closed(operations);
    if (this.symbols.length > 0 && !areSameOperations(listed, distinctOperations(this.symbols)))
      this.fail('REMARK 290 has other operations as symbols than as SMTRY matrices. Correct or remove one list.');
    return listed;
  }

  private closed(operations: readonly Operation[]): Operation[] {
    const distinct = distinctOperations(operations);
    if (!isClosed(distinct)) this.fail('the operations of REMARK 290 are no group. Correct or remove them.');
    return distinct;
  }

  private takeSymbols(line: string, number: number): void {
    this.symbols.push(parseOperation(line.trim().split(/\s+/).at(-1) ?? '', this.source, number));
  }

  /** Column 60 says that the atoms of a copy are in the file. */
  private takeCopy(line: string, number: number): void {
    if (line.charAt(59) === '1') return;
    const values = [10, 20, 30, 45].map((from) =>
      finiteReal(line.slice(from, from + 10).trim(), 'an entry of MTRIX', this.source, number),
    );
    this.copyRows.push(values);
  }

  private fail(message: string): never {
    failAt(this.source, this.line, message);
  }
}

/** Columns 56-66, and beyond them where a long symbol such as `P 2(1)2(1)2(1)` has moved Z: never a part of it. */
function groupOf(line: string): string {
  const isLong = /^\S\S/.test(line.slice(65));
  return isLong
    ? line
        .slice(54, 72)
        .trim()
        .replace(/\s+\d+$/, '')
    : line.slice(54, 66).trim();
}
