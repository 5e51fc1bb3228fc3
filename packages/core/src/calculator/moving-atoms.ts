/** Where the atoms of several structures are, in the order of computation; the caller moves them in an order of their own. */
import { StructureError } from '../errors.js';
import { permuteRows, validateStructure, type Structure } from '../structure/index.js';

/** What does not change while atoms move. */
export interface AtomsToMove {
  /** As the caller gave them. */
  readonly structures: readonly Structure[];
  /** For each structure, which atom of the caller is computed in each place. */
  readonly orders: readonly Int32Array[];
  /** First atom of each structure, and the number of atoms [structures + 1]. */
  readonly offsets: Int32Array;
}

export class MovingAtoms {
  /** Positions [atoms 3] in the order of computation, and cells [structures 9], zeros where there is none. */
  readonly positions: Float64Array;
  readonly cells: Float64Array;
  #moves = 0;

  constructor(readonly of: AtomsToMove) {
    const { structures, orders, offsets } = of;
    this.positions = new Float64Array(3 * offsets.at(-1)!);
    this.cells = new Float64Array(9 * structures.length);
    structures.forEach(({ positions, cell }, g) => {
      this.positions.set(permuteRows(positions, orders[g]!), 3 * offsets[g]!);
      if (cell) this.cells.set(cell, 9 * g);
    });
  }

  /** How often atoms were put elsewhere. */
  get moves(): number {
    return this.#moves;
  }

  /**
   * Puts atoms elsewhere.
   * @param positions - [atoms 3] in the caller's order
   * @param cells - [structures 9]; of structures without a cell they are not read
   * @throws StructureError, changing nothing
   */
  move(positions: ArrayLike<number>, cells: ArrayLike<number> | undefined): void {
    const { structures, orders, offsets } = this.of;
    checkNumbers('positions', positions, this.positions.length, '[atoms 3], Å');
    if (cells) this.#checkCells(cells);
    this.#moves++;
    orders.forEach((order, g) => {
      const first = offsets[g]!;
      for (let place = 0; place < order.length; place++) {
        const [to, from] = [3 * (first + place), 3 * (first + order[place]!)];
        this.positions[to] = positions[from]!;
        this.positions[to + 1] = positions[from + 1]!;
        this.positions[to + 2] = positions[from + 2]!;
      }
      if (cells && structures[g]!.cell) for (let k = 9 * g; k < 9 * g + 9; k++) this.cells[k] = cells[k]!;
    });
  }

  /** The structures as they are now, in the caller's order of atoms. */
  structures(): Structure[] {
    const { structures, orders, offsets } = this.of;
    return structures.map((structure, g) => {
      const own = new Float64Array(structure.positions.length);
      const first = 3 * offsets[g]!;
      orders[g]!.forEach((atom, place) => {
        for (let axis = 0; axis < 3; axis++) own[3 * atom + axis] = this.positions[first + 3 * place + axis]!;
      });
      return {
        ...structure,
        positions: own,
        cell: structure.cell && this.cells.slice(9 * g, 9 * g + 9),
      };
    });
  }

  #checkCells(cells: ArrayLike<number>): void {
    const { structures } = this.of;
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
  if (values.length !== length)
    throw new StructureError(
      `update: ${what} have ${values.length} values; expected ${length}, ${shape}. Give those of all structures, one after the other.`,
    );
  for (let k = 0; k < length; k++)
    if (!Number.isFinite(values[k]) && isRead(k))
      throw new StructureError(
        `update: ${what}[${k}] = ${String(values[k])} is not a finite number. Check the step that made it; nothing was changed.`,
      );
}
