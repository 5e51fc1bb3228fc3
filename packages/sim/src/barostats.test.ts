/** Cells under pressure: the way of ASE, what is kept, ramps, the same bits everywhere, and what is refused. */
import { describe, expect, test } from 'vitest';
import { makeStructure } from '@mace/core/structure';
import { holdBonds } from './constraints/bonds.js';
import type { Constraint } from './constraints/constraint.js';
import { fixAtoms } from './constraints/fix-atoms.js';
import { startDynamics } from './dynamics.js';
import type { DynamicsOptions } from './options.js';
import { known, kT } from './testing/known-ensembles.js';
import { atomsOf, crystals, inCube, wells } from './testing/potentials.js';
import { sampled } from './testing/statistics.js';
import { gigapascal } from './units.js';

const triclinic = makeStructure({
  symbols: ['O', 'H', 'C'],
  positions: [0.1, -0.2, 0.3, 0.25, 0.5, -0.75, 1, 0, -0.125],
  cell: [5, 0, 0, 0.5, 5.5, 0, 0, 1, 6],
});
const momenta = [1, 0.5, -0.25, 0.1, 0.2, 0.3, -2, 0, 1];
const crystal = { k: 1.5, bulkModulus: 0.05 };

test('npt-mtk goes the way of ASE 3.29', async () => {
  const dynamics = await startDynamics(crystals([triclinic], crystal), {
    ensemble: 'npt-mtk',
    timestep: 0.7,
    temperature: 900,
    pressure: 1.25,
    thermostatTime: 20,
    barostatTime: 30,
    momenta,
  });
  expect(dynamics.conserved[0]).toBeCloseTo(1.6059164263033157, 12);
  await dynamics.run(200);
  // IsotropicMTKNPT(atoms, 0.7 * fs, temperature_K=900, pressure_au=1.25 * GPa, tdamp=20 * fs, pdamp=30 * fs).run(200)
  const expected = {
    positions: [
      -0.16419672831927823, -0.3048619125740303, 0.3306417950185285, 0.2395361227192813, 0.4790722454385624,
      -0.6179729223285095, 0.830103522370059, 0, -0.08090643856344318,
    ],
    momenta: [
      -2.4827835112929915, -1.2413917556464957, 0.6206958778232449, 0.06485016748686549, 0.12970033497373032,
      0.19455050246059483, -3.461859980276276, 0, 1.7309299901381416,
    ],
    cells: [
      4.455270968287824, 0, 0, 0.4455270968287824, 4.900798065116606, 0, 0, 0.8910541936575648, 5.346325161945389,
    ],
  };
  for (const name of ['positions', 'momenta', 'cells'] as const)
    expected[name].forEach((value, i) => expect(dynamics.atoms[name][i]).toBeCloseTo(value, 11));
  expect(dynamics.conserved[0]).toBeCloseTo(1.6071637917676802, 11);
});

describe('what is kept', () => {
  const many = [inCube(18, 8, 8), inCube(6, 5, 7)];
  const options = { temperature: 400, pressure: 0.5, bulkModulus: 10, barostatTime: 60, seed: 4 };
  test.each([
    ['nph', {}],
    ['npt-mtk', {}],
    ['npt-mtk', { temperature: { from: 400, to: 200, steps: 100 }, pressure: { from: 0.5, to: 3, steps: 150 } }],
    ['npt', {}],
    ['npt', { anisotropic: true }],
    ['npt', { anisotropic: true, thermostat: 'langevin', friction: 0.02 }],
  ] as const)('%s %j, with an error that falls with the square of the time step', async (ensemble, more) => {
    const errors: number[] = [];
    for (const timestep of [1, 0.5]) {
      const system = crystals(many, { k: 2, bulkModulus: 0.06, shearModulus: 0.06 });
      const dynamics = await startDynamics(system, { ...options, ensemble, timestep, ...more });
      const [start] = dynamics.conserved;
      const [first] = dynamics.volumes;
      let most = 0;
      await dynamics.run(200, () => void (most = Math.max(most, Math.abs(dynamics.conserved[0]! - start!))));
      expect(Math.abs(dynamics.volumes[0]! - first!)).toBeGreaterThan(1);
      expect(Math.abs(dynamics.ensemble.heat[0]!)).toBeGreaterThan(0.01);
      errors.push(most);
    }
    expect(errors[0]).toBeLessThan(2e-3);
    expect(errors[0]! / errors[1]!).toBeGreaterThan(2.5);
  });

  test('nph has the volume that the pressure asks for', async () => {
    const system = crystals([inCube(18, 30, 10)], { k: 2, bulkModulus: 0.06 });
    const dynamics = await startDynamics(system, { ...options, ensemble: 'nph', pressure: 0.2, timestep: 4 });
    let [volume, pressure] = [0, 0];
    await dynamics.run(2000, ({ volumes, pressures }) => {
      volume += volumes[0]! / 2000;
      pressure += pressures[0]! / 2000;
    });
    // Atoms in wells that follow the cell neither push nor pull it in the mean.
    expect(Math.abs(volume / 1000 - (1 - (0.2 * gigapascal) / 0.06))).toBeLessThan(2e-3);
    expect(Math.abs(pressure - 0.2)).toBeLessThan(0.05);
  });
});

