/**
 * Fast inertial relaxation, with the numbers of `ase.optimize.FIRE` (ASE 3.29): Bitzek, Koskinen, Gähler, Moseler, Gumbsch, Phys. Rev. Lett.
 * 97, 170201 (2006).
 */
import { dot, longestStep, sum, type Move, type Point } from './optimizer.js';

const [longestTime, faster, slower] = [1, 1.1, 0.5];
const [firstMixing, lessMixing] = [0.1, 0.99];
const stepsBeforeFaster = 5;

export interface FireState {
  /** [rows 3] */
  readonly velocities: Float64Array;
  readonly time: number;
  /** Of velocities with the direction of forces. */
  readonly mixing: number;
  /** Steps since the last that went uphill. */
  readonly downhill: number;
}

export function fire(state: FireState | undefined, { coordinates, forces }: Point): Move<FireState> {
  const { velocities, ...rest } = state ? steered(state, forces) : started(forces.length);
  const { time } = rest;
  const moving = sum(velocities, forces, time);
  const way = moving.map((v) => time * v);
  const length = Math.sqrt(dot(way, way));
  const step = length > longestStep ? way.map((x) => (longestStep * x) / length) : way;
  return { state: { velocities: moving, ...rest }, next: sum(coordinates, step) };
}

function started(size: number): FireState {
  return { velocities: new Float64Array(size), time: 0.1, mixing: firstMixing, downhill: 0 };
}

/** Downhill: turned to the forces, and faster after a while; uphill: at rest. */
function steered({ velocities, time, mixing, downhill }: FireState, forces: Float64Array): FireState {
  if (!(dot(forces, velocities) > 0)) return { ...started(velocities.length), time: time * slower };
  const along = (mixing / Math.sqrt(dot(forces, forces))) * Math.sqrt(dot(velocities, velocities));
  const isFast = downhill > stepsBeforeFaster;
  return {
    velocities: velocities.map((v, i) => (1 - mixing) * v + along * forces[i]!),
    time: isFast ? Math.min(time * faster, longestTime) : time,
    mixing: isFast ? mixing * lessMixing : mixing,
    downhill: downhill + 1,
  };
}
