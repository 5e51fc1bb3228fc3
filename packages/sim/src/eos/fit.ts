/** The equation of state that fits energies of some volumes best, in least squares. */
import { UnsupportedError } from '@mace/core';
import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { refuse } from '../refuse.js';
import { equationsOfState, type EquationName, type EquationOfState } from './equations.js';

export interface FittedEquation {
  readonly equation: EquationName;
  /** Å³ */
  readonly volume: number;
  /** eV */
  readonly energy: number;
  /** eV/Å³; `gigapascal` of this package is the unit GPa in it */
  readonly bulkModulus: number;
  /** B₀′ = ∂B/∂P */
  readonly pressureDerivative: number;
  /** eV: root of the mean square of what the curve misses */
  readonly rmse: number;
  /** Whether the minimum lies among the volumes, and not beyond. */
  readonly isBracketed: boolean;
  /** Energy of the curve, eV. @param volume - Å³ */
  energyAt(volume: number): number;
}

/** Four are fitted, and one more is needed for the fit to say anything. */
export const fewestVolumes = 5;
const iterations = 100;
/** Energies are fitted in units so small that the library's least damping, an absolute number, slows nothing. */
const magnified = 1e5;
/** Of finite differences, in parameters of the order of one. */
const difference = 1e-5;

/**
 * Fits E(V) of a crystal.
 * @param volumes - Å³, at least five different ones
 * @param energies - eV
 * @throws UnsupportedError (`option`) for another equation, or points without a minimum
 */
export function fitEquationOfState(
  volumes: readonly number[],
  energies: readonly number[],
  equation: EquationName = 'birchmurnaghan',
): FittedEquation {
  checkEquation(equation);
  if (volumes.length !== energies.length || new Set(volumes).size < fewestVolumes)
    refuse('volumes', `${volumes.length} numbers`, `at least ${fewestVolumes} different ones, and as many energies`);
  if (![...volumes, ...energies].every(Number.isFinite) || volumes.some((volume) => volume <= 0))
    refuse('volumes', 'without finite numbers', 'volumes above 0 and energies that are finite');
  const form: EquationOfState = equationsOfState[equation];
  const { least, scale } = start(volumes, energies);
  // In units of the parabola's own minimum all parameters are of the order of one.
  const x = volumes.map((volume) => volume / least.volume);
  const y = energies.map((energy) => (magnified * (energy - least.energy)) / scale);
  const curve =
    ([e, b, v, p]: number[]) =>
    (at: number): number =>
      magnified * (e! + b! * v! * form.g(at / v!, p!));
  const { parameterValues } = levenbergMarquardt({ x, y }, curve, {
    initialValues: [0, 1, 1, form.start],
    maxIterations: iterations,
    errorTolerance: 0,
    gradientDifference: difference,
    centralDifference: true,
    minValues: [-Infinity, 1e-6, 0.1, -Infinity],
    maxValues: [Infinity, Infinity, 10, Infinity],
  });
  const [e, b, v, p] = parameterValues as [number, number, number, number];
  const energyAt = (volume: number): number =>
    least.energy + (scale / magnified) * curve(parameterValues)(volume / least.volume);
  const volume = v * least.volume;
  const misses = energies.map((energy, i) => energy - energyAt(volumes[i]!));
  return {
    equation,
    volume,
    energy: least.energy + scale * e,
    bulkModulus: (b * scale) / least.volume,
    pressureDerivative: form.derivative(p),
    rmse: Math.sqrt(misses.reduce((sum, miss) => sum + miss * miss, 0) / misses.length),
    isBracketed: volume > Math.min(...volumes) && volume < Math.max(...volumes),
    energyAt,
  };
}

/** @throws UnsupportedError (`option`) */
export function checkEquation(equation: string): void {
  if (!Object.hasOwn(equationsOfState, equation))
    refuse('equation', equation, `one of ${Object.keys(equationsOfState).join(', ')}`);
}

/** The minimum of the parabola through the points, and its B·V, eV. @throws UnsupportedError */
function start(
  volumes: readonly number[],
  energies: readonly number[],
): { readonly least: { readonly volume: number; readonly energy: number }; readonly scale: number } {
  const middle = (Math.min(...volumes) + Math.max(...volumes)) / 2;
  const lowest = Math.min(...energies);
  const height = Math.max(...energies) - lowest || 1;
  const { parameterValues } = levenbergMarquardt(
    {
      x: volumes.map((volume) => volume / middle - 1),
      y: energies.map((energy) => (magnified * (energy - lowest)) / height),
    },
    ([a, b, c]) =>
      (at) =>
        magnified * (a! + b! * at + c! * at * at),
    {
      initialValues: [0, 0, 1],
      maxIterations: iterations,
      errorTolerance: 0,
      gradientDifference: difference,
      centralDifference: true,
    },
  );
  const [a, b, c] = parameterValues as [number, number, number];
  const at = -b / (2 * c);
  if (!(c > 0 && at > -0.9))
    throw new UnsupportedError(
      'option',
      'energies have no minimum: their parabola opens downwards, or has it at no volume. Take other volumes, relax the structure first, or look at the model.',
    );
  const volume = middle * (1 + at);
  // B·V = V²·E″
  return { least: { volume, energy: lowest + height * (a + (b * at) / 2) }, scale: 2 * c * height * (1 + at) ** 2 };
}
