/**
 * Valid files of the text and JSON formats, made to contradict themselves by one change to one statement (seeded).
 *
 * Each must be refused, or read with a warning, or be the same structure in spite of the change.
 */
import { expect } from 'vitest';
import { isMaceError } from '@mace/core';
import { chemicalSymbol, validateStructure, type Structure } from '@mace/core/structure';
import { readStructures } from '../../src/structure/formats.js';
import { writeAseJson } from '../../src/structure/ase-json.js';
import { writePymatgenJson } from '../../src/structure/pymatgen-json.js';
import { randomNumbers } from './support.js';

type Random = () => number;

interface Change {
  readonly name: string;
  /** The changed text; undefined where the change does not apply. */
  readonly make: (text: string, random: Random) => string | undefined;
}

const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T;

/** Two to six atoms in a cell without symmetry, three decimals. */
export function randomStructure(random: Random): Structure {
  const atoms = 2 + Math.floor(random() * 5);
  const decimal = (low: number, high: number): number => Number((low + random() * (high - low)).toFixed(3)) + 0;
  const numbers = Int32Array.from({ length: atoms }, () => pick([1, 6, 7, 8, 14, 17, 26], random)).sort();
  const cell = Float64Array.from({ length: 9 }, (_, at) => (at % 4 === 0 ? decimal(6, 9) : decimal(-1, 1)));
  const positions = Float64Array.from({ length: 3 * atoms }, () => decimal(0.1, 5.9));
  const forces = Float64Array.from({ length: 3 * atoms }, () => decimal(-1, 1));
  return {
    numbers,
    positions,
    cell,
    pbc: [true, true, true],
    info: { energy: decimal(-9, -1), charge: 1 },
    arrays: { forces: { columns: 3, kind: 'real', values: forces } },
  };
}

const triple = (values: ArrayLike<number>, at: number): string =>
  [0, 1, 2].map((axis) => (values[3 * at + axis] ?? 0).toFixed(3)).join(' ');
const symbols = ({ numbers }: Structure): string[] => [...numbers].map(chemicalSymbol);

function extxyz(structure: Structure): string {
  const { numbers, positions, cell, info, arrays } = structure;
  const forces = arrays['forces']?.values as Float64Array;
  const rows = symbols(structure).map(
    (symbol, at) => `${symbol} ${numbers[at]} ${triple(positions, at)} ${triple(forces, at)}`,
  );
  const lattice = [...(cell ?? [])].map((value) => value.toFixed(3)).join(' ');
  return `${numbers.length}\nLattice="${lattice}" Properties=species:S:1:Z:I:1:pos:R:3:forces:R:3 energy=${String(info['energy'])} charge=1 pbc="T T T"\n${rows.join('\n')}\n`;
}

function xyz(structure: Structure): string {
  const { numbers, positions, cell } = structure;
  const rows = symbols(structure).map((symbol, at) => `${symbol} ${triple(positions, at)}`);
  const vectors = [0, 1, 2].map((at) => `VEC${at + 1} ${triple(cell ?? [], at)}`);
  return `${numbers.length}\nmade for a test\n${[...rows, ...vectors].join('\n')}\n`;
}

function poscarHead(structure: Structure): string {
  const all = symbols(structure);
  const groups = [...new Set(all)];
  const counts = groups.map((symbol) => all.filter((other) => other === symbol).length);
  const cell = [0, 1, 2].map((at) => triple(structure.cell ?? [], at));
  return ['made for a test', '1.0', ...cell, groups.join(' '), counts.join(' ')].join('\n');
}

function poscar(structure: Structure): string {
  const rows = symbols(structure).map((symbol, at) => `${triple(structure.positions, at)} T T F ${symbol}`);
  const velocities = symbols(structure).map((_, at) => triple(structure.positions, at));
  return [poscarHead(structure), 'Selective dynamics', 'Cartesian', ...rows, '', ...velocities, ''].join('\n');
}

function xdatcar(structure: Structure): string {
  const frame = (index: number): string[] => [
    `Direct configuration= ${index}`,
    ...symbols(structure).map((symbol, at) => `${triple(structure.positions, at)} ${symbol}`),
  ];
  return [poscarHead(structure), ...frame(1), ...frame(2), ''].join('\n');
}

