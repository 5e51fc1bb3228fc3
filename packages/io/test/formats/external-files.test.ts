/** Files that ASE and pymatgen wrote, against the numbers that they read back (make_files.py), and our write → read identity. */
import { describe, expect, it } from 'vitest';
import type { InfoArray, InfoValue, Structure } from '@mace/core/structure';
import { formatByName, readStructures, structureFormats, type TextFormat } from '../../src/structure/formats.js';
import { dataFiles, fileText, plain } from './support.js';

interface ExpectedArray {
  shape: number[];
  kind: string;
  values: (number | string | boolean)[];
}
interface Expected {
  numbers: number[];
  positions: number[];
  cell: number[] | null;
  pbc: boolean[];
  info: Record<string, number | string | boolean | ExpectedArray | null | object>;
  arrays: Record<string, ExpectedArray>;
}

const expected: Record<string, Expected[]> = {
  ...(JSON.parse(fileText('expected-ase.json')) as Record<string, Expected[]>),
  ...(JSON.parse(fileText('expected-pymatgen.json')) as Record<string, Expected[]>),
};
/** Formats with decimals of their own arithmetic: fractional coordinates times cell in another order of operations. */
const tolerance: Record<string, number> = {
  cif: 1e-12,
  poscar: 1e-12,
  xdatcar: 1e-12,
  'pymatgen-json': 0,
  pdb: 1e-12,
  extxyz: 0,
  'ase-json': 0,
};

