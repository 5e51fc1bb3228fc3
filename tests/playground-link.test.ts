// Links of the playground: what goes in comes out to the last bit; other versions, damage, hostile content and sizes are said.
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { makeStructure } from '@mace/core/structure';
import { isLink, longestLink, readLink, writeLink } from '../apps/playground/src/share/link.js';
import type { Setup, Shared } from '../apps/playground/src/share/setup.js';

const setup: Setup = {
  model: { kind: 'file', name: 'wäter.model', sha256: '0123456789abcdef'.repeat(4) },
  choice: { backend: 'typed-arrays', precision: 'f32', tables: false },
  head: 'omol',
  inputs: { total_charge: -1, total_spin: 2 },
  fixed: [1],
  relaxation: { fmax: 0.005, steps: 77, optimizer: 'fire', cell: true, pressure: 1.5 },
  dynamics: {
    ensemble: 'npt',
    temperature: 450,
    friction: 0.02,
    thermostatTime: 80,
    pressure: -0.25,
    timestep: 0.5,
    mostStepsPerSecond: 20,
  },
  seed: 2 ** 31 - 1,
  look: { style: 'sticks', bonds: false, cell: false, forces: false, labels: true, wrap: true, energies: true },
};
const salt: Shared = {
  name: 'salt <b>of</b> the sea',
  structure: makeStructure({
    numbers: [11, 17],
    positions: [0.1 + 0.2, -1e-300, 1 / 3, Math.PI, 2.82, -0],
    cell: [5.64, 0, 0, 0, 5.64, 0, 0.1, 0, 5.64],
    pbc: [true, false, true],
  }),
  setup,
};
const linkOf = (json: unknown): string => `s1=${deflateSync(JSON.stringify(json)).toString('base64url')}`;
const plain = {
  name: 'hydrogen',
  atoms: { numbers: [1], positions: [0, 0, 0], cell: null, pbc: [false, false, false] },
  setup: { ...setup, model: { kind: 'bundled' }, fixed: [] },
};

it('holds structure and settings to the last bit', async () => {
  const link = await writeLink(salt);
  expect(link).toMatch(/^s1=[\w-]+$/);
  const read = await readLink(`#${link}`);
  expect(read.setup).toEqual(setup);
  expect(read.name).toBe(salt.name);
  expect([...read.structure.positions]).toEqual([0.1 + 0.2, -1e-300, 1 / 3, Math.PI, 2.82, 0]);
  expect(read.structure).toMatchObject({ numbers: salt.structure.numbers, cell: salt.structure.cell });
  expect(read.structure.pbc).toEqual([true, false, true]);
});

it('is told from the names of screens', () => {
  expect(['#agreement', '#speed', '#work', ''].map(isLink)).toEqual([false, false, false, false]);
  expect(['#s1=abc', 's23='].map(isLink)).toEqual([true, true]);
});

it('says where a link is of another version, or damaged anywhere', async () => {
  await expect(readLink('#s2=abc')).rejects.toThrow(/of version 2, and this page reads version 1/);
  const link = await writeLink(salt);
  for (const bad of [link.slice(0, -9), link.slice(0, 60), 's1=', 's1=%%%', 's1=AAAA'])
    await expect(readLink(bad), bad).rejects.toThrow(/the link is damaged/);
  // A changed character in the middle is seen by the checksum, or is no compressed text any more.
  for (let at = 5; at < link.length; at += 37) {
    const other = link[at] === 'A' ? 'B' : 'A';
    await expect(readLink(link.slice(0, at) + other + link.slice(at + 1))).rejects.toThrow(/damaged/);
  }
});

it('refuses what a stranger may put into it', async () => {
  expect((await readLink(linkOf(plain))).structure.numbers).toEqual(Int32Array.of(1));
  const changed: readonly [unknown, RegExp][] = [
    [null, /values by name/],
    [{ ...plain, name: 'x'.repeat(301) }, /at most 300 characters as its name/],
    [{ ...plain, atoms: { ...plain.atoms, numbers: [119] } }, /expected elements/],
    [{ ...plain, atoms: { ...plain.atoms, numbers: [] } }, /expected elements/],
    [{ ...plain, atoms: { ...plain.atoms, positions: [0, 0] } }, /expected 3 numbers as its positions/],
    [{ ...plain, atoms: { ...plain.atoms, positions: [0, 0, '0'] } }, /a number as its positions/],
    [{ ...plain, setup: { ...plain.setup, fixed: [1] } }, /atoms of the structure/],
    [{ ...plain, setup: { ...plain.setup, choice: { ...setup.choice, backend: 'toString' } } }, /one of wasm/],
    [
      { ...plain, setup: { ...plain.setup, choice: { backend: 'webgpu', precision: 'f64', tables: true } } },
      /one of f32 as its precision/,
    ],
    [{ ...plain, setup: { ...plain.setup, dynamics: { ...setup.dynamics, timestep: 0 } } }, /above 0 as its time step/],
    [{ ...plain, setup: { ...plain.setup, model: { kind: 'file', name: 'a', sha256: 'b' } } }, /64 hexadecimal/],
  ];
  for (const [json, message] of changed) await expect(readLink(linkOf(json))).rejects.toThrow(message);
  // 100 MB in a short text.
  const bomb = `s1=${deflateSync(Buffer.alloc(100_000_000, 32)).toString('base64url')}`;
  await expect(readLink(bomb)).rejects.toThrow(/damaged/);
});

it('says how long a link of a large structure would be', async () => {
  const many = (atoms: number) =>
    makeStructure({
      numbers: Array.from({ length: atoms }, () => 6),
      positions: Array.from({ length: 3 * atoms }, (_, i) => 10 * Math.sin(i * i)),
    });
  const link = await writeLink({ name: 'carbon', structure: many(500), setup });
  expect(link.length).toBeLessThan(longestLink);
  await expect(writeLink({ name: 'carbon', structure: many(5000), setup })).rejects.toThrow(
    /5000 atoms would have \d+,\d+ characters.*Export the structure/,
  );
});
