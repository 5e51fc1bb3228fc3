/** Systems, thermostats and barostats on them, and the distributions that theory has for these; and ensembles that are wrong on purpose. */
import { makeStructure, type Structure } from '@mace/core/structure';
import { holdBonds } from '../constraints/bonds.js';
import type { Ensemble, EnsembleSettings, MakeEnsemble } from '../ensembles/ensemble.js';
import { ensembles, type DynamicsOptions, type EnsembleName } from '../options.js';
import { purpose, type RandomStream } from '../random.js';
import { boltzmannConstant, gigapascal } from '../units.js';
import { kineticEnergy } from '../atoms.js';
import { startDynamics } from '../dynamics.js';
import { volume } from '../matrices.js';
import { crystals, inCube, systemOf } from './potentials.js';
import { distributionOf, fit, kineticDistribution, sampled, type Sampling } from './statistics.js';

export const temperature = 300;
export const kT = boltzmannConstant * temperature;
const [atoms, edge] = [6, 8];
const size = edge ** 3;
/** So soft that volumes spread by a fifth: what is of the order of kT/V is seen. */
export const modulus = (25 * kT) / size;
export const pressure = 0.1 * modulus;

const wells = { k: 1, coupling: 2, bulkModulus: modulus, shearModulus: 4 * modulus };
const usual = {
  temperature,
  timestep: 4,
  friction: 0.03,
  thermostatTime: 40,
  barostatTime: 80,
  bulkModulus: modulus / gigapascal,
  seed: 1,
};
const pressed = { ...usual, pressure: pressure / gigapascal };

/** What is known of an ensemble of a system. */
export interface Known {
  readonly options: DynamicsOptions;
  /** Of one structure. */
  readonly structure: Structure;
  readonly system: (structures: readonly Structure[]) => ReturnType<typeof systemOf>;
  readonly freedom: number;
  readonly volumes?: (x: number) => number;
  readonly shapes?: (x: number) => number;
  /** Bonds. */
  readonly pairs?: readonly (readonly [number, number])[];
  /** What brings structures into its distribution first, of an ensemble that keeps it and does not find it. */
  readonly from?: DynamicsOptions;
}

const crystal = {
  structure: inCube(18, atoms, edge),
  system: (many: readonly Structure[]) => crystals(many, wells),
  freedom: 3 * atoms,
};
/** One that may drift, and does not: its other momenta share what those of the drift would have. */
const free = { ...crystal, system: (many: readonly Structure[]) => crystals(many, { ...wells, isFree: true }) };
const gas = {
  structure: inCube(18, 8, 10),
  system: (many: readonly Structure[]) => crystals(many, {}),
};
/** Of so many particles that share what their momenta need. */
const gasPressure = (8 * kT) / 10 ** 3;
const gasOptions = {
  ...usual,
  pressure: gasPressure / gigapascal,
  bulkModulus: gasPressure / gigapascal,
  barostatTime: 100,
} as const;
const gasVolumes = (power: number): ((x: number) => number) =>
  distributionOf((x) => power * Math.log(x) - (gasPressure * x) / kT, 5, 8 * 10 ** 3);

const dimers = makeStructure({
  symbols: Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 'C' : 'O')),
  positions: Array.from({ length: 16 }, (_, i) => {
    const at = gas.structure.positions.subarray(3 * Math.floor(i / 2), 3 * Math.floor(i / 2) + 3);
    return [...at].map((x, k) => x + (i % 2) * [0.6, -0.8, 0.5][k]!);
  }).flat(),
  cell: [10, 10, 10],
});
/** Springs along bonds, which are held: they push the cell, and it must not feel it. */
const strained = (many: readonly Structure[]): ReturnType<typeof systemOf> =>
  systemOf(many, (x, forces, _, virial) => {
    for (let i = 0; i < x.length; i += 6) {
      const way = [0, 1, 2].map((k) => x[i + 3 + k]! - x[i + k]!);
      way.forEach((w, k) => {
        forces[i + k] = -3 * w;
        forces[i + 3 + k] = 3 * w;
        way.forEach((other, l) => (virial[3 * k + l]! += 3 * w * other));
      });
    }
    return 0;
  });

const volumesAt = (p: number): ((x: number) => number) =>
  distributionOf((x) => -((0.5 * modulus * (x - size) ** 2) / size + p * x) / kT, 1, 3 * size);