/** A change to one line that matches. */
const line =
  (pattern: RegExp, change: (text: string, random: Random) => string | undefined) =>
  (text: string, random: Random): string | undefined => {
    const lines = text.split('\n');
    const places = [...lines.keys()].filter((at) => pattern.test(lines[at] ?? ''));
    if (places.length === 0) return undefined;
    const at = pick(places, random);
    const changed = change(lines[at] ?? '', random);
    if (changed === undefined) return undefined;
    return [...lines.slice(0, at), ...(changed === '' ? [] : [changed]), ...lines.slice(at + 1)].join('\n');
  };
const replace =
  (pattern: RegExp | string, by: string) =>
  (text: string): string | undefined => {
    const changed = text.replace(pattern, by);
    return changed === text ? undefined : changed;
  };
/** A word of a line: taken away, doubled, or cut in two behind its point. */
const word = (how: 'remove' | 'double' | 'cut') => (text: string, random: Random) => {
  const words = text.split(' ');
  const at = Math.floor(random() * words.length);
  const it = words[at] ?? '';
  if (how === 'cut' && !/\d\.\d/.test(it)) return undefined;
  const by = { remove: [], double: [it, it], cut: [it.replace('.', '. ')] }[how];
  return [...words.slice(0, at), ...by, ...words.slice(at + 1)].join(' ');
};
const otherElement = (text: string): string => text.replace(/[A-Z][a-z]?/, (symbol) => (symbol === 'O' ? 'N' : 'O'));
const row = /^[A-Z][a-z]? \S+ \S+ /;
const numbersRow = /^-?\d+\.\d+ -?\d+\.\d+ -?\d+\.\d+/;
const labelled = /^-?\d+\.\d+ .* [A-Z][a-z]?$/;

const rowChanges = (pattern: RegExp): Change[] => [
  { name: 'a row removed', make: line(pattern, () => '') },
  { name: 'a row doubled', make: line(pattern, (text) => `${text}\n${text}`) },
  { name: 'a word of a row removed', make: line(pattern, word('remove')) },
  { name: 'a word of a row doubled', make: line(pattern, word('double')) },
  { name: 'a number of a row cut in two', make: line(pattern, word('cut')) },
];
const poscarChanges: Change[] = [
  { name: 'a count changed', make: line(/^[\d ]+$/, (text) => text.replace(/\d+/, (n) => String(Number(n) + 1))) },
  { name: 'a count removed', make: line(/^[\d ]+$/, word('remove')) },
  { name: 'a count doubled', make: line(/^[\d ]+$/, word('double')) },
  { name: 'an element changed', make: line(/^[A-Z][a-z]?( [A-Z][a-z]?)*$/, otherElement) },
  { name: 'an element removed', make: line(/^[A-Z][a-z]?( [A-Z][a-z]?)*$/, word('remove')) },
  { name: 'the line of elements removed', make: line(/^[A-Z][a-z]?( [A-Z][a-z]?)*$/, () => '') },
  { name: 'a label changed', make: line(labelled, (text) => text.replace(/[A-Z][a-z]?$/, otherElement)) },
  { name: 'a second scale', make: replace('\n1.0\n', '\n1.0 2.0\n') },
];

