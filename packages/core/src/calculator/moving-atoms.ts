/** Where the atoms of several structures are, as the caller says: positions and cells that change in place. */
import { StructureError } from '../errors.js';
import { validateStructure, type Structure } from '../structure/index.js';

/** Where atoms are at some moment. */
export interface Places {
  /** [atoms 3], Å, in the caller's order. */
  readonly positions: Float64Array;
  /** [structures 9], Å; zeros where there is no cell. */
  readonly cells: Float64Array;
}

export class MovingAtoms implements Places {
  readonly positions: Float64Array;
  readonly cells: Float64Array;
  /** First atom of each structure, and the number of atoms [structures + 1]. */
  readonly offsets: Int32Array;

  /** @param of - structures whose positions and cells are those of the beginning */
  constructor(readonly of: readonly Structure[]) {
    this.offsets = new Int32Array(of.length + 1);
    of.forEach(({ numbers }, g) => (this.offsets[g + 1] = this.offsets[g]! + numbers.length));
    this.positions = new Float64Array(3 * this.offsets.at(-1)!);
    this.cells = new Float64Array(9 * of.length);
    of.forEach(({ positions, cell }, g) => {
      this.positions.set(positions, 3 * this.offsets[g]!);
      if (cell) this.cells.set(cell, 9 * g);
    });
  }

  /**
   * Puts atoms elsewhere.
   * @param positions - [atoms 3]
   * @param cells - [structures 9]; of structures without a cell they are not read
   * @throws StructureError, changing nothing
   */
  move(positions: ArrayLike<number>, cells: ArrayLike<number> | undefined): void {
    checkNumbers('positions', positions, this.positions.length, '[atoms 3], Å');
    if (cells) this.#checkCells(cells);
    this.positions.set(positions);
    if (!cells) return;
    this.of.forEach(({ cell }, g) => {
      if (cell) for (let k = 9 * g; k < 9 * g + 9; k++) this.cells[k] = cells[k]!;
    });
  }

  /** Copies. */
  now(): Places {
    return { positions: new Float64Array(this.positions), cells: new Float64Array(this.cells) };
  }

  /** The structures as they are, or were at some moment. */
  structures({ positions, cells }: Places = this): Structure[] {
    return this.of.map((structure, g) => ({
      ...structure,
      positions: positions.slice(3 * this.offsets[g]!, 3 * this.offsets[g + 1]!),
      cell: structure.cell && cells.slice(9 * g, 9 * g + 9),
    }));
  }

  #checkCells(cells: ArrayLike<number>): void {
    const structures = this.of;
    checkNumbers(
      'cells',
      cells,
      9 * structures.length,
      '[structures 9], Å',
      (k) => structures[Math.floor(k / 9)]!.cell !== null,
    );
    structures.forEach((structure, g) => {
      if (!structure.cell) return;
      const cell = Float64Array.from({ length: 9 }, (_, k) => cells[9 * g + k]!);
      // The atoms are checked already.
      validateStructure({ ...structure, numbers: new Int32Array(0), positions: new Float64Array(0), arrays: {}, cell });
    });
  }
}

function checkNumbers(
  what: string,
  values: ArrayLike<number>,
  length: number,
  shape: string,
  isRead: (k: number) => boolean = () => true,
): void {
  const found = (values as ArrayLike<number> | null | undefined)?.length;
  if (found !== length)
    throw new StructureError(
      `update: ${what} have ${found ?? 'no'} values; expected ${length}, ${shape}. Give those of all structures, one after the other.`,
    );
  for (let k = 0; k < length; k++)
    if (!Number.isFinite(values[k]) && isRead(k))
      throw new StructureError(
        `update: ${what}[${k}] = ${String(values[k])} is not a finite number. Check the step that made it; nothing was changed.`,
      );
}