describe('bits', () => {
  const structures = [inCube(18, 4, 7), inCube(6, 6, 6), inCube(1, 3, 8)];
  const own = { k: 2, bulkModulus: 0.06, shearModulus: 0.03 };
  test.each([
    ['nph', {}],
    ['npt-mtk', {}],
    ['npt', {}],
    ['npt', { anisotropic: true, thermostat: 'langevin' }],
    ['npt', { temperature: { from: 250, to: 350, steps: 70 }, pressure: { from: 1, to: 2, steps: 30 } }],
    ['nvt', { temperature: { from: 250, to: 350, steps: 70 }, pressure: undefined }],
    ['nvt-csvr', { equilibration: { steps: 60 }, pressure: undefined }],
  ] as const)('%s %j: the same alone and in a batch, and after a restart', async (ensemble, more) => {
    const options = { ensemble, temperature: 250, pressure: 1, bulkModulus: 10, seed: 3, ...more } as DynamicsOptions;
    const together = await startDynamics(crystals(structures, own), options);
    await together.run(40);
    const half = together.state();
    await together.run(60);
    for (const [g, structure] of structures.entries()) {
      const alone = await startDynamics(crystals([structure], own), { ...options, structureNumbers: [g] });
      await alone.run(100);
      const [from, to] = [3 * together.atoms.offsets[g]!, 3 * together.atoms.offsets[g + 1]!];
      expect(alone.atoms.positions).toEqual(together.atoms.positions.slice(from, to));
      expect(alone.atoms.cells).toEqual(together.atoms.cells.slice(9 * g, 9 * g + 9));
    }
    const again = await startDynamics(crystals(structures, own), options, structuredClone(half));
    await again.run(60);
    expect(again.state()).toEqual(together.state());
  });
});

test('a ramp goes from one temperature to another, and stays there', async () => {
  const many = Array.from({ length: 12 }, () => inCube(18, 10, 10));
  const temperature = { from: 100, to: 700, steps: 120 };
  const options = { ensemble: 'nvt', temperature, friction: 0.1, timestep: 3, seed: 2 } as const;
  const dynamics = await startDynamics(crystals(many, { k: 1 }), options);
  const seen: number[] = [];
  await dynamics.run(240, ({ step, temperatures }) => {
    if (step % 60 === 0) seen.push(temperatures.reduce((sum, one) => sum + one, 0) / many.length);
  });
  // Friction follows within some 5 steps; 360 degrees of freedom leave seven per cent.
  [400, 700, 700, 700].forEach((wanted, i) => expect(Math.abs(seen[i]! / wanted - 1), `${i}`).toBeLessThan(0.25));
});

test('pressures and stresses are those of ASE, with what moving atoms add', async () => {
  const options = { ensemble: 'nve', momenta, stress: true } as const;
  const { pressures, stresses, volumes } = await startDynamics(crystals([triclinic], crystal), options);
  // Without displacement nothing but the momenta of the ideal gas: Σ p·p/m over 3V.
  const twice = (1 + 0.25 + 0.0625) / 15.999 + (0.01 + 0.04 + 0.09) / 1.008 + (4 + 1) / 12.011;
  expect(volumes[0]).toBeCloseTo(165, 10);
  expect(pressures[0]).toBeCloseTo(twice / 3 / 165 / gigapascal, 12);
  expect(stresses[1]).toBeCloseTo(-(0.5 / 15.999 + 0.02 / 1.008) / 165, 14);
});

