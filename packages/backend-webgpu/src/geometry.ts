/**
 * Edge vectors from positions and cells. WGSL has no float64, and compilers may reorder what is done with floats; sums of whole numbers
 * are exact on every device. So a coordinate goes to the device as two of them,
 *
 *     x = high · 2⁻⁹ Å + low · 2⁻³⁸ Å, |low| ≤ 2²⁸,
 *
 * and a vector becomes a float at the very end. Shifts times cells are coordinates, too: the host makes them in float64, once for all
 * edges across the same cells.
 */
import { differentShifts, shiftVectors, type BoundValues, type EdgeGeometry, type RealArray } from '@mace/core/backend';
import { UnsupportedError } from '@mace/core/errors';
import type { Node } from '@mace/core/ir';
import type { Dispatch } from './dispatch.js';
import { kernel } from './kernels.js';

/** Å. Three of them add up to less than 2³¹ units of `high`. */
const mostDistance = 2 ** 20;

/** @param points - first those of all atoms, then of all shifts: high and low of each coordinate */
export function edgeVectorsOf(node: Node, edges: GPUBuffer, points: GPUBuffer): Dispatch {
  return { kernel: edgeVectorKernel, sources: [{ buffer: edges }, { buffer: points }], node };
}

/** An edge has three points: sender, receiver, and the cells between them. */
export const edgeVectorKernel = kernel(
  'edgeVectors',
  '',
  ['u32', 'i32'],
  [],
  `let edge = index - index % 3u;
   let sender = 2u * (3u * x0[edge] + index % 3u);
   let receiver = 2u * (3u * x0[edge + 1u] + index % 3u);
   let shift = 2u * (3u * x0[edge + 2u] + index % 3u);
   let high = x1[receiver] - x1[sender] + x1[shift];
   let low = x1[receiver + 1u] - x1[sender + 1u] + x1[shift + 1u];
   // Whole units of high that are in low: without them the two never cancel.
   let carry = (low + ${2 ** 28}) >> 29u;
   out[index] = f32(high + carry) * ${2 ** -9} + f32(low - (carry << 29u)) * ${2 ** -38};`,
);

export class Geometry {
  /** The points of each edge [edges 3]; `points` has first all atoms, then all shifts. */
  readonly edges: Uint32Array;
  /** High and low of all coordinates of all points. */
  readonly #words: number;
  /** Structure and whole cells of each shift [shifts 4]. */
  readonly #shifts: Int32Array;

  constructor(geometry: EdgeGeometry) {
    const { shiftOf, shifts } = differentShifts(geometry);
    const { sender, receiver, structure } = geometry;
    this.edges = new Uint32Array(3 * sender.length);
    for (let edge = 0; edge < sender.length; edge++) {
      this.edges[3 * edge] = sender[edge]!;
      this.edges[3 * edge + 1] = receiver[edge]!;
      this.edges[3 * edge + 2] = structure.length + shiftOf[edge]!;
    }
    this.#shifts = shifts;
    this.#words = 6 * (structure.length + shifts.length / 4);
  }

  /** On the device: edges and points. */
  get bytes(): number {
    return this.edges.byteLength + 4 * this.#words;
  }

  /** @throws UnsupportedError (`size`) for a coordinate that is too large, or no number */
  points(values: BoundValues): Int32Array {
    const [positions, cells] = [values.positions as RealArray, values.cells as RealArray];
    const words = new Int32Array(this.#words);
    for (let i = 0; i < positions.length; i++) {
      if (!put(words, i, positions[i]!))
        throw tooFar(`positions: ${'xyz'[i % 3]} of atom ${Math.floor(i / 3)}`, positions[i]!);
    }
    shiftVectors(this.#shifts, cells).forEach((x, i) => {
      if (put(words, positions.length + i, x)) return;
      const [structure, ...cellsAway] = this.#shifts.subarray(4 * Math.floor(i / 3), 4 * Math.floor(i / 3) + 4);
      throw tooFar(`cells: ${'xyz'[i % 3]} of the shift [${cellsAway.join(' ')}] in structure ${structure}`, x);
    });
    return words;
  }
}

/** Writes high and low of coordinate number `i`; false where it is too large, or no number. */
function put(words: Int32Array, i: number, x: number): boolean {
  const high = Math.round(x * 2 ** 9);
  words[2 * i] = high;
  words[2 * i + 1] = Math.round((x - high * 2 ** -9) * 2 ** 38);
  return Math.abs(x) <= mostDistance;
}

function tooFar(what: string, x: number): UnsupportedError {
  return new UnsupportedError(
    'size',
    `${what} is ${x} Å; expected a number up to ${mostDistance}, of which webgpu makes edge vectors. Wrap the positions into their cells, or give edge vectors.`,
  );
}
