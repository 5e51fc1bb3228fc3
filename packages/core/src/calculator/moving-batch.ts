/**
 * A batch whose atoms move: the list of edges reaches a little farther than the cutoff and serves until an atom could have come nearer
 * than the list knows; edge vectors are made anew in place.
 */
import { StructureError } from '../errors.js';
import { cellInverse, completeCell, coincidence, edgeVectorsInto } from '../structure/index.js';
import type { Batch } from './batch.js';
import { MovingAtoms, type Places } from './moving-atoms.js';

export class MovingBatch {
  /** Positions [atoms 3] in the order of computation, and cells [structures 9], zeros where there is none. */
  readonly positions: Float64Array;
  readonly cells: Float64Array;
  /** What the list was made of. */
  readonly #listed: { readonly positions: Float64Array; readonly cells: Float64Array; readonly shortest: Float64Array };
  /** Of each structure: square of the shortest edge when edge vectors were made last, Å². */
  #shortest: Float64Array;
  /** Whether edge vectors are those of the positions. */
  #isFilled = true;
  /** Of each structure, as `isListed` found it last: how much the cell shortens distances at most, and how far an atom has gone, Å. */
  readonly #strains: Float64Array;
  readonly #ways: Float64Array;

  constructor(
    readonly batch: Batch,
    /** Å: up to where edges may count. */
    readonly reach: number,
    readonly skin: number,
  ) {
    const { structures, edges } = batch;
    this.positions = new Float64Array(3 * edges.atoms);
    this.cells = new Float64Array(9 * structures.length);
    this.put(new MovingAtoms(structures));
    this.#strains = new Float64Array(structures.length).fill(1);
    this.#ways = new Float64Array(structures.length);
    this.#shortest = this.#fill();
    this.#listed = { positions: this.positions.slice(), cells: this.cells.slice(), shortest: this.#shortest };
  }

  /** Puts atoms where they are said to be, in the caller's order. */
  put({ positions, cells }: Places): void {
    const { orders, edges } = this.batch;
    let isMoved = cells.some((value, k) => value !== this.cells[k]);
    orders.forEach((order, g) => {
      const first = edges.graph.offsets[g]!;
      for (let place = 0; place < order.length; place++) {
        const [to, from] = [3 * (first + place), 3 * (first + order[place]!)];
        const [x, y, z] = [positions[from]!, positions[from + 1]!, positions[from + 2]!];
        isMoved ||= x !== this.positions[to] || y !== this.positions[to + 1] || z !== this.positions[to + 2];
        this.positions[to] = x;
        this.positions[to + 1] = y;
        this.positions[to + 2] = z;
      }
    });
    this.cells.set(cells);
    if (isMoved) this.#isFilled = false;
  }