const changes: Readonly<Record<string, { write: (structure: Structure) => string; changes: Change[] }>> = {
  extxyz: {
    write: extxyz,
    changes: [
      ...rowChanges(row),
      { name: 'the count changed', make: replace(/^\d+/, '1') },
      { name: 'the species of a row changed', make: line(row, otherElement) },
      {
        name: 'a key in another case',
        make: (text, random) =>
          text.replace(pick(['Lattice', 'Properties', 'pbc', 'charge'], random), (key) =>
            key === 'pbc' ? 'PBC' : key === 'charge' ? 'Charge' : key.toLowerCase(),
          ),
      },
      {
        name: 'a letter of a key lost',
        make: (text, random) =>
          text.replace(pick(['Lattice', 'Properties'], random), (key) => key.slice(0, 3) + key.slice(4)),
      },
      {
        name: 'a key without a value before another',
        make: (text, random) => {
          const key = pick(['Lattice=', 'Properties=', 'energy=', 'charge=', 'pbc='], random);
          return text.replace(key, `note= ${key}`);
        },
      },
      { name: 'the Lattice twice', make: replace(/(Lattice="[^"]*")/, '$1 Lattice="9 0 0 0 9 0 0 0 9"') },
      { name: 'a lattice beside the Lattice', make: replace(/(Lattice="[^"]*")/, '$1 lattice="9 0 0 0 9 0 0 0 9"') },
      { name: 'VEC1 beside the Lattice', make: (text) => `${text}VEC1 9 0 0\n` },
      { name: 'a number of the Lattice removed', make: replace(/Lattice="\S+ /, 'Lattice="') },
      { name: 'a number of the Lattice cut', make: replace(/(Lattice="\d+\.)/, '$1 ') },
      { name: 'pbc twice', make: replace('pbc="T T T"', 'pbc="T T T" pbc="F F F"') },
      { name: 'pbc of two', make: replace('pbc="T T T"', 'pbc="T T"') },
      { name: 'charge twice', make: replace('charge=1', 'charge=1 charge=2') },
      { name: 'fewer columns in Properties', make: replace('forces:R:3', 'forces:R:2') },
      { name: 'Properties without forces', make: replace(':forces:R:3', '') },
      {
        name: 'Z as a real',
        make: replace('Z:I:1', 'Z:R:1'),
      },
      { name: 'no Properties', make: replace(/Properties=\S+ /, '') },
      { name: 'a quote never closed', make: replace('pbc="T T T"', 'pbc="T T T') },
      {
        name: 'the energy changed',
        make: replace(/energy=\S+/, 'energy=5'),
      },
    ],
  },
  xyz: {
    write: xyz,
    changes: [
      ...rowChanges(row),
      { name: 'the count changed', make: replace(/^\d+/, '1') },
      { name: 'VEC2 removed', make: line(/^VEC2/, () => '') },
      { name: 'VEC1 twice', make: line(/^VEC1/, (text) => `${text}\n${text}`) },
      { name: 'VEC3 of two numbers', make: replace(/(VEC3 \S+ \S+) \S+/, '$1') },
      { name: 'VEC2 cut in two', make: replace(/(VEC2 -?\d+\.)/, '$1 ') },
      { name: 'a lattice in the comment', make: replace('made for a test', 'Lattice="9 0 0 0 9 0 0 0 9"') },
      { name: 'a lattice as text in the comment', make: replace('made for a test', 'lattice 9 0 0 0 9 0 0 0 9') },
    ],
  },
  poscar: {
    write: poscar,
    changes: [
      ...rowChanges(numbersRow),
      ...poscarChanges,
      { name: 'the mode misspelled', make: replace('Cartesian', 'artesian') },
      { name: 'no mode', make: replace('Cartesian\n', '') },
      { name: 'no line for selective dynamics', make: replace('Selective dynamics\n', '') },
    ],
  },
  xdatcar: {
    write: xdatcar,
    changes: [
      ...rowChanges(numbersRow),
      ...poscarChanges,
      { name: 'a frame line removed', make: line(/^Direct/, () => '') },
      { name: 'a frame line misspelled', make: replace('Direct', 'Dierct') },
    ],
  },
  'ase-json': {
    write: (structure) => writeAseJson([structure]),
    changes: [
      {
        name: 'an atom more in numbers',
        make: replace(
          /"numbers": \{"__ndarray__": \[\[(\d+)\], "int64", \[/,
          '"numbers": {"__ndarray__": [[$1], "int64", [1, ',
        ),
      },
      { name: 'a shape of other rank', make: replace(/\[\[(\d+), 3\], "float64"/, '[[3, $1, 1], "float64"') },
      {
        name: 'positions as one row',
        make: (text) =>
          text.replace(/\[\[(\d+), 3\], "float64"/, (_, atoms: string) => `[[1, ${3 * Number(atoms)}], "float64"`),
      },
      { name: 'the cell as one row', make: replace('[[3, 3], "float64"', '[[9], "float64"') },
      { name: 'the cell as text', make: replace(/"cell": \{"array"/, '"cell": {"arry"') },
      { name: 'pbc of two', make: replace('[[3], "bool", [true, true, true]]', '[[2], "bool", [true, true]]') },
      { name: 'pbc misspelled', make: replace('"pbc"', '"pcb"') },
      { name: 'cell misspelled', make: replace('"cell"', '"Cell"') },
      { name: 'positions misspelled', make: replace('"positions"', '"position"') },
      { name: 'numbers twice', make: replace('"numbers"', '"numbers": [1], "numbers"') },
      { name: 'an id that has no row', make: replace('"ids": [1]', '"ids": [1, 2]') },
      { name: 'an id twice', make: replace('"ids": [1]', '"ids": [1, 1]') },
      { name: 'a row that has no id', make: replace('"ids": [1]', '"ids": []') },
      { name: 'reals for numbers', make: replace(/("int64", \[)(\d+)/, '$1$2.5') },
      { name: 'natoms of one more', make: replace('"numbers"', '"natoms": 99, "numbers"') },
      { name: 'charge twice', make: replace('"charge": 1', '"charge": 1, "charge": 2') },
    ],
  },
  'pymatgen-json': {
    write: (structure) => writePymatgenJson([structure]),
    changes: [
      { name: 'a length changed', make: replace(/"([abc])": (\d)/, '"$1": 1$2') },
      { name: 'an angle changed', make: replace(/"gamma": [\d.]+/, '"gamma": 60.0') },
      { name: 'the volume changed', make: replace(/"volume": [\d.]+/, '"volume": 99.5') },
      { name: 'a vector changed', make: replace(/"matrix": \[\[(\d)/, '"matrix": [[2$1') },
      { name: 'a place in xyz changed', make: replace(/"xyz": \[(\d)/, '"xyz": [1$1') },
      { name: 'a place in abc changed', make: replace(/"abc": \[-?0\.\d/, '"abc": [0.04') },
      { name: 'xyz of two', make: replace(/"xyz": \[[^,]*, /, '"xyz": [') },
      { name: 'no lattice', make: replace('"lattice"', '"latice"') },
      { name: 'a lattice of null', make: replace(/"lattice": \{[^}]*\}/, '"lattice": null') },
      { name: 'a molecule', make: replace('"@class": "Structure"', '"@class": "Molecule"') },
      { name: 'half an atom', make: replace('"occu": 1', '"occu": 0.5') },
      { name: 'half an atom as text', make: replace('"occu": 1', '"occu": "0.5"') },
      { name: 'two species', make: replace('"species": [', '"species": [{"element": "H", "occu": 0.5}, ') },
      { name: 'a species of another element', make: replace(/"element": "(\w+)"/, '"element": "Au"') },
      { name: 'a label of another element', make: replace(/"label": "(\w+)"/, '"label": "Au1"') },
      { name: 'xyz twice', make: replace('"xyz"', '"xyz": [0, 0, 0], "xyz"') },
      { name: 'no sites', make: replace(/"sites": \[.*\]/s, '"sites": []') },
      { name: 'pbc of two', make: replace('"pbc": [true, true, true]', '"pbc": [true, true]') },
    ],
  },
};

const formatOf: Readonly<Record<string, string>> = { xyz: 'extxyz' };

/** Changes `count` files and reads them; returns how many were refused, warned of, or the same. */
export function contradict(count: number, seed: number): Record<'refused' | 'warned' | 'same', number> {
  const random = randomNumbers(seed);
  const counts = { refused: 0, warned: 0, same: 0 };
  const silent: string[] = [];
  const names = Object.keys(changes);
  for (let done = 0; done < count; ) {
    const name = names[done % names.length] as string;
    const format = formatOf[name] ?? name;
    const kind = changes[name] as (typeof changes)[string];
    const text = kind.write(randomStructure(random));
    const right = readStructures(text, { format, name: 'a.file' });
    expect(
      right.map(({ warnings }) => warnings),
      text,
    ).toEqual(right.map(() => undefined));
    const change = pick(kind.changes, random);
    const changed = change.make(text, random);
    if (changed === undefined || changed === text) continue;
    done++;
    const outcome = outcomeOf(changed, format, right);
    if (outcome !== 'silent') counts[outcome]++;
    else silent.push(`${name}: ${change.name} (seed ${seed}, file ${done})\n${changed}`);
  }
  expect(silent).toEqual([]);
  return counts;
}

function outcomeOf(
  text: string,
  format: string,
  right: readonly Structure[],
): 'refused' | 'warned' | 'same' | 'silent' {
  try {
    const read = readStructures(text, { format, name: 'a.file' });
    for (const structure of read) validateStructure(structure);
    if (read.some(({ warnings }) => warnings !== undefined)) return 'warned';
    return JSON.stringify(read.map(whatCounts)) === JSON.stringify(right.map(whatCounts)) ? 'same' : 'silent';
  } catch (error) {
    if (!isMaceError(error)) throw error;
    return 'refused';
  }
}

/** What an energy depends on. */
function whatCounts({ numbers, positions, cell, pbc, info }: Structure): unknown {
  return [[...numbers], [...positions], cell === null ? null : [...cell], pbc, info['charge'] ?? 0];
}
