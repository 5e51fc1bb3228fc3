/**
 * BFGS with a line search, with the numbers of `ase.optimize.BFGSLineSearch` (ASE 3.29): Nocedal, Wright, "Numerical Optimization" (2006),
 * algorithm 6.1. It keeps the inverse Hessian, which has 9·rows² numbers: for structures of hundreds of atoms.
 */
import { continueSearch, startSearch, type LineSearch } from './line-search.js';
import { dot, longest, longestStep, sum, type Move, type Point } from './optimizer.js';

/** eV/Å²: curvature to begin with. Energies and gradients are divided by it. */
const curvature = 10;

export interface BfgsLineSearchState {
  /** Where the line begins. */
  readonly origin: Point;
  /** Of the line [rows 3]; times the step it is how far to go */
  readonly direction: Float64Array;
  /** [rows·3, rows·3] */
  readonly inverseHessian: Float64Array;
  readonly search: LineSearch;
  /** Searches in a row that failed. */
  readonly failures: number;
}

export function bfgsLineSearch(state: BfgsLineSearchState | undefined, point: Point): Move<BfgsLineSearchState> {
  if (!state) return along(point, unit(point), 0);
  const { origin, direction, search, failures } = state;
  const next = continueSearch(search, trialAt(search.step, point, direction));
  if (next === 'found') return along(point, learned(state, point), 0);
  if (next !== 'failed')
    return { state: { ...state, search: next }, next: sum(origin.coordinates, direction, next.step), isTrial: true };
  // Like ASE on from there; then down the forces; then energies are no better than their noise.
  if (failures < 2) return along(point, failures < 1 ? learned(state, point) : unit(point), failures + 1);
  return { state, next: undefined };
}

/** Begins a line. */
function along(point: Point, inverseHessian: Float64Array, failures: number): Move<BfgsLineSearchState> {
  const newton = times(inverseHessian, point.forces).map((x) => x / curvature);
  const [size, least] = [Math.sqrt(dot(newton, newton)), Math.sqrt((newton.length / 3) * 1e-10)];
  const direction = size > least ? newton : newton.map((x) => (x * least) / size);
  const { energy, slope } = trialAt(0, point, direction);
  const search = startSearch(energy, slope, longestStep / longest(direction));
  // A Hessian that leads up is worth nothing; forces lead down.
  if (!search) return along(point, unit(point), failures);
  const state = { origin: point, direction, inverseHessian, search, failures };
  return { state, next: sum(point.coordinates, direction, search.step) };
}

function unit({ forces }: Point): Float64Array {
  const size = forces.length;
  return Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}

function trialAt(step: number, { energy, forces }: Point, direction: Float64Array): LineSearch['best'] {
  return { step, energy: energy / curvature, slope: -dot(forces, direction) / curvature };
}

/** The inverse Hessian with what a line told (equation 6.17), where its slope has fallen. */
function learned({ origin, inverseHessian, direction }: BfgsLineSearchState, point: Point): Float64Array {
  if (!(Math.abs(dot(point.forces, direction)) < Math.abs(dot(origin.forces, direction)))) return inverseHessian;
  const way = sum(point.coordinates, origin.coordinates, -1);
  const gradient = sum(origin.forces, point.forces, -1).map((x) => x / curvature);
  const inverse = 1 / dot(gradient, way);
  const rho = Number.isFinite(inverse) ? inverse : 1000;
  const image = times(inverseHessian, gradient);
  const factor = rho * (1 + rho * dot(gradient, image));
  const size = way.length;
  return inverseHessian.map((h, i) => {
    const [row, column] = [Math.floor(i / size), i % size];
    const [a, b] = [way[row]!, way[column]!];
    return h + factor * a * b - rho * (a * image[column]! + image[row]! * b);
  });
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, i) => dot(matrix.subarray(i * size, (i + 1) * size), vector));
}
