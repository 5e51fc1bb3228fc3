/** Momenta of the Maxwell–Boltzmann distribution, without drift where nothing is held, and then without rotation where nothing is periodic. */
import { constrainMomenta, scaleMomenta, type Atoms } from './atoms.js';
import { purpose, type RandomStream } from './random.js';
import { boltzmannConstant } from './units.js';

/**
 * Draws momenta of all atoms in place. What drift and rotation have taken is given back by scaling: the temperature of what is left
 * is that which the same draw would have had. A lone atom, which has nothing else, is at rest.
 *
 * @param temperature - K
 * @param streams - random numbers of each structure
 * @param isPeriodic - for each structure, whether any direction is: such a one cannot rotate
 */
export function drawMomenta(
  atoms: Atoms,
  temperature: number,
  streams: readonly RandomStream[],
  isPeriodic: readonly boolean[],
): void {
  const drawn = new Float64Array(3);
  streams.forEach((stream, g) => {
    const [first, end] = [atoms.offsets[g]!, atoms.offsets[g + 1]!];
    for (let atom = first; atom < end; atom++) {
      const size = Math.sqrt(atoms.masses[atom]! * boltzmannConstant * temperature);
      stream
        .normal(drawn, 0, atom - first, purpose.velocities)
        .forEach((x, k) => (atoms.momenta[3 * atom + k] = size * x));
    }
  });
  constrainMomenta(atoms);
  streams.forEach((_, g) => {
    const left = atoms.freedom[g]! - removeDriftAndRotation(atoms, g, !isPeriodic[g]);
    scaleMomenta(atoms, g, left > 0 ? Math.sqrt(atoms.freedom[g]! / left) : 0);
  });
}

/** Takes off the drift of a structure that nothing holds, and its rotation if asked to. @returns the degrees of freedom that were taken */
export function removeDriftAndRotation(atoms: Atoms, g: number, andRotation: boolean): number {
  const [first, end] = [atoms.offsets[g]!, atoms.offsets[g + 1]!];
  if (first === end || !atoms.drifts[g]) return 0;
  removeDrift(atoms, first, end);
  return 3 + (andRotation ? removeRotation(atoms, first, end) : 0);
}

function removeDrift({ momenta, masses }: Atoms, first: number, end: number): void {
  let mass = 0;
  const total = [0, 0, 0];
  for (let atom = first; atom < end; atom++) {
    mass += masses[atom]!;
    for (let k = 0; k < 3; k++) total[k]! += momenta[3 * atom + k]!;
  }
  for (let atom = first; atom < end; atom++)
    for (let k = 0; k < 3; k++) momenta[3 * atom + k]! -= (masses[atom]! / mass) * total[k]!;
}

/**
 * p −= m·(ω × r), with ω of the angular momentum about the center of mass.
 * @returns about how many axes it can turn: 3, of a line 2, of a point none
 */
function removeRotation({ positions, momenta, masses }: Atoms, first: number, end: number): number {
  let mass = 0;
  const center = [0, 0, 0];
  for (let atom = first; atom < end; atom++) {
    mass += masses[atom]!;
    for (let k = 0; k < 3; k++) center[k]! += masses[atom]! * positions[3 * atom + k]!;
  }
  const at = (atom: number): Vector =>
    [0, 1, 2].map((k) => positions[3 * atom + k]! - center[k]! / mass) as unknown as Vector;
  const angular: [number, number, number] = [0, 0, 0];
  const inertia = new Float64Array(9);
  for (let atom = first; atom < end; atom++) {
    const r = at(atom);
    const p = [0, 1, 2].map((k) => momenta[3 * atom + k]!) as unknown as Vector;
    cross(r, p).forEach((x, k) => (angular[k]! += x));
    const square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    for (let j = 0; j < 3; j++)
      for (let k = 0; k < 3; k++) inertia[3 * j + k]! += masses[atom]! * ((j === k ? square : 0) - r[j]! * r[k]!);
  }
  const { x: spin, rank } = solved(inertia, angular);
  for (let atom = first; atom < end; atom++)
    cross(spin, at(atom)).forEach((v, k) => (momenta[3 * atom + k]! -= masses[atom]! * v));
  return rank;
}

type Vector = readonly [number, number, number];

function cross([a, b, c]: Vector, [x, y, z]: Vector): Vector {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

/** x of A·x = b for a positive symmetric A [3 3], by Gaussian elimination with pivots; 0 along what A does not see. */
function solved(matrix: Float64Array, right: Vector): { readonly x: Vector; readonly rank: number } {
  const rows = [0, 1, 2].map((j) => [matrix[3 * j]!, matrix[3 * j + 1]!, matrix[3 * j + 2]!, right[j]!]);
  const tiny = 1e-12 * Math.max(matrix[0]!, matrix[4]!, matrix[8]!);
  const free = new Set([0, 1, 2]);
  const pivots: [row: number, column: number][] = [];
  for (let column = 0; column < 3; column++) {
    const row = [...free].reduce(
      (best, j) => (Math.abs(rows[j]![column]!) > Math.abs(rows[best]![column]!) ? j : best),
      [...free][0]!,
    );
    if (!(Math.abs(rows[row]![column]!) > tiny)) continue;
    free.delete(row);
    pivots.push([row, column]);
    for (const [j, other] of rows.entries()) {
      if (j === row) continue;
      const factor = other[column]! / rows[row]![column]!;
      for (let k = 0; k < 4; k++) other[k]! -= factor * rows[row]![k]!;
    }
  }
  const x: [number, number, number] = [0, 0, 0];
  for (const [row, column] of pivots) x[column] = rows[row]![3]! / rows[row]![column]!;
  return { x, rank: pivots.length };
}
