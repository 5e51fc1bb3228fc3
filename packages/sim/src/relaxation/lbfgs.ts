/**
 * Limited-memory BFGS without a line search, with the numbers of `ase.optimize.LBFGS` (ASE 3.29): Nocedal, Wright, "Numerical Optimization"
 * (2006), algorithm 7.4.
 */
import { dot, longest, longestStep, sum, type Move, type Point } from './optimizer.js';

/** Steps that are remembered. */
const memory = 100;
/** eV/Å²: curvature to begin with. */
const curvature = 70;

interface Change {
  readonly coordinates: Float64Array;
  /** Of the gradient. */
  readonly gradient: Float64Array;
  readonly rho: number;
}

export interface LbfgsState {
  readonly last: Point;
  /** The oldest first. */
  readonly changes: readonly Change[];
}

export function lbfgs(state: LbfgsState | undefined, point: Point): Move<LbfgsState> {
  const changes = state ? learned(state, point) : [];
  const way = point.forces.map((force) => -force);
  const shares: number[] = [];
  for (let i = changes.length - 1; i >= 0; i--) {
    const { coordinates, gradient, rho } = changes[i]!;
    shares[i] = rho * dot(coordinates, way);
    add(way, gradient, -shares[i]!);
  }
  way.forEach((x, i) => (way[i] = x / curvature));
  changes.forEach(({ coordinates, gradient, rho }, i) => add(way, coordinates, shares[i]! - rho * dot(gradient, way)));
  const most = longest(way);
  return {
    state: { last: point, changes },
    next: sum(point.coordinates, way, most >= longestStep ? -longestStep / most : -1),
  };
}

function learned({ last, changes }: LbfgsState, point: Point): readonly Change[] {
  const coordinates = sum(point.coordinates, last.coordinates, -1);
  const gradient = sum(last.forces, point.forces, -1);
  const rho = 1 / dot(gradient, coordinates);
  // Nothing has changed, and nothing is learned of it.
  return Number.isFinite(rho) ? [...changes, { coordinates, gradient, rho }].slice(-memory) : changes;
}

function add(to: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * vector[i]!;
}
