/** Dynamics of systems of which everything is known: the bits of ASE, kept energy, the distributions of each ensemble, restarts. */
import { describe, expect, test } from 'vitest';
import { makeStructure } from '@mace/core/structure';
import { startDynamics, type Dynamics } from './dynamics.js';
import type { DynamicsOptions } from './options.js';
import { atomsOf, wells } from './testing/potentials.js';
import { boltzmannConstant } from './units.js';

const molecule = makeStructure({
  symbols: ['O', 'H', 'C'],
  positions: [0.1, -0.2, 0.3, 0.25, 0.5, -0.75, 1, 0, -0.125],
});
const momenta = [1, 0.5, -0.25, 0.1, 0.2, 0.3, -2, 0, 1];

describe('nve', () => {
  test('has the bits of velocity Verlet of ASE 3.29', async () => {
    const dynamics = await startDynamics(wells([molecule], 1.5), { ensemble: 'nve', timestep: 0.7, momenta });
    await dynamics.run(200);
    // VelocityVerlet(atoms, 0.7 * units.fs).run(200), forces −1.5 x.
    expect([...dynamics.atoms.positions]).toEqual([
      -0.22707764592710863, 0.0066632564693655414, -0.09949329178101837, -0.1909985598705655, -0.381997119741131,
      0.14402647668648666, 0.6130627947862183, 0, -0.2514231132511993,
    ]);
    expect([...dynamics.atoms.momenta]).toEqual([
      -0.05129041528519761, -1.099439963758801, 1.4087557867723635, 0.22197379124511507, 0.44394758249023014,
      -0.9527302362546184, 3.9042810931116647, 0, -0.37781856835513716,
    ]);
    expect(dynamics.kineticEnergies[0]).toBeCloseTo(1.3128325355538664, 13);
    expect(dynamics.temperatures[0]).toBeCloseTo(3385.509804543785, 9);
  });

  test('keeps the energy, with an error that falls with the square of the time step, and goes back the way it came', async () => {
    const largest: number[] = [];
    for (const timestep of [0.8, 0.4, 0.2]) {
      const dynamics = await startDynamics(wells([molecule], 1.5), { ensemble: 'nve', timestep, momenta });
      const [start] = dynamics.conserved;
      let most = 0;
      await dynamics.run(800 / timestep, () => void (most = Math.max(most, Math.abs(dynamics.conserved[0]! - start!))));
      largest.push(most);
      dynamics.atoms.momenta.forEach((p, i, all) => (all[i] = -p));
      await dynamics.run(800 / timestep);
      dynamics.atoms.positions.forEach((x, i) => expect(x).toBeCloseTo(molecule.positions[i]!, 9));
    }
    for (const [i, next] of largest.slice(1).entries()) {
      expect(largest[i]! / next).toBeGreaterThan(3.5);
      expect(largest[i]! / next).toBeLessThan(4.5);
    }
  });
});

/** Mean and its standard error of what is seen of each structure after every so many steps. */
async function means(
  dynamics: Dynamics,
  samples: number,
  every: number,
  see: (dynamics: Dynamics) => ArrayLike<number>,
): Promise<{ mean: number; error: number; variance: number; all: number[] }> {
  const all: number[] = [];
  for (let i = 0; i < samples; i++) {
    await dynamics.run(every);
    all.push(...Array.from(see(dynamics)));
  }
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1);
  return { mean, variance, error: Math.sqrt(variance / all.length), all };
}

describe('nvt', () => {
  const options: DynamicsOptions = { ensemble: 'nvt', temperature: 400, friction: 0.02, timestep: 2, seed: 11 };
  const kT = boltzmannConstant * 400;

  test('atoms in wells have the variance kT/k, whatever the time step, and the temperature', async () => {
    const k = 2;
    const dynamics = await startDynamics(wells([atomsOf(6, 250)], k), { ...options, timestep: 6 });
    await dynamics.run(100);
    const seen = await means(dynamics, 60, 20, ({ atoms }) => atoms.positions.map((x) => x * x));
    expect(Math.abs(seen.mean - kT / k)).toBeLessThan(5 * seen.error);
    expect(seen.error).toBeLessThan(0.01 * (kT / k));
    const short = await startDynamics(wells([atomsOf(6, 250)], k), options);
    const hot = await means(short, 60, 60, ({ temperatures }) => temperatures);
    expect(Math.abs(hot.mean - 400)).toBeLessThan(5 * hot.error);
    expect(hot.error).toBeLessThan(4);
  });

  test('what the thermostat gives is accounted for', async () => {
    const dynamics = await startDynamics(wells([atomsOf(6, 50)], 2), { ...options, timestep: 0.1 });
    const [start] = dynamics.conserved;
    await dynamics.run(3000);
    expect(Math.abs(dynamics.ensemble.heat[0]!)).toBeGreaterThan(0.1);
    expect(Math.abs(dynamics.conserved[0]! - start!)).toBeLessThan(1e-3);
  });
});

