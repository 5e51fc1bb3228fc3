/**
 * The neighbor list: every ordered pair of atoms and images closer than a cutoff, found with bins in time proportional to the atoms.
 *
 * Each receiver looks around itself, so every pair is found twice, from both ends. Both decisions agree because they compare the
 * same bits: the edge vector is formed from raw positions by one expression that changes sign exactly when the pair is reversed.
 * The bins only propose candidates, with a margin for rounding.
 */
import { StructureError } from '../errors.js';
import { makeBins } from './bins.js';
import { makeFrame, triangular } from './frame.js';
import { expectedEdges, maximumEdges } from './neighbor-limits.js';
import { coincidence, refuseCoincidence, refuseSize } from './neighbor-refusals.js';
import { sortKeys } from './sort-keys.js';
import type { Structure } from './structure.js';
import { validateStructure } from './validate.js';

/**
 * All directed edges of one structure, sorted by receiver, then sender, then shift (first component first).
 * The arrays may be views of slightly longer buffers.
 */
export interface NeighborList {
  readonly atoms: number;
  readonly edges: number;
  /** Atom that a message comes from [edges]. */
  readonly sender: Int32Array;
  /** Atom that a message goes to [edges]; ascending. */
  readonly receiver: Int32Array;
  /** First edge of each receiver [atoms + 1]. */
  readonly offsets: Int32Array;
  /** Lattice translation S of each edge [edges 3]; refers to raw positions, zero along directions that are not periodic. */
  readonly shifts: Int32Array;
  /** `position[receiver] − position[sender] + S · cell`, Å, [edges 3]. */
  readonly vectors: Float64Array;
}

/** Limits of a search. */
export interface NeighborOptions {
  /** Refuse a list with more edges than this. Default what fits into the free memory, at most 1e9 and 1e5 an atom. */
  readonly maximumEdges?: number;
}

/**
 * All (sender i, receiver j, S) with |r_j − r_i + S·cell| strictly below `cutoff`; i = j with S ≠ 0 included, i = j with S = 0 excluded
 * (upstream `data/neighborhood.py`, `get_neighborhood`). Positions are never wrapped. `cutoff` in Å.
 * @throws StructureError for a structure that `validateStructure` refuses, and for two atoms in one place.
 * @throws UnsupportedError (`size`) when there are too many edges.
 */
export function findNeighbors(structure: Structure, cutoff: number, options: NeighborOptions = {}): NeighborList {
  return search(structure, cutoff, options.maximumEdges ?? maximumEdges(structure.numbers.length), true);
}

/** The number of edges, none of which is kept: so it needs no memory for them. @throws as `findNeighbors` */
export function countNeighbors(structure: Structure, cutoff: number): number {
  return search(structure, cutoff, maximumEdges(structure.numbers.length, Infinity), false).edges;
}