  /**
   * Whether the list has every pair within the cutoff. A cell that has changed from C to C' strains distances by F = C⁻¹C', none by less
   * than its smallest singular value s; beside that atoms have moved by u. A pair that is not listed is at s·(reach + skin) − 2u at least.
   */
  isListed(): boolean {
    const { structures, edges } = this.batch;
    return structures.every(({ cell }, g) => {
      const strain = cell ? this.#strain(g) : null;
      const least = strain === null ? 1 : 1 / (1 + strain.farFromOne);
      const room = (least * (this.reach + this.skin) - this.reach) / 2;
      const [from, to] = [edges.graph.offsets[g]!, edges.graph.offsets[g + 1]!];
      const way = Math.sqrt(this.#farthest(from, to, strain?.matrix));
      this.#strains[g] = least;
      this.#ways[g] = way;
      // A little less than it may be, for rounding.
      return room >= 0 && way <= room * (1 - 1e-9);
    });
  }

  /**
   * How near atoms are by now, for a batch that `isListed`. Makes edge vectors for that, unless all structures are known to have none
   * nearer than `enough`, Å.
   * @returns for each structure the square of its shortest edge, Å², or what it is not less than
   * @throws StructureError for two atoms in one place
   */
  shortest(enough = Infinity): Float64Array {
    if (this.#isFilled) return this.#shortest;
    const atLeast = this.#listed.shortest.map(
      (squared, g) => Math.max(0, this.#strains[g]! * Math.sqrt(squared) - 2 * this.#ways[g]!) ** 2,
    );
    if (atLeast.every((squared) => squared > enough ** 2)) return atLeast;
    return (this.#shortest = this.#fill());
  }

  /** Makes the edge vectors of the batch anew. */
  #fill(): Float64Array {
    const { structures, edges, orders } = this.batch;
    const shortest = new Float64Array(structures.length).fill(Infinity);
    for (let g = 0; g < structures.length; g++) {
      shortest[g] = edgeVectorsInto(
        edges.vectors,
        this.positions,
        this.cells.subarray(9 * g, 9 * g + 9),
        { sender: edges.sender.values, receiver: edges.receiver.values, shifts: edges.shifts },
        edges.edgeOffsets[g]!,
        edges.edgeOffsets[g + 1]!,
      );
      if (!(shortest[g]! >= coincidence ** 2)) this.#refuseCoincidence(g, orders[g]!);
    }
    this.#isFilled = true;
    return shortest;
  }

  /** F = C⁻¹C', row vectors; null where the cell is as it was. */
  #strain(g: number): { readonly matrix: Float64Array; readonly farFromOne: number } | null {
    const [before, now] = [this.#listed.cells, this.cells].map((all) => all.subarray(9 * g, 9 * g + 9)) as [
      Float64Array,
      Float64Array,
    ];
    if (now.every((value, k) => value === before[k])) return null;
    // A row of a direction that is not periodic may be anything.
    const { pbc } = this.batch.structures[g]!;
    const [from, to] = [completeCell(before, pbc), completeCell(now, pbc)];
    const matrix = times(cellInverse(from), to);
    const back = times(cellInverse(to), from);
    return { matrix, farFromOne: Math.hypot(...back.map((value, k) => value - (k % 4 === 0 ? 1 : 0))) };
  }

  /** Square of the longest way of an atom since the list was made, what the cell did left out, Å². */
  #farthest(from: number, to: number, strain: Float64Array | undefined): number {
    const [now, before] = [this.positions, this.#listed.positions];
    let farthest = 0;
    for (let at = 3 * from; at < 3 * to; at += 3) {
      let [x, y, z] = [before[at]!, before[at + 1]!, before[at + 2]!];
      if (strain) {
        const [a, b, c] = [x, y, z];
        x = a * strain[0]! + b * strain[3]! + c * strain[6]!;
        y = a * strain[1]! + b * strain[4]! + c * strain[7]!;
        z = a * strain[2]! + b * strain[5]! + c * strain[8]!;
      }
      const [dx, dy, dz] = [now[at]! - x, now[at + 1]! - y, now[at + 2]! - z];
      farthest = Math.max(farthest, dx * dx + dy * dy + dz * dz);
    }
    return farthest;
  }

  #refuseCoincidence(g: number, order: Int32Array): never {
    const { edges, structures } = this.batch;
    const first = edges.graph.offsets[g]!;
    for (let edge = edges.edgeOffsets[g]!; edge < edges.edgeOffsets[g + 1]!; edge++) {
      const [x, y, z] = edges.vectors.subarray(3 * edge, 3 * edge + 3) as unknown as [number, number, number];
      if (x * x + y * y + z * z >= coincidence ** 2) continue;
      const [i, j] = [edges.sender, edges.receiver].map(({ values }) => order[values[edge]! - first]!);
      const where = structures.length > 1 ? `Structure ${g}: atoms` : 'Atoms';
      throw new StructureError(`${where} ${i} and ${j} are in one place. Move one of them, or take a shorter step.`);
    }
    throw new StructureError(`Structure ${g}: an edge vector is not a number. Check positions and cells.`);
  }
}

/** The product of two matrices [3 3]. */
function times(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 9 }, (_, k) => {
    const [row, column] = [Math.floor(k / 3), k % 3];
    return a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  });
}
