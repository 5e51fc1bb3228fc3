/**
 * The neighbor list by its definition: every pair and every image in a box that surely holds the sphere.
 *
 * Independent of the search: no bins, no wrapping, no frame. Only the formula of the edge vector is the same, since it is the definition.
 */
import { cellHeights, completeCell } from '../cell.js';
import type { Structure } from '../structure.js';

export interface BruteForceEdge {
  readonly sender: number;
  readonly receiver: number;
  readonly shift: readonly [number, number, number];
  readonly vector: readonly [number, number, number];
}

/** Edges sorted by receiver, sender, shift. */
export function bruteForceNeighbors(structure: Structure, cutoff: number): BruteForceEdge[] {
  const { positions, pbc, numbers } = structure;
  const cell = Array.from(structure.cell ?? new Float64Array(9));
  const complete = completeCell(structure.cell, pbc);
  const heights = cellHeights(complete);
  const edges: BruteForceEdge[] = [];
  for (let j = 0; j < numbers.length; j++) {
    for (let i = 0; i < numbers.length; i++) {
      const difference = [0, 1, 2].map((x) => positions[3 * j + x]! - positions[3 * i + x]!);
      const fraction = solve(complete, difference);
      // |(fraction + S)_k| · height_k < cutoff is necessary; one image more on both sides for rounding.
      const range = [0, 1, 2].map((k) =>
        pbc[k]
          ? [Math.floor(-fraction[k]! - cutoff / heights[k]!) - 1, Math.ceil(-fraction[k]! + cutoff / heights[k]!) + 1]
          : [0, 0],
      ) as [number, number][];
      const [dx, dy, dz] = difference as [number, number, number];
      const [c00, c01, c02, c10, c11, c12, c20, c21, c22] = cell as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      for (let s0 = range[0]![0]; s0 <= range[0]![1]; s0++) {
        for (let s1 = range[1]![0]; s1 <= range[1]![1]; s1++) {
          for (let s2 = range[2]![0]; s2 <= range[2]![1]; s2++) {
            if (i === j && s0 === 0 && s1 === 0 && s2 === 0) continue;
            const x = dx + (s0 * c00 + s1 * c10 + s2 * c20);
            const y = dy + (s0 * c01 + s1 * c11 + s2 * c21);
            const z = dz + (s0 * c02 + s1 * c12 + s2 * c22);
            if (x * x + y * y + z * z < cutoff * cutoff)
              edges.push({ sender: i, receiver: j, shift: [s0, s1, s2], vector: [x, y, z] });
          }
        }
      }
    }
  }
  return edges;
}

/** Fractions of a vector by Cramer's rule. */
function solve(cell: Float64Array, vector: readonly number[]): number[] {
  const rows = [0, 1, 2].map((k) => Array.from(cell.subarray(3 * k, 3 * k + 3)));
  const determinant = (p: readonly number[], q: readonly number[], r: readonly number[]): number =>
    p[0]! * (q[1]! * r[2]! - q[2]! * r[1]!) -
    p[1]! * (q[0]! * r[2]! - q[2]! * r[0]!) +
    p[2]! * (q[0]! * r[1]! - q[1]! * r[0]!);
  const volume = determinant(rows[0]!, rows[1]!, rows[2]!);
  return [0, 1, 2].map(
    (k) => determinant(k === 0 ? vector : rows[0]!, k === 1 ? vector : rows[1]!, k === 2 ? vector : rows[2]!) / volume,
  );
}