/** @param keeps - false only counts, and the arrays have no edges */
function search(structure: Structure, cutoff: number, maximum: number, keeps: boolean): NeighborList {
  if (!(cutoff > 0 && Number.isFinite(cutoff))) {
    throw new StructureError(
      `Cannot search for neighbors. Expected a positive cutoff in Å, found ${cutoff}. Use the cutoff of the model.`,
    );
  }
  validateStructure(structure);
  const atoms = structure.numbers.length;
  const offsets = new Int32Array(atoms + 1);
  if (atoms === 0)
    return {
      atoms,
      edges: 0,
      sender: new Int32Array(0),
      receiver: new Int32Array(0),
      offsets,
      shifts: new Int32Array(0),
      vectors: new Float64Array(0),
    };

  const frame = makeFrame(structure);
  const { cell, fractions, wrapped, wraps } = frame;
  const { positions } = structure;
  const [p0, p1, p2] = structure.pbc;
  const axes = triangular(frame.basis);
  const [a0, a1, a2, b1, b2, c2] = axes;
  const reach = cutoff * (1 + 1e-9) + frame.roundoff;
  const reach2 = reach * reach;
  const cutoff2 = cutoff * cutoff;

  const bins = makeBins(frame, [a0, b1, c2], [reach / 2, reach / 2, reach / 3]);
  const expected = expectedEdges(structure, cutoff, axes, bins, maximum);
  const [n0, n1, n2] = bins.counts;
  const { starts, atoms: atomAt } = bins;
  // Copies in bin order: candidates are read as one stream.
  const near = new Float64Array(3 * atoms);
  const raw = new Float64Array(3 * atoms);
  for (let k = 0; k < atoms; k++) {
    const at = 3 * atomAt[k]!;
    for (let x = 0; x < 3; x++) {
      near[3 * k + x] = wrapped[at + x]!;
      raw[3 * k + x] = positions[at + x]!;
    }
  }
  const [c00, c01, c02, c10, c11, c12, c20, c21, c22] = cell as unknown as [
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

  const allocate = (length: number): { sender: Int32Array; shifts: Int32Array; vectors: Float64Array } => {
    try {
      return {
        sender: new Int32Array(length),
        shifts: new Int32Array(3 * length),
        vectors: new Float64Array(3 * length),
      };
    } catch (cause) {
      return refuseSize(structure, cutoff, `more than ${length}`, maximum, cause);
    }
  };
  let capacity = keeps ? Math.min(maximum, Math.ceil(1.02 * expected) + 64) : 0;
  let { sender, shifts, vectors } = allocate(capacity);
  let edges = 0;

  // Edges of one receiver, in the order of the scan.
  let room = 256;
  let foundSender = new Int32Array(room);
  let foundShift = new Int32Array(3 * room);
  let foundVector = new Float64Array(3 * room);
  let keys = new Float64Array(room);
  let scratch = new Float64Array(room);

  for (let j = 0; j < atoms; j++) {
    const f0 = fractions[3 * j]!;
    const f1 = fractions[3 * j + 1]!;
    const f2 = fractions[3 * j + 2]!;
    const wx = wrapped[3 * j]!;
    const wy = wrapped[3 * j + 1]!;
    const wz = wrapped[3 * j + 2]!;
    const rx = positions[3 * j]!;
    const ry = positions[3 * j + 1]!;
    const rz = positions[3 * j + 2]!;
    const j0 = wraps[3 * j]!;
    const j1 = wraps[3 * j + 1]!;
    const j2 = wraps[3 * j + 2]!;
    let found = 0;

    // Bins q of the endless grid, T = floor(q / n) cells away, from the highest to the lowest: then the shifts of one sender ascend.
    // u is the difference of fractions to a bin; each loop narrows what the bins so far leave of the sphere.
    const reach0 = reach / a0;
    let high0 = Math.floor((f0 + reach0) * n0);
    let low0 = Math.floor((f0 - reach0) * n0);
    if (!p0) {
      if (high0 > n0 - 1) high0 = n0 - 1;
      if (low0 < 0) low0 = 0;
    }
    for (let q0 = high0; q0 >= low0; q0--) {
      const t0 = Math.floor(q0 / n0);
      let u0 = q0 / n0 - f0;
      let v0 = (q0 + 1) / n0 - f0;
      const gap0 = (u0 > 0 ? u0 : v0 < 0 ? v0 : 0) * a0;
      const rest0 = reach2 - gap0 * gap0;
      if (rest0 < 0) continue;
      if (u0 < -reach0) u0 = -reach0;
      if (v0 > reach0) v0 = reach0;
      const low01 = a1 > 0 ? u0 * a1 : v0 * a1;
      const high01 = a1 > 0 ? v0 * a1 : u0 * a1;
      const radius0 = Math.sqrt(rest0);
      const least1 = (-radius0 - high01) / b1;
      const most1 = (radius0 - low01) / b1;
      let high1 = Math.floor((f1 + most1) * n1);
      let low1 = Math.floor((f1 + least1) * n1);
      if (!p1) {
        if (high1 > n1 - 1) high1 = n1 - 1;
        if (low1 < 0) low1 = 0;
      }
      for (let q1 = high1; q1 >= low1; q1--) {
        const t1 = Math.floor(q1 / n1);
        let u1 = q1 / n1 - f1;
        let v1 = (q1 + 1) / n1 - f1;
        if (u1 < least1) u1 = least1;
        if (v1 > most1) v1 = most1;
        const near1 = low01 + u1 * b1;
        const far1 = high01 + v1 * b1;
        const gap1 = near1 > 0 ? near1 : far1 < 0 ? far1 : 0;
        const rest1 = rest0 - gap1 * gap1;
        if (rest1 < 0) continue;
        const radius1 = Math.sqrt(rest1);
        const low2 = (a2 > 0 ? u0 * a2 : v0 * a2) + (b2 > 0 ? u1 * b2 : v1 * b2);
        const high2 = (a2 > 0 ? v0 * a2 : u0 * a2) + (b2 > 0 ? v1 * b2 : u1 * b2);
        let last = Math.floor((f2 + (radius1 - low2) / c2) * n2);
        let first = Math.floor((f2 + (-radius1 - high2) / c2) * n2);
        if (!p2) {
          if (last > n2 - 1) last = n2 - 1;
          if (first < 0) first = 0;
          if (first > last) continue;
        }
        const row = ((q0 - t0 * n0) * n1 + (q1 - t1 * n1)) * n2;
        const lowest = Math.floor(first / n2);
        for (let t2 = Math.floor(last / n2); t2 >= lowest; t2--) {
          const base = t2 * n2;
          const begin = starts[row + (first > base ? first - base : 0)]!;
          const end = starts[row + (last - base < n2 - 1 ? last - base : n2 - 1) + 1]!;
          if (found + end - begin > room) {
            while (found + end - begin > room) room *= 2;
            foundSender = grown(foundSender, new Int32Array(room));
            foundShift = grown(foundShift, new Int32Array(3 * room));
            foundVector = grown(foundVector, new Float64Array(3 * room));
            keys = new Float64Array(room);
            scratch = new Float64Array(room);
          }
          const ox = wx - (t0 * c00 + t1 * c10 + t2 * c20);
          const oy = wy - (t0 * c01 + t1 * c11 + t2 * c21);
          const oz = wz - (t0 * c02 + t1 * c12 + t2 * c22);
          for (let k = begin; k < end; k++) {
            const dx = ox - near[3 * k]!;
            const dy = oy - near[3 * k + 1]!;
            const dz = oz - near[3 * k + 2]!;
            if (dx * dx + dy * dy + dz * dz >= reach2) continue;
            const i = atomAt[k]!;
            const s0 = wraps[3 * i]! - j0 - t0;
            const s1 = wraps[3 * i + 1]! - j1 - t1;
            const s2 = wraps[3 * i + 2]! - j2 - t2;
            // The expression of `edgeVectors`: its bits decide.
            const x = rx - raw[3 * k]! + (s0 * c00 + s1 * c10 + s2 * c20);
            const y = ry - raw[3 * k + 1]! + (s0 * c01 + s1 * c11 + s2 * c21);
            const z = rz - raw[3 * k + 2]! + (s0 * c02 + s1 * c12 + s2 * c22);
            const distance2 = x * x + y * y + z * z;
            if (distance2 >= cutoff2) continue;
            if (distance2 < coincidence * coincidence) {
              if (i === j && s0 === 0 && s1 === 0 && s2 === 0) continue;
              refuseCoincidence(structure, i, j, [s0, s1, s2], Math.sqrt(distance2));
            }
            foundSender[found] = i;
            foundShift[3 * found] = s0;
            foundShift[3 * found + 1] = s1;
            foundShift[3 * found + 2] = s2;
            foundVector[3 * found] = x;
            foundVector[3 * found + 1] = y;
            foundVector[3 * found + 2] = z;
            found++;
          }
        }
      }
    }

    if (edges + found > maximum) refuseSize(structure, cutoff, `more than ${edges + found}`, maximum);
    if (!keeps) {
      edges += found;
      continue;
    }
    if (edges + found > capacity) {
      capacity = Math.min(maximum, Math.max(2 * capacity, edges + found));
      const larger = allocate(capacity);
      sender = grown(sender, larger.sender);
      shifts = grown(shifts, larger.shifts);
      vectors = grown(vectors, larger.vectors);
    }
    // One number holds the sender and the place in the scan, so that sorting by sender keeps the order of the shifts.
    const places = 2 ** Math.ceil(Math.log2(found + 1));
    for (let k = 0; k < found; k++) keys[k] = foundSender[k]! * places + k;
    sortKeys(keys, scratch, found);
    for (let k = 0; k < found; k++) {
      const key = keys[k]!;
      const i = Math.floor(key / places);
      const from = 3 * (key - i * places);
      const to = 3 * edges;
      sender[edges++] = i;
      shifts[to] = foundShift[from]!;
      shifts[to + 1] = foundShift[from + 1]!;
      shifts[to + 2] = foundShift[from + 2]!;
      vectors[to] = foundVector[from]!;
      vectors[to + 1] = foundVector[from + 1]!;
      vectors[to + 2] = foundVector[from + 2]!;
    }
    offsets[j + 1] = edges;
  }

  if (!keeps) return { atoms, edges, sender, receiver: sender, offsets, shifts, vectors };
  // Copying would touch as much fresh memory again, which costs more than the search; the unused end was never touched.
  const trim = edges < 0.75 * capacity ? 'slice' : 'subarray';
  sender = sender[trim](0, edges);
  shifts = shifts[trim](0, 3 * edges);
  vectors = vectors[trim](0, 3 * edges);
  const receiver = new Int32Array(edges);
  for (let j = 0; j < atoms; j++) receiver.fill(j, offsets[j], offsets[j + 1]);
  return { atoms, edges, sender, receiver, offsets, shifts, vectors };
}

function grown<T extends Int32Array | Float64Array>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