describe('nvt-nh', () => {
  test('goes the way of ASE 3.29, and keeps what it should', async () => {
    const options = { ensemble: 'nvt-nh', temperature: 900, timestep: 0.7, thermostatTime: 20, momenta } as const;
    const dynamics = await startDynamics(wells([molecule], 1.5), options);
    const [start] = dynamics.conserved;
    await dynamics.run(200);
    // NoseHooverChainNVT(atoms, 0.7 * units.fs, temperature_K=900, tdamp=20 * units.fs).run(200)
    const positions = [
      -0.36963070882409693, 0.0772288249563428, -0.24824975597288432, -0.12477595293439851, -0.24955190586879702,
      0.03182056871982473, 0.19345750683816423, 0.0, -0.2539890716365248,
    ];
    const moving = [
      -0.21795484742819177, -0.3581506816165782, 0.37841394713027565, 0.13535957917000382, 0.27071915834000765,
      -0.7520419506113774, 1.8337967575176943, 0.0, -0.09364679144025229,
    ];
    positions.forEach((x, i) => expect(dynamics.atoms.positions[i]).toBeCloseTo(x, 11));
    moving.forEach((p, i) => expect(dynamics.atoms.momenta[i]).toBeCloseTo(p, 11));
    expect(-dynamics.ensemble.heat[0]!).toBeCloseTo(1.0753634307434736, 11);
    expect(Math.abs(dynamics.conserved[0]! - start!)).toBeLessThan(2e-3);
  });
});

describe('nvt-csvr', () => {
  /** Kinetic energies of many structures of ten atoms, which have 27 degrees of freedom. */
  const kineticEnergies = async (temperature: number): Promise<Awaited<ReturnType<typeof means>>> => {
    const structures = Array.from({ length: 100 }, () => atomsOf(18, 10, (i) => i));
    const options = { ensemble: 'nvt-csvr', temperature, thermostatTime: 20, timestep: 2, seed: 5 } as const;
    const dynamics = await startDynamics(wells(structures, 0), options);
    await dynamics.run(100);
    return means(dynamics, 40, 40, (now) => now.kineticEnergies);
  };

  test('kinetic energies have the canonical distribution', async () => {
    const kT = boltzmannConstant * 300;
    const { mean, error, variance, all } = await kineticEnergies(300);
    expect(Math.abs(mean - 15 * kT)).toBeLessThan(5 * error);
    // A gamma distribution of shape 15; a thermostat that only scales to the mean has no variance.
    expect(variance / (15 * kT * kT)).toBeGreaterThan(0.85);
    expect(variance / (15 * kT * kT)).toBeLessThan(1.15);
    const skewness = all.reduce((sum, x) => sum + ((x - mean) / Math.sqrt(variance)) ** 3, 0) / all.length;
    expect(Math.abs(skewness - 2 / Math.sqrt(15))).toBeLessThan(0.25);
  });
});

describe('bits', () => {
  const structures = [3, 8, 5].map((count, g) => atomsOf([1, 6, 8][g]!, count, (i) => Math.sin(i + g)));
  const options = (ensemble: DynamicsOptions['ensemble']): DynamicsOptions => ({ ensemble, temperature: 250, seed: 3 });

  test.each(['nve', 'nvt', 'nvt-nh', 'nvt-csvr'] as const)(
    '%s: the same alone and in a batch, and after a restart',
    async (name) => {
      const together = await startDynamics(wells(structures, 1), options(name));
      await together.run(40);
      const half = together.state();
      await together.run(60);
      for (const [g, structure] of structures.entries()) {
        const alone = await startDynamics(wells([structure], 1), { ...options(name), structureNumbers: [g] });
        await alone.run(100);
        const [from, to] = [3 * together.atoms.offsets[g]!, 3 * together.atoms.offsets[g + 1]!];
        expect(alone.atoms.positions).toEqual(together.atoms.positions.slice(from, to));
        expect(alone.atoms.momenta).toEqual(together.atoms.momenta.slice(from, to));
      }
      const again = await startDynamics(wells(structures, 1), options(name), structuredClone(half));
      expect(again.step).toBe(40);
      await again.run(60);
      expect(again.state()).toEqual(together.state());
    },
  );

  test('momenta that are drawn have the temperature, no drift, and no rotation where nothing is periodic', async () => {
    const many = Array.from({ length: 300 }, (_, g) => atomsOf(6, 5, (i) => Math.sin(7 * i + g)));
    const { temperatures, atoms } = await startDynamics(wells(many, 0), { ensemble: 'nve', temperature: 500 });
    const mean = temperatures.reduce((sum, t) => sum + t, 0) / 300;
    // Nine degrees of freedom each.
    expect(Math.abs(mean - 500)).toBeLessThan((5 * 500 * Math.sqrt(2 / 9)) / Math.sqrt(300));
    const total = [0, 0, 0, 0, 0, 0];
    for (let atom = 0; atom < 5; atom++) {
      const [x, y, z] = atoms.positions.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
      const [px, py, pz] = atoms.momenta.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
      [px, py, pz, y * pz - z * py, z * px - x * pz, x * py - y * px].forEach((value, i) => (total[i]! += value));
    }
    total.forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-12));
  });
});

