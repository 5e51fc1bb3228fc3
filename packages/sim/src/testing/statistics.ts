/** Whether samples are of a distribution, and whether two ensembles stand to each other as their temperatures or pressures say. */
import { startDynamics, type Dynamics } from '../dynamics.js';
import type { DynamicsOptions } from '../options.js';
import type { System } from '@mace/core';

export interface Sampling {
  /** Steps before the first sample. */
  readonly before: number;
  readonly samples: number;
  /** Steps from sample to sample: enough of them to forget. */
  readonly every: number;
}

/** What is seen of every structure, again and again. */
export async function sampled(
  system: System,
  options: DynamicsOptions,
  { before, samples, every }: Sampling,
  see: (dynamics: Dynamics) => ArrayLike<number>,
): Promise<number[]> {
  const dynamics = await startDynamics(system, options);
  await dynamics.run(before);
  const all: number[] = [];
  for (let i = 0; i < samples; i++) {
    await dynamics.run(every);
    all.push(...Array.from(see(dynamics)));
  }
  return all;
}

/** The cumulative distribution of a density whose logarithm is known but for a constant, by the trapezoidal rule. */
export function distributionOf(logDensity: (x: number) => number, from: number, to: number): (x: number) => number {
  const count = 4000;
  const width = (to - from) / count;
  const logs = Array.from({ length: count + 1 }, (_, i) => logDensity(from + i * width));
  const most = logs.reduce((best, one) => Math.max(best, one), -Infinity);
  const sums = [0];
  for (let i = 1; i <= count; i++)
    sums.push(sums[i - 1]! + 0.5 * (Math.exp(logs[i - 1]! - most) + Math.exp(logs[i]! - most)));
  return (x) => {
    const at = Math.min(Math.max((x - from) / width, 0), count - 1e-9);
    const i = Math.floor(at);
    return (sums[i]! + (at - i) * (sums[i + 1]! - sums[i]!)) / sums[count]!;
  };
}

/**
 * The probability that so many independent samples of a distribution lie as far from it as these, or farther: of their places and, so that
 * a wrong width is seen as well as a wrong middle, of their distances from its median.
 */
export function fit(samples: readonly number[], distribution: (x: number) => number): number {
  const shares = samples.map(distribution);
  return Math.min(1, 2 * Math.min(fromEven(shares), fromEven(shares.map((share) => Math.abs(2 * share - 1)))));
}

/** As `fit`, of numbers that are even from 0 to 1: Kolmogorov and Smirnov, corrected by Stephens, J. R. Stat. Soc. B 32, 115 (1970). */
function fromEven(samples: readonly number[]): number {
  const n = samples.length;
  let farthest = 0;
  [...samples].sort((a, b) => a - b).forEach((x, i) => (farthest = Math.max(farthest, x - i / n, (i + 1) / n - x)));
  const scaled = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * farthest;
  if (scaled < 0.3) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * scaled * scaled);
  return Math.min(1, Math.max(0, sum));
}

/** Kinetic energies of so many degrees of freedom at kT. */
export function kineticDistribution(freedom: number, kT: number): (energy: number) => number {
  const mean = 0.5 * freedom * kT;
  const reach = 12 * kT * Math.sqrt(freedom / 2) + 12 * kT;
  return distributionOf(
    (energy) => (energy > 0 ? (freedom / 2 - 1) * Math.log(energy) - energy / kT : -Infinity),
    Math.max(mean - reach, 1e-9 * kT),
    mean + reach,
  );
}

/**
 * b of ln(p₂(x)/p₁(x)) = a + b·x by maximum likelihood, with its standard error, of independent samples of two ensembles: Shirts, J. Chem.
 * Theory Comput. 9, 909 (2013); as in Merz, Shirts, PLoS ONE 13, e0202764 (2018). For energies b is 1/kT₁ − 1/kT₂, for volumes
 * (P₁ − P₂)/kT.
 */
export function slopeOfRatio(
  first: readonly number[],
  second: readonly number[],
): { readonly slope: number; readonly error: number } {
  const all = [...first.map((x) => ({ x, isSecond: 0 })), ...second.map((x) => ({ x, isSecond: 1 }))];
  const middle = all.reduce((sum, { x }) => sum + x, 0) / all.length;
  const spread = Math.sqrt(all.reduce((sum, { x }) => sum + (x - middle) ** 2, 0) / all.length);
  let [a, b] = [0, 0];
  for (let round = 0; ; round++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 0, 0, 0];
    for (const { x, isSecond } of all) {
      const z = (x - middle) / spread;
      const p = 1 / (1 + Math.exp(-a - b * z));
      const [miss, weight] = [isSecond - p, p * (1 - p)];
      ga += miss;
      gb += miss * z;
      haa += weight;
      hab += weight * z;
      hbb += weight * z * z;
    }
    const determinant = haa * hbb - hab * hab;
    const [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
    a += da;
    b += db;
    if (round > 50) throw new Error('The two ensembles do not overlap.');
    if (Math.abs(da) + Math.abs(db) < 1e-10) return { slope: b / spread, error: Math.sqrt(haa / determinant) / spread };
  }
}