describe('pressures with constraints', () => {
  const { structure, system, pairs, options } = known['npt of molecules with bonds'];
  const { pressure, ...atConstantVolume } = options;

  test.each([
    // Eight molecules of an ideal gas in 1000 Å³.
    ['nvt', { ...atConstantVolume, ensemble: 'nvt' }, (8 * kT) / 1000 / gigapascal],
    ['npt', options, pressure],
  ] as const)(
    '%s of rigid molecules: that of their centers, whatever springs along bonds do',
    async (_, more, wanted) => {
      const many = Array.from({ length: 24 }, () => structure);
      const constraints = many.map((one) => [holdBonds(one, pairs)]);
      const sampling = { before: 150, samples: 4, every: 50 };
      const seen = await sampled(
        system(many),
        { ...more, constraints, stress: true },
        sampling,
        ({ pressures }) => pressures,
      );
      const mean = seen.reduce((sum, one) => sum + one / seen.length, 0);
      // 96 samples, each of the squares of 24 momenta, or of a volume that spreads by a third: three or four per cent.
      expect(Math.abs(mean / wanted - 1)).toBeLessThan(0.15);
    },
  );

  test('fixed atoms: that of the potential and of what moves; none where they have bonds to others', async () => {
    const of = async (...constraints: Constraint[]): Promise<number> => {
      const given = { ensemble: 'nve', momenta, stress: true, constraints: [constraints] } as const;
      return (await startDynamics(crystals([triclinic], crystal), given)).pressures[0]!;
    };
    const [hydrogen, carbon] = [(0.01 + 0.04 + 0.09) / 1.008, (4 + 1) / 12.011];
    expect(await of(fixAtoms(triclinic, [0]))).toBeCloseTo((hydrogen + carbon) / 3 / 165 / gigapascal, 12);
    const bond = holdBonds(triclinic, [[1, 2]]);
    const center = [0.1 - 2, 0.2, 0.3 + 1].reduce((sum, p) => sum + p * p, 0) / (1.008 + 12.011);
    expect(await of(bond, fixAtoms(triclinic, [0]))).toBeCloseTo(center / 3 / 165 / gigapascal, 12);
    expect(await of(bond, fixAtoms(triclinic, [2]))).toBeNaN();
  });
});

test.each([
  [{ ensemble: 'npt' }, /ensemble npt of structure 1: a barostat needs a cell/],
  [{ ensemble: 'npt-scr' }, /ensemble npt of structure 1/],
  [{ ensemble: 'npt-mtk' }, /ensemble npt-mtk of structure 1/],
  [{ ensemble: 'nph' }, /ensemble nph of structure 1/],
])('%j of a molecule is refused', async (options, message) => {
  const two = [inCube(18, 2, 5), atomsOf(18, 3)];
  await expect(startDynamics(wells(two, 0), { temperature: 300, ...options } as DynamicsOptions)).rejects.toThrow(
    message,
  );
});

test.each([
  [{ ensemble: 'npt', pressure: NaN }, /pressure is NaN; expected a number, in GPa, or \{ from, to, steps \}/],
  [{ ensemble: 'npt', pressure: { from: 0, to: 'a', steps: 3 } }, /pressure.to is a/],
  [{ ensemble: 'npt', temperature: { from: -1, to: 3, steps: 3 } }, /temperature.from is -1; expected a number from 0/],
  [{ ensemble: 'npt', temperature: { from: 1, to: 3, steps: 0 } }, /temperature.steps is 0/],
  [{ ensemble: 'npt-mtk', temperature: { from: 1, to: 0, steps: 5 } }, /temperature is 0; expected a number above 0/],
  [{ ensemble: 'npt', bulkModulus: 0 }, /bulkModulus is 0/],
  [{ ensemble: 'npt', barostatTime: -1 }, /barostatTime is -1/],
  [{ ensemble: 'npt', thermostat: 'nose' }, /thermostat is nose; expected csvr or langevin/],
  [{ ensemble: 'nvt', pressure: 1 }, /pressure is 1; expected none with nvt/],
  [{ ensemble: 'npt-mtk', anisotropic: true }, /anisotropic is true; expected false with npt-mtk/],
  [{ ensemble: 'nve', timeStep: 1 }, /timeStep is no option of dynamics; the nearest is timestep/],
  [{ ensemble: 'npt-mkt' }, /ensemble is npt-mkt; expected one of nve, .*; the nearest is npt-mtk/],
  [{ ensemble: 'nvt', equilibration: { step: 3 } }, /step is no option of equilibration; the nearest is steps/],
])('%j is refused', async (options, message) => {
  const system = crystals([triclinic], crystal);
  await expect(startDynamics(system, { temperature: 300, ...options } as DynamicsOptions)).rejects.toThrow(message);
});

test('a barostat that is too fast for its material says so', async () => {
  const options = { ensemble: 'npt', temperature: 300, pressure: 900, bulkModulus: 0.1 } as const;
  const dynamics = await startDynamics(crystals([triclinic], crystal), options);
  await expect(dynamics.run(10)).rejects.toThrow(
    /Step 1: the barostat would change the volume of structure 0 .*longer barostatTime/,
  );
});
