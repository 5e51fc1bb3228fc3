/** Bonds that keep their lengths: the way of ASE, in each ensemble, across cells, and which bonds there are. */
import { describe, expect, test } from 'vitest';
import { makeStructure, type Structure } from '@mace/core/structure';
import { startDynamics, type Dynamics, type DynamicsState } from '../dynamics.js';
import type { DynamicsOptions } from '../options.js';
import { crystals, systemOf } from '../testing/potentials.js';
import { holdBonds } from './bonds.js';
import { bondsToHydrogen } from './find-bonds.js';

const water = makeStructure({ symbols: ['O', 'H', 'H'], positions: [0.1, -0.2, 0.3, 0.9, 0.3, 0.3, -0.7, 0.4, 0.2] });
const momenta = [1, 0.5, -0.25, 0.1, 0.2, 0.3, -0.2, 0, 0.1];
const wells = (structure: Structure): ReturnType<typeof systemOf> =>
  systemOf([structure], (x, forces) => {
    const k = (i: number): number => 1.5 * (1 + Math.floor(i / 3) / 3);
    x.forEach((xi, i) => (forces[i] = -k(i) * xi));
    return x.reduce((sum, xi, i) => sum + 0.5 * k(i) * xi * xi, 0);
  });

test('nve goes the way of ASE 3.29 with FixBondLengths', async () => {
  const constraints = [[holdBonds(water, bondsToHydrogen(water))]];
  const options = { ensemble: 'nve', timestep: 0.7, momenta, constraints } as const;
  const dynamics = await startDynamics(wells(water), options);
  await dynamics.run(200);
  // FixBondLengths([(0, 1), (0, 2)], tolerance=1e-14) and VelocityVerlet(atoms, 0.7 * units.fs).run(200)
  [
    0.6780881473198677, 0.373364439373729, 0.09033245833152606, -0.1947149701003496, 0.6900617011059247,
    -0.07675303664897695, -0.036677746998031745, -0.11448875580474582, -0.420655776634882,
  ].forEach((x, i) => expect(dynamics.atoms.positions[i]).toBeCloseTo(x, 10));
  [
    3.1022047825606807, 1.9904436126923621, 0.3092167765049094, -0.1804466446001885, -0.8368405179764031,
    0.15919459313444784, 0.028518759147407584, 0.0592469442634829, 0.31614889687246944,
  ].forEach((p, i) => expect(dynamics.atoms.momenta[i]).toBeCloseTo(p, 10));
  expect(dynamics.temperatures[0]).toBeCloseTo(2836.0791835933123, 6);
});

/** Two molecules of three atoms in a cell, the first one through its faces, and a free atom. */
const cell = [6, 0, 0, 0.5, 6, 0, 0, 1, 6];
const through = makeStructure({
  symbols: ['O', 'H', 'H', 'Ar', 'O', 'H', 'H'],
  positions: [
    ...[5.9, 0.1, 0.2, 0.7, 0.2, 0.3, 6.2, 7, 0.2],
    ...[1, 3, 5],
    ...[2.9, 3.1, 2.2, 3.7, 3.2, 2.3, 2.7, 4, 2.2],
  ],
  cell,
});

