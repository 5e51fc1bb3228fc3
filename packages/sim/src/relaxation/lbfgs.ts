/**
 * Limited-memory BFGS without a line search, with the numbers of `ase.optimize.LBFGS` (ASE 3.29): Nocedal, Wright, "Numerical Optimization"
 * (2006), algorithm 7.4.
 */
import { dot, longest, longestStep, type Optimizer } from './optimizer.js';

/** Steps that are remembered. */
const memory = 100;
/** eV/Å²: curvature to begin with. */
const curvature = 70;

interface Change {
  readonly positions: Float64Array;
  readonly forces: Float64Array;
  readonly rho: number;
}

export function lbfgs(): Optimizer {
  const changes: Change[] = [];
  let last: { readonly positions: Float64Array; readonly forces: Float64Array } | undefined;
  return {
    step: (positions, forces) => {
      if (last) {
        const change = difference(positions, last.positions);
        const less = difference(last.forces, forces);
        const rho = 1 / dot(less, change);
        // Nothing has changed, and nothing is learned of it.
        if (Number.isFinite(rho)) changes.push({ positions: change, forces: less, rho });
        if (changes.length > memory) changes.shift();
      }
      last = { positions: positions.slice(), forces: forces.slice() };
      const way = forces.map((force) => -force);
      const shares: number[] = [];
      for (let i = changes.length - 1; i >= 0; i--) {
        const { positions: s, forces: y, rho } = changes[i]!;
        shares[i] = rho * dot(s, way);
        add(way, y, -shares[i]!);
      }
      way.forEach((x, i) => (way[i] = x / curvature));
      changes.forEach(({ positions: s, forces: y, rho }, i) => add(way, s, shares[i]! - rho * dot(y, way)));
      const most = longest(way);
      const scale = most >= longestStep ? -longestStep / most : -1;
      return way.map((x) => scale * x);
    },
  };
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x - b[i]!);
}

function add(to: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * vector[i]!;
}