export const known = {
  nvt: { ...crystal, options: { ...usual, ensemble: 'nvt' } },
  'nvt-csvr': { ...crystal, options: { ...usual, ensemble: 'nvt-csvr' } },
  'nvt-nh': { ...crystal, options: { ...usual, ensemble: 'nvt-nh' } },
  'npt, rescaled velocities': { ...free, options: { ...pressed, ensemble: 'npt' }, volumes: volumesAt(pressure) },
  'npt, Langevin': {
    ...crystal,
    options: { ...pressed, ensemble: 'npt', thermostat: 'langevin' },
    volumes: volumesAt(pressure),
  },
  'npt, anisotropic': {
    ...free,
    options: { ...pressed, ensemble: 'npt', anisotropic: true },
    volumes: volumesAt(pressure),
    shapes: shapesOf((4 * modulus * size) / kT),
  },
  'npt-mtk': { ...crystal, options: { ...pressed, ensemble: 'npt-mtk' }, volumes: volumesAt(pressure) },
  nph: {
    ...crystal,
    options: { ...pressed, ensemble: fromMovingCells, stress: true },
    from: { ...pressed, ensemble: 'npt', thermostat: 'langevin' },
    volumes: volumesAt(pressure),
  },
  'npt of a gas': { ...gas, freedom: 24, options: { ...gasOptions, ensemble: 'npt' }, volumes: gasVolumes(8) },
  'npt of a gas, Langevin': {
    ...gas,
    freedom: 24,
    options: { ...gasOptions, ensemble: 'npt', thermostat: 'langevin' },
    volumes: gasVolumes(8),
  },
  'npt of molecules with bonds': {
    structure: dimers,
    system: strained,
    freedom: 3 * 16 - 8,
    options: { ...gasOptions, ensemble: 'npt', timestep: 3 },
    // Of 40 degrees of freedom the drift is at rest: 37 share what 40 would have, 21 of them are of the 8 molecules.
    volumes: gasVolumes((7 * 40) / 37),
    pairs: Array.from({ length: 8 }, (_, i) => [2 * i, 2 * i + 1] as const),
  },
} satisfies Record<string, Known>;
export type KnownName = keyof typeof known;

/** Ensembles with one thing wrong, and the known one that they are to be told from. */
export const wrong: Record<string, { readonly like: KnownName; readonly ensemble: MakeEnsemble }> = {
  'three per cent more noise': {
    like: 'nvt',
    ensemble: changed('nvt', ({ thermalEnergy }) => ({ thermalEnergy: (step) => 1.03 ** 2 * thermalEnergy(step) })),
  },
  'drift not among the degrees of freedom': {
    like: 'nvt-csvr',
    ensemble: changed('nvt-csvr', (settings) => ({
      atoms: { ...settings.atoms, freedom: settings.atoms.freedom.map((n) => n - 3) },
    })),
  },
  'drift not among the degrees of freedom of a chain': {
    like: 'nvt-nh',
    ensemble: changed('nvt-nh', (settings) => ({
      atoms: { ...settings.atoms, freedom: settings.atoms.freedom.map((n) => n - 3) },
    })),
  },
  'no kT in the drift of the volume': {
    like: 'npt of a gas',
    ensemble: changed('npt', (settings) => pressedMore(settings, () => kT / 2)),
  },
  'ten per cent more noise of the volume': {
    like: 'npt, rescaled velocities',
    ensemble: changed('npt', ({ streams }) => ({ streams: streams.map((one) => louder(one, [0], 1.1)) })),
  },
  'pressure with the wrong sign': {
    like: 'npt, Langevin',
    ensemble: changed('npt', (settings) => ({ pressure: (step, g) => -settings.pressure(step, g) })),
  },
  'noise of the shape as if nine numbers were independent': {
    like: 'npt, anisotropic',
    ensemble: changed('npt', ({ streams }) => ({ streams: streams.map((one) => louder(one, [4, 5, 6], Math.SQRT2)) })),
  },
  'no kinetic energy in the push of the cell': {
    like: 'npt-mtk',
    ensemble: changed('npt-mtk', (settings) =>
      pressedMore(settings, (g) => (2 * kineticEnergy(settings.atoms, g)) / settings.atoms.freedom[g]!),
    ),
  },
  'no kinetic energy in the push of the cell, without a thermostat': {
    like: 'nph',
    ensemble: (settings) =>
      fromMovingCells({
        ...settings,
        ...pressedMore(settings, (g) => (2 * kineticEnergy(settings.atoms, g)) / settings.atoms.freedom[g]!),
      }),
  },
};

/**
 * Constant enthalpy from the distribution of constant pressure and temperature: it keeps that one where momenta of cells begin with their
 * share of kT, and all cells have one mass.
 */
function fromMovingCells(settings: EnsembleSettings): Ensemble {
  const ensemble = ensembles.nph(settings);
  const each = ensemble.variables.length / settings.streams.length;
  const mass = 3 * size * settings.bulkModulus * settings.barostatTime ** 2;
  settings.streams.forEach((stream, g) => {
    const [noise] = stream.normal(new Float64Array(1), 0, 0, purpose.barostat);
    ensemble.variables[each * g] = noise! * Math.sqrt(mass * kT);
    ensemble.variables[each * g + 1] = size;
  });
  return ensemble;
}