test.each([
  ['a pair', 2, (i: number) => [0.3, 0.4, 1.2][i % 3]! * Math.floor(i / 3), 1],
  ['a line', 3, (i: number) => [0.3, 0.4, 1.2][i % 3]! * Math.floor(i / 3), 4],
  ['a plane', 3, (i: number) => [1, 0.2, 0.5][i % 3]! * Math.sin(i), 3],
] as const)('momenta of %s have the temperature, and turn nothing', async (_, count, place, freedom) => {
  const many = Array.from({ length: 2000 }, () => atomsOf(6, count, place));
  const { temperatures, atoms } = await startDynamics(wells(many, 0), { ensemble: 'nve', temperature: 300 });
  const mean = temperatures.reduce((sum, t) => sum + t, 0) / many.length;
  expect(Math.abs(mean - 300)).toBeLessThan((5 * 300 * Math.sqrt(2 / freedom)) / Math.sqrt(many.length));
  const turn = [0, 0, 0];
  for (let atom = 0; atom < count; atom++) {
    const [x, y, z] = atoms.positions.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
    const [px, py, pz] = atoms.momenta.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
    [y * pz - z * py, z * px - x * pz, x * py - y * px].forEach((value, k) => (turn[k]! += value));
  }
  turn.forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-12));
});

test('a lone atom is at rest, and nothing is no trouble', async () => {
  const { atoms } = await startDynamics(wells([atomsOf(6, 1), atomsOf(6, 0)], 0), {
    ensemble: 'nve',
    temperature: 300,
  });
  expect([...atoms.momenta].map(Math.abs)).toEqual([0, 0, 0]);
});

test.each([
  [
    { ensemble: 'nvd' },
    /ensemble is nvd; expected one of nve, nvt, nvt-nh, nvt-csvr, npt, npt-mtk, nph; the nearest is nve/,
  ],
  [{ ensemble: 'nvt' }, /temperature is undefined; expected a number in K/],
  [{ ensemble: 'nvt', temperature: -1 }, /temperature is -1; expected a number from 0 on/],
  [{ ensemble: 'nvt-nh', temperature: 0 }, /temperature is 0; expected a number above 0/],
  [{ ensemble: 'nve', timestep: 0 }, /timestep is 0; expected a time above 0, in fs/],
  [{ ensemble: 'nve', momenta: [1, 2] }, /momenta: expected 9 numbers, got 2/],
  [{ ensemble: 'nve', momenta: [...momenta.slice(1), NaN] }, /momenta\[8\] = NaN/],
  [{ ensemble: 'nve', masses: [1, 2, 0] }, /masses: expected 3 numbers above 0/],
  [{ ensemble: 'nve', structureNumbers: [1, 2] }, /structureNumbers has 2 numbers/],
  [{ ensemble: 'nve', seed: 0.5 }, /seed is 0.5/],
])('%j is refused', async (options, message) => {
  await expect(startDynamics(wells([molecule], 1), options as DynamicsOptions)).rejects.toThrow(message);
});

test('a second run while one goes on, and what is no number of steps, are refused', async () => {
  const dynamics = await startDynamics(wells([atomsOf(6, 3, (i) => i)], 1), { ensemble: 'nve', temperature: 100 });
  const first = dynamics.run(5);
  await expect(dynamics.run(5)).rejects.toThrow(/another call has not ended/);
  await first;
  for (const steps of [NaN, -3, 2.5])
    await expect(dynamics.run(steps)).rejects.toThrow(/steps is .*; expected a whole/);
  expect(dynamics.step).toBe(5);
});