describe('files of ASE and pymatgen', () => {
  it('has expected numbers for every file', () => {
    expect(dataFiles().sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.keys(expected))('%s reads as its writer reads it', (name) => {
    const structures = readStructures(fileText(name), { name });
    const frames = expected[name] ?? [];
    expect(structures.length).toBe(frames.length);
    frames.forEach((frame, index) => compare(structures[index] as Structure, frame, tolerance[formatOf(name)] ?? 0));
  });

  it.each(Object.keys(expected))('%s reads the same without its name', (name) => {
    expect(readStructures(fileText(name)).map(plain)).toEqual(readStructures(fileText(name), { name }).map(plain));
  });

  it.each(Object.keys(expected))('%s as extxyz keeps every bit', (name) => {
    const structures = readStructures(fileText(name), { name });
    const write = structureFormats.find((format) => format.name === 'extxyz')?.write;
    const text = write?.(structures) ?? '';
    const again = readStructures(text, { format: 'extxyz' });
    expect(again.map(plain)).toEqual(structures.map(plain));
    expect(write?.(again)).toBe(text);
  });

  it.each(['cif', 'poscar', 'pdb', 'ase-json', 'pymatgen-json'])(
    '%s: write → read is the identity to the last digits',
    (name) => {
      const format = structureFormats.find(
        (candidate): candidate is TextFormat => !candidate.isBinary && candidate.name === name,
      );
      const limit = name === 'pdb' ? 6e-4 : name === 'cif' ? 1e-12 : 0;
      let count = 0;
      for (const file of Object.keys(expected)) {
        for (const structure of readStructures(fileText(file), { name: file })) {
          if ((name === 'cif' || name === 'poscar') && structure.cell === null) continue;
          if (
            name === 'pdb' &&
            structure.cell !== null &&
            (structure.cell[1] !== 0 || structure.cell[2] !== 0 || structure.cell[5] !== 0)
          )
            continue;
          const [again] = format?.read(format.write?.([structure]) ?? '', file) ?? [];
          expect([...(again as Structure).numbers]).toEqual([...structure.numbers]);
          // CIF keeps lengths and angles: the cell may turn, so distances are compared.
          if (name === 'cif') expect(worst(distances(again as Structure), distances(structure))).toBeLessThan(1e-9);
          else expect(worst((again as Structure).positions, structure.positions)).toBeLessThanOrEqual(limit);
          count++;
        }
      }
      expect(count).toBeGreaterThan(4);
    },
  );

  it('JSON formats keep arrays and info', () => {
    const [water] = readStructures(fileText('ase-rich.extxyz'), { name: 'a.extxyz' });
    for (const name of ['ase-json', 'pymatgen-json']) {
      const format = structureFormats.find(
        (candidate): candidate is TextFormat => !candidate.isBinary && candidate.name === name,
      );
      const [again] = format?.read(format.write?.([water as Structure]) ?? '', name) ?? [];
      const sorted = (structure: Structure | undefined): unknown => ({
        info: Object.fromEntries(Object.entries(structure?.info ?? {})),
        arrays: Object.fromEntries(Object.entries(structure?.arrays ?? {})),
      });
      const missing = Object.keys(water?.info ?? {}).filter((key) => !(key in (again?.info ?? {})));
      expect(missing).toEqual([]);
      expect((sorted(again) as { arrays: unknown }).arrays).toEqual((sorted(water) as { arrays: unknown }).arrays);
    }
  });
});

function formatOf(name: string): string {
  if (name.endsWith('.json')) return name.startsWith('ase') ? 'ase-json' : 'pymatgen-json';
  return formatByName({ name })?.name ?? '';
}

function compare(structure: Structure, frame: Expected, limit: number): void {
  expect([...structure.numbers]).toEqual(frame.numbers);
  expect([...structure.pbc]).toEqual(frame.pbc);
  expect(structure.cell === null).toBe(frame.cell === null);
  if (structure.cell !== null && frame.cell !== null)
    expect(worst(structure.cell, frame.cell)).toBeLessThanOrEqual(limit);
  // Symmetry images come in another order and another lattice point.
  if (limit > 0 && structure.cell !== null && frame.cell !== null) expect(unmatched(structure, frame)).toBe(0);
  else expect(worst(structure.positions, frame.positions)).toBeLessThanOrEqual(limit);
  for (const [key, value] of Object.entries(frame.info)) {
    const ours = structure.info[key];
    if (key === 'occupancy' || key === 'spacegroup') continue;
    if (value === null) expect(ours, key).toBeUndefined();
    else if (key === 'stress') expect(voigt(ours)).toEqual((value as ExpectedArray).values);
    else if (isArray(value)) expect(ours, key).toMatchObject(numeric(value));
    else if (typeof value === 'object') expect(JSON.parse(String(ours).slice(6)), key).toEqual(value);
    else expect(ours, key).toBe(value);
  }
  for (const [key, value] of Object.entries(frame.arrays)) {
    const ours = structure.arrays[key];
    const { values, kind } = numeric(value);
    expect(ours?.kind, key).toBe(kind);
    expect([...(ours?.values ?? [])], key).toEqual(values);
  }
}

function isArray(value: unknown): value is ExpectedArray {
  return typeof value === 'object' && value !== null && 'shape' in value;
}

function numeric(value: ExpectedArray): ExpectedArray {
  return { ...value, values: value.values.map((item) => (value.kind === 'real' ? Number(item) : item)) };
}

function voigt(value: InfoValue | undefined): number[] {
  const m = (value as InfoArray).values as number[];
  return [0, 4, 8, 5, 2, 1].map((index) => m[index] ?? NaN);
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a).reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

function distances(structure: Structure): number[] {
  const at = (atom: number): number[] => [...structure.positions.subarray(3 * atom, 3 * atom + 3)];
  return Array.from(structure.numbers, (_, atom) => Math.hypot(...at(atom).map((x, axis) => x - (at(0)[axis] ?? 0))));
}

/** Number of atoms without a partner of the same element at the same place, modulo the lattice (1e-6 of a lattice vector). */
function unmatched(structure: Structure, frame: Expected): number {
  const [a, b, c, d, e, f, g, h, i] = frame.cell as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const volume = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const fractional = (p: ArrayLike<number>, atom: number): number[] => {
    const [x, y, z] = [p[3 * atom] ?? NaN, p[3 * atom + 1] ?? NaN, p[3 * atom + 2] ?? NaN];
    return [
      (x * (e * i - f * h) + y * (f * g - d * i) + z * (d * h - e * g)) / volume,
      (x * (c * h - b * i) + y * (a * i - c * g) + z * (b * g - a * h)) / volume,
      (x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d)) / volume,
    ];
  };
  const free = new Set(frame.numbers.keys());
  let missing = 0;
  structure.numbers.forEach((number, atom) => {
    const ours = fractional(structure.positions, atom);
    const partner = [...free].find((other) => {
      const theirs = fractional(frame.positions, other);
      return (
        frame.numbers[other] === number &&
        ours.every((u, axis) => Math.abs(u - (theirs[axis] ?? 0) - Math.round(u - (theirs[axis] ?? 0))) < 1e-6)
      );
    });
    if (partner === undefined) missing++;
    else free.delete(partner);
  });
  return missing + free.size;
}