export function changed(
  name: EnsembleName,
  change: (settings: EnsembleSettings) => Partial<EnsembleSettings>,
): MakeEnsemble {
  return (settings) => ensembles[name]({ ...settings, ...change(settings) });
}

/** With an energy over the volume added to the pressure. */
function pressedMore(settings: EnsembleSettings, energy: (g: number) => number): Partial<EnsembleSettings> {
  return { pressure: (step, g) => settings.pressure(step, g) + energy(g) / volume(settings.atoms.cells, 9 * g) };
}

/** Some numbers of the noise for one use, larger. */
export function louder(
  stream: RandomStream,
  which: readonly number[],
  factor: number,
  of: keyof typeof purpose = 'barostat',
): RandomStream {
  const normal: RandomStream['normal'] = (out, step, atom, use) => {
    stream.normal(out, step, atom, use);
    if (use === purpose[of]) for (const k of which) out[k]! *= factor;
    return out;
  };
  return { normal, uniform: stream.uniform.bind(stream) } as unknown as RandomStream;
}

/** How well kinetic energies, volumes and shapes fit what theory has: probabilities. */
export async function fits(
  name: KnownName,
  structures: number,
  sampling: Sampling,
  change: Partial<DynamicsOptions> = {},
): Promise<Record<string, number>> {
  const of: Known = known[name];
  if (of.from) {
    // Samples of a structure that keeps its enthalpy are not independent: each is of one of its own.
    structures *= sampling.samples;
    sampling = { before: sampling.before, samples: 1, every: 2 * sampling.every };
  }
  const many = Array.from({ length: structures }, () => of.structure);
  const volumes: number[] = [];
  const shapes: number[] = [];
  const options: { -readonly [K in keyof DynamicsOptions]: DynamicsOptions[K] } = {
    ...of.options,
    ...(of.pairs && { constraints: many.map((one) => [holdBonds(one, of.pairs!)]) }),
    ...change,
  };
  const system = of.system(many);
  if (of.from) {
    const before = await startDynamics(system, of.from);
    await before.run(sampling.before);
    options.momenta = before.atoms.momenta;
    sampling = { ...sampling, before: 0 };
  }
  const kinetic = await sampled(system, options, sampling, (dynamics) => {
    volumes.push(...dynamics.volumes);
    for (let g = 0; g < structures; g++)
      shapes.push(invariant(dynamics.atoms.cells.subarray(9 * g, 9 * g + 9), dynamics.volumes[g]!));
    return dynamics.kineticEnergies;
  });
  return {
    kinetic: fit(kinetic, kineticDistribution(of.freedom, kT)),
    ...(of.volumes && { volumes: fit(volumes, of.volumes) }),
    ...(of.shapes && { shapes: fit(shapes, of.shapes) }),
  };
}

/** Of a cell that was a cube: Σ of the squares of its stretches at constant volume. */
function invariant(cell: Float64Array, own: number): number {
  return cell.reduce((sum, x) => sum + x * x, 0) / own ** (2 / 3);
}

/**
 * The distribution of that sum where its energy is ½·g·kT·(sum − 3): stretches eᵃ, eᵇ, eᶜ with a + b + c = 0 have the measure
 * |sinh(a − b)·sinh(b − c)·sinh(c − a)| of the group of matrices of determinant 1.
 */
function shapesOf(g: number): (x: number) => number {
  const [count, reach, bins, most] = [600, 6 / Math.sqrt(g), 4000, 3 + 80 / g];
  const sums = new Float64Array(bins + 1);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      const [a, b] = [(2 * (i + 0.5)) / count - 1, (2 * (j + 0.5)) / count - 1].map((x) => x * reach) as [
        number,
        number,
      ];
      const c = -a - b;
      const sum = Math.exp(2 * a) + Math.exp(2 * b) + Math.exp(2 * c);
      const measure = Math.abs(Math.sinh(a - b) * Math.sinh(b - c) * Math.sinh(c - a));
      const bin = Math.min(bins, Math.ceil(((sum - 3) / (most - 3)) * bins));
      sums[bin]! += measure * Math.exp(-0.5 * g * (sum - 3));
    }
  for (let k = 1; k <= bins; k++) sums[k]! += sums[k - 1]!;
  return (x) => {
    const at = Math.min(Math.max(((x - 3) / (most - 3)) * bins, 0), bins - 1e-9);
    const k = Math.floor(at);
    return (sums[k]! + (at - k) * (sums[k + 1]! - sums[k]!)) / sums[bins]!;
  };
}