describe('lengths are kept, and degrees of freedom counted', () => {
  const bonds = bondsToHydrogen(through);
  test.each([
    ['nve', {}],
    ['nvt', { friction: 0.02 }],
    ['nvt-nh', {}],
    ['nvt-csvr', {}],
    ['npt', {}],
    ['npt', { anisotropic: true, thermostat: 'langevin' }],
  ] as const)('%s %j', async (ensemble, more) => {
    const errors: number[] = [];
    for (const timestep of [1, 0.5]) {
      const constraints = [[holdBonds(through, bonds)]];
      const system = crystals([through], { k: 1, coupling: 1, bulkModulus: 0.06, shearModulus: 0.06 });
      const options = { ensemble, temperature: 400, timestep, seed: 1, bulkModulus: 10, constraints, ...more };
      const dynamics = await startDynamics(system, options);
      const [start] = dynamics.conserved;
      let most = 0;
      await dynamics.run(160 / timestep, () => void (most = Math.max(most, Math.abs(dynamics.conserved[0]! - start!))));
      errors.push(most);
      expect(dynamics.atoms.freedom[0]).toBe(17);
      const { positions, cells } = dynamics.atoms;
      if (ensemble === 'npt') expect(Math.abs(dynamics.volumes[0]! - 216)).toBeGreaterThan(0.1);
      const first = lengths(through.positions, through.cell!);
      lengths(positions, cells).forEach((length, b) => expect(length / first[b]!).toBeCloseTo(1, 11));
    }
    expect(errors[0]! / errors[1]!).toBeGreaterThan(2.5);
    expect(errors[0]).toBeLessThan(0.02);
  });

  /** Of the bonds, through the images that they go through at the beginning. */
  function lengths(positions: Float64Array, now: Float64Array): number[] {
    const images = [
      [1, 0, 0],
      [0, -1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    return bonds.map(([i, j], b) => {
      const [x, y, z] = [0, 1, 2].map((k) => {
        const shift = images[b]!.reduce((sum, n, row) => sum + n * now[3 * row + k]!, 0);
        return positions[3 * j + k]! - positions[3 * i + k]! + shift;
      });
      return Math.hypot(x!, y!, z!);
    });
  }
});

test('a restart goes on to the same bits, in a cell that has changed', async () => {
  const start = (from?: DynamicsState): Promise<Dynamics> =>
    startDynamics(
      crystals([through], { k: 1, bulkModulus: 0.06 }),
      {
        ensemble: 'npt',
        temperature: 400,
        bulkModulus: 10,
        constraints: [[holdBonds(through, bondsToHydrogen(through))]],
      },
      from,
    );
  const dynamics = await start();
  await dynamics.run(30);
  const again = await start(dynamics.state());
  await dynamics.run(30);
  await again.run(30);
  expect(again.state()).toEqual(dynamics.state());
});

test('what is held in its place does not drift, and has its temperature', async () => {
  const fixed = {
    removed: 3,
    adjustPositions: (from: Float64Array, next: Float64Array): void => next.set(from.subarray(0, 3)),
    adjustForces: (_: Float64Array, forces: Float64Array): void => void forces.fill(0, 0, 3),
    adjustMomenta: (_: Float64Array, momentum: Float64Array): void => void momentum.fill(0, 0, 3),
  };
  const many = Array.from({ length: 500 }, () => water);
  const options = { ensemble: 'nve', temperature: 300, constraints: many.map(() => [fixed]) } as const;
  const dynamics = await startDynamics(
    systemOf(many, (_, forces) => (forces.fill(0), 0)),
    options,
  );
  await dynamics.run(5);
  expect([...dynamics.atoms.positions.subarray(0, 3)]).toEqual([0.1, -0.2, 0.3]);
  expect([dynamics.atoms.freedom[0], dynamics.atoms.drifts[0]]).toEqual([6, false]);
  const mean = dynamics.temperatures.reduce((sum, one) => sum + one, 0) / 500;
  expect(Math.abs(mean - 300)).toBeLessThan((5 * 300 * Math.sqrt(2 / 6)) / Math.sqrt(500));
});

describe('bonds to hydrogen', () => {
  const pairs = (symbols: string[], positions: number[], box?: number[]): [number, number][] =>
    bondsToHydrogen(makeStructure({ symbols, positions, ...(box && { cell: box }) }));
  test('of water, also through the faces of a cell', () => {
    expect(bondsToHydrogen(water)).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(bondsToHydrogen(through)).toEqual([
      [0, 1],
      [0, 2],
      [4, 5],
      [4, 6],
    ]);
  });
  test('of hydrogen to itself, once; of a bridge to the nearer side; of far atoms none', () => {
    expect(pairs(['H', 'H'], [0, 0, 0, 0, 0, 0.74])).toEqual([[0, 1]]);
    expect(pairs(['B', 'H', 'B'], [0, 0, 0, 0, 0, 1.3, 0, 0, 2.65])).toEqual([[0, 1]]);
    expect(pairs(['O', 'H'], [0, 0, 0, 0, 0, 2])).toEqual([]);
    expect(pairs(['C', 'O'], [0, 0, 0, 0, 0, 1.2])).toEqual([]);
  });
});

test.each([
  [[[0, 0]], {}, /bond 0 is 0–0; expected two different atoms from 0 to 2/],
  [[[0, 3]], {}, /bond 0 is 0–3/],
  [
    [
      [0, 1],
      [1, 0],
    ],
    {},
    /bond 1 is 0–1; expected each pair once/,
  ],
  [[[0, 1]], { lengths: [-1] }, /length of bond 0 is -1/],
  [[[0, 1]], { lengths: [1, 2] }, /lengths is 2; expected a length for each of 1 bonds/],
] as const)('bonds %j %j are refused', (bonds, options, message) => {
  expect(() => holdBonds(water, bonds, options)).toThrow(message);
});

test.each([
  ['npt-mtk', /npt-mtk: it does not keep constraints/],
  ['nph', /nph: it does not keep constraints/],
] as const)('%s with bonds is refused', async (ensemble, message) => {
  const options: DynamicsOptions = { ensemble, temperature: 300, constraints: [[holdBonds(through, [[0, 1]])]] };
  await expect(startDynamics(crystals([through], {}), options)).rejects.toThrow(message);
});

test('atoms that are held in their places are refused by a barostat', async () => {
  const fixed = { removed: 3, adjustPositions: () => {}, adjustForces: () => {}, adjustMomenta: () => {} };
  const options: DynamicsOptions = { ensemble: 'npt', temperature: 300, constraints: [[fixed]] };
  await expect(startDynamics(crystals([through], {}), options)).rejects.toThrow(/bonds only where a barostat/);
});
