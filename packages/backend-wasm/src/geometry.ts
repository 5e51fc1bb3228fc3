/** The contract's `setGeometry`: edges as points in the memory, of which each run makes edge vectors. */
import { differentShifts, shiftVectors, type EdgeGeometry, type RealArray } from '@mace/core/backend';
import type { Arena, Block } from './arena.js';
import { edgeVectorsName, pointBytes } from './kernels/edge-vectors.js';
import type { Code } from './steps.js';

/** Of one binding. Points are all atoms, then the different shifts. */
export class Geometry {
  readonly #edges: Int32Array;
  readonly #shifts: Int32Array;
  readonly #atoms: number;
  #block: Block | undefined;

  constructor(
    readonly arena: Arena,
    geometry: EdgeGeometry,
  ) {
    const { shiftOf, shifts } = differentShifts(geometry);
    const { sender, receiver, structure } = geometry;
    this.#shifts = shifts;
    this.#atoms = structure.length;
    this.#edges = new Int32Array(3 * sender.length);
    for (let edge = 0; edge < sender.length; edge++) {
      this.#edges[3 * edge] = pointBytes * sender[edge]!;
      this.#edges[3 * edge + 1] = pointBytes * receiver[edge]!;
      this.#edges[3 * edge + 2] = pointBytes * (this.#atoms + shiftOf[edge]!);
    }
  }

  get bytes(): number {
    return this.#edges.byteLength + pointBytes * (this.#atoms + this.#shifts.length / 4);
  }

  get liveBytes(): number {
    return this.#block?.bytes ?? 0;
  }

  get blocks(): number {
    return Number(this.#block !== undefined);
  }

  /** Takes positions [atoms 3] and cells [graphs 9]. @throws DeviceError without memory */
  place(positions: RealArray, cells: RealArray): void {
    if (!this.#block) {
      this.#block = this.arena.allocate(this.bytes);
      new Int32Array(this.arena.memory.buffer, this.#edgesAt, this.#edges.length).set(this.#edges);
    }
    const points = new Float64Array(this.arena.memory.buffer, this.#block.address, this.#words);
    points.set(positions);
    points.set(shiftVectors(this.#shifts, cells), 3 * this.#atoms);
  }

  /** Writes edge vectors [edges 3] of what was placed last. */
  write(code: Code, address: number): void {
    code[edgeVectorsName]!(this.#edges.length / 3, this.#edgesAt, this.#block!.address, address);
  }

  free(): void {
    if (this.#block) this.arena.free(this.#block);
    this.#block = undefined;
  }

  /** Numbers of all points. */
  get #words(): number {
    return 3 * (this.#atoms + this.#shifts.length / 4);
  }

  get #edgesAt(): number {
    return this.#block!.address + 8 * this.#words;
  }
}
