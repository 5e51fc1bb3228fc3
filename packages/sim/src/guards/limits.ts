/** The guards that every run has: limits beyond which numbers are no physics any more. */
import { covalentRadii, findNeighbors, chemicalSymbol, volumeOf, type Structure } from '@mace/core/structure';
import { refuse } from '../refuse.js';
import type { Guard, Watched } from './guard.js';

export interface Limits {
  /** eV/Å on an atom, looked at in every step. Default 200. */
  readonly largestForce?: number;
  /** eV an atom by which what the ensemble keeps may have changed. Default 0.5. */
  readonly drift?: number;
  /** K. Default ten times what the run keeps or began with, and at least 5000. */
  readonly temperature?: number;
  /** Part of the sum of two covalent radii that two atoms keep. Default 0.4. */
  readonly closest?: number;
  /** Part of the volume at the start that a cell keeps, and whose inverse it may grow by. Default 0.3. */
  readonly volume?: number;
}

const usualClosest = 0.4;

export type AllLimits = Required<Limits>;

/** @param temperature - K that the run keeps or began with @throws UnsupportedError (`option`) */
export function allLimits(limits: Limits, temperature: number): AllLimits {
  const usual = {
    largestForce: 200,
    drift: 0.5,
    temperature: Math.max(5000, 10 * temperature),
    closest: usualClosest,
    volume: 0.3,
  };
  const unknown = Object.keys(limits).find((name) => !Object.hasOwn(usual, name));
  if (unknown !== undefined) refuse('limits', unknown, `one of ${Object.keys(usual).join(', ')}`);
  const all = { ...usual, ...limits };
  for (const [name, value] of Object.entries(all))
    if (!(typeof value === 'number' && value > 0)) refuse(`limits.${name}`, value, 'a number above 0');
  return all;
}

export function guardsOf(limits: AllLimits): readonly Guard[] {
  return [
    (now) => forceProblem(now.forces, limits),
    (now) => distanceProblem(now, limits),
    (now) => temperatureProblem(now, limits),
    (now) => driftProblem(now, limits),
    (now) => volumeProblem(now, limits),
  ];
}

const smallerStep = 'Relax the structure first, or take a smaller time step';

/** What is wrong with the forces of one structure [atoms 3], eV/Å. */
export function forceProblem(forces: Float64Array, { largestForce }: AllLimits): string | null {
  for (let i = 0; i < forces.length; i += 3) {
    const force = Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!);
    // Also where it is no number.
    if (!(force <= largestForce))
      return `the force on atom ${i / 3} is ${force.toPrecision(3)} eV/Å; the limit is ${largestForce}. ${smallerStep}; where such forces are meant, raise the limit largestForce.`;
  }
  return null;
}

function distanceProblem({ start, positions, cell }: Watched, { closest }: AllLimits): string | null {
  const near = nearAtoms({ ...start, positions, cell }, closest);
  return near === null ? null : `${near}. ${smallerStep}; the model was hardly trained on such structures.`;
}

/**
 * Says of the first two atoms that are nearer than a part of the sum of their covalent radii how near they are; null where none are.
 * @param closest - that part, default 0.4, as of the guard of dynamics
 */
export function nearAtoms(structure: Structure, closest = usualClosest): string | null {
  const { numbers } = structure;
  const radius = (atom: number): number => covalentRadii[numbers[atom]!] ?? 0;
  const most = Math.max(0, ...Array.from(new Set(numbers), (number) => covalentRadii[number] ?? 0));
  const near = findNeighbors(structure, Math.max(1e-3, 2 * most * closest));
  for (let edge = 0; edge < near.edges; edge++) {
    const [i, j] = [near.sender[edge]!, near.receiver[edge]!];
    const distance = Math.hypot(...near.vectors.subarray(3 * edge, 3 * edge + 3));
    const limit = closest * (radius(i) + radius(j));
    if (distance < limit)
      return `atoms ${i} (${chemicalSymbol(numbers[i]!)}) and ${j} (${chemicalSymbol(numbers[j]!)}) are ${distance.toFixed(3)} Å apart; the limit is ${limit.toFixed(3)} Å`;
  }
  return null;
}

function temperatureProblem({ temperature }: Watched, limits: AllLimits): string | null {
  if (temperature <= limits.temperature) return null;
  return `the temperature is ${temperature.toFixed(0)} K; the limit is ${limits.temperature.toFixed(0)} K. ${smallerStep}; where it is meant to be so hot, raise the limit temperature.`;
}

function driftProblem({ conserved, conservedAtStart, start }: Watched, { drift }: AllLimits): string | null {
  const change = (conserved - conservedAtStart) / Math.max(1, start.numbers.length);
  if (Math.abs(change) <= drift) return null;
  return `what the ensemble keeps has changed by ${change.toPrecision(3)} eV an atom; the limit is ${drift}. Take a smaller time step.`;
}

function volumeProblem({ start, cell }: Watched, { volume }: AllLimits): string | null {
  if (!cell || !start.cell || !(volumeOf(start.cell) > 0)) return null;
  const part = volumeOf(cell) / volumeOf(start.cell);
  if (part >= volume && part <= 1 / volume) return null;
  return `the cell has ${part.toPrecision(3)} times the volume that it began with; the limits are ${volume} and ${(1 / volume).toPrecision(3)}. Check the pressure, or take a longer barostatTime.`;
}
