/**
 * Valid CIF and PDB files of which one statement is changed: each must be an error, a warning, the same structure as before, or on the
 * list of statements that nothing else in the file repeats.
 */
import { expect } from 'vitest';
import { isMaceError } from '@mace/core';
import { findNeighbors, type Structure } from '@mace/core/structure';
import { operationsOfHall } from '../../src/structure/hall-symbol.js';
import { readStructures } from '../../src/structure/formats.js';
import { settingsOfNumber } from '../../src/structure/space-groups.js';
import { keepsCell } from '../../src/structure/symmetry-group.js';
import { cellOfParameters, timesMatrix } from '../../src/structure/cell-parameters.js';
import { applyOperation, type Operation } from '../../src/structure/symmetry-operations.js';
import { compositionOf, formulaText } from '../../src/structure/chemical-formula.js';
import { randomNumbers } from './support.js';

/** What may change the structure in silence, and why. */
export const harmless: Readonly<Record<string, string>> = {
  'cif: a coordinate': 'nothing else in a CIF says where a site is',
  'pdb: a coordinate': 'nothing else in a PDB file says where an atom is',
  'pdb: an atom less': 'a PDB file lists no formula; MASTER counts differ between deposited files',
};

interface Change {
  readonly kind: string;
  readonly text: string;
}
type Random = () => number;
type Pick = <T>(items: readonly T[]) => T;

/** Changes one statement of `count` files; every file must first read without a warning of its own. */
export function contradict(format: 'cif' | 'pdb', count: number, seed: number): Map<string, string[]> {
  const random = randomNumbers(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
  const verdicts = new Map<string, string[]>();
  for (let index = 0; index < count; ) {
    const file = format === 'cif' ? cifFile(random, pick) : pdbFile(random, pick);
    const before = readOrdered(file.text, format);
    if (before === undefined || before.some((structure) => findNeighbors(structure, 0.9).edges > 0)) continue;
    index++;
    expect(before[0]?.warnings?.filter((warning) => !warning.includes('was applied')) ?? []).toEqual([]);
    const { kind, text } = pick(file.changes());
    const verdict = verdictOf(format, before, text);
    const name = `${format}: ${kind}`;
    verdicts.set(name, [...(verdicts.get(name) ?? []), verdict]);
    if (verdict === 'silent' && !(name in harmless))
      throw new Error(
        `seed ${seed}, file ${index}: ${name} changed the structure in silence\n${file.text}\n=====\n${text}`,
      );
  }
  return verdicts;
}

/** Undefined where chance put two sites in one place. */
function readOrdered(text: string, format: string): Structure[] | undefined {
  try {
    return readStructures(text, { format });
  } catch (error) {
    if (!(error as Error).message.includes('share one place')) throw error;
    return undefined;
  }
}

function verdictOf(format: string, before: readonly Structure[], text: string): string {
  try {
    const after = readStructures(text, { format });
    const isWarned = after.some((structure) => structure.warnings?.some((warning) => !warning.includes('was applied')));
    if (isWarned) return 'warned';
    // The calculator warns of atoms that are too near, or refuses them.
    if (after.some(isCrowded)) return 'warned';
    return isSame(before, after) ? 'same' : 'silent';
  } catch (error) {
    if (!isMaceError(error) || error.code !== 'format') throw error;
    return 'refused';
  }
}

function isCrowded(structure: Structure): boolean {
  try {
    return findNeighbors(structure, 0.3).edges > 0;
  } catch {
    return true;
  }
}

function isSame(before: readonly Structure[], after: readonly Structure[]): boolean {
  const plain = ({ numbers, positions, cell }: Structure): string =>
    JSON.stringify([[...numbers], [...positions].map((x) => x.toFixed(6)), cell && [...cell].map((x) => x.toFixed(6))]);
  return (
    before.length === after.length &&
    before.every((structure, index) => plain(structure) === plain(after[index] as Structure))
  );
}

const elements = ['O', 'Si', 'Ti', 'Na', 'Cl', 'Fe', 'C', 'N'];
const atomicNumbers: Readonly<Record<string, number>> = { O: 8, Si: 14, Ti: 22, Na: 11, Cl: 17, Fe: 26, C: 6, N: 7 };
const cells: readonly (readonly number[])[] = [
  [7.13, 8.41, 9.77, 81, 97, 103],
  [7.13, 8.41, 9.77, 90, 104, 90],
  [7.13, 8.41, 9.77, 90, 90, 90],
  [8.2, 8.2, 10.9, 90, 90, 90],
  [8.2, 8.2, 10.9, 90, 90, 120],
  [9.4, 9.4, 9.4, 90, 90, 90],
];

interface Group {
  readonly number: number;
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly parameters: readonly number[];
}

/** A space group of at most 48 operations in a cell that has its symmetry, the least symmetric that does. */
function randomGroup(random: Random, pick: Pick, largest: number): Group {
  for (;;) {
    const setting = pick(settingsOfNumber(1 + Math.floor(230 * random())));
    const operations = operationsOfHall(setting.hall) ?? [];
    const parameters = cells.find((each) => {
      const cell = cellOfParameters(each, 'test');
      return operations.every((operation) => keepsCell(operation, cell));
    });
    if (parameters === undefined || operations.length > largest || operations.length < 2) continue;
    return { number: setting.number, name: setting.name, operations, parameters };
  }
}

function cifFile(random: Random, pick: Pick): { text: string; changes: () => Change[] } {
  const group = randomGroup(random, pick, 48);
  const sites = Array.from({ length: 2 + Math.floor(2 * random()) }, (_, index) => {
    const element = elements[(index * 3 + Math.floor(2 * random())) % elements.length] as string;
    return { element, label: `${element}${index + 1}`, place: generalPosition(random, group).map((x) => x.toFixed(5)) };
  });
  const order = group.operations.length;
  const counts = compositionOf(sites.map(({ element }) => atomicNumbers[element] as number));
  const volume = volumeOf(group.parameters);
  const line = {
    a: `_cell_length_a ${group.parameters[0]}`,
    b: `_cell_length_b ${group.parameters[1]}`,
    c: `_cell_length_c ${group.parameters[2]}`,
    alpha: `_cell_angle_alpha ${group.parameters[3]}`,
    beta: `_cell_angle_beta ${group.parameters[4]}`,
    gamma: `_cell_angle_gamma ${group.parameters[5]}`,
    volume: `_cell_volume ${volume.toFixed(2)}`,
    formula: `_chemical_formula_sum '${formulaText(counts)}'`,
    units: `_cell_formula_units_Z ${order}`,
    name: `_space_group_name_H-M_alt '${group.name}'`,
    number: `_space_group_IT_number ${group.number}`,
  };
  const operationLines = group.operations.map((operation) => `'${operationText(operation)}'`);
  const siteLines = sites.map(({ element, label, place }) => `${label} ${element} ${place.join(' ')} 1 ${order}`);
  const text = (
    head: Readonly<Record<string, string>>,
    operationsNow: readonly string[] = operationLines,
    sitesNow: readonly string[] = siteLines,
  ): string =>
    `data_x\n${Object.values(head).join('\n')}\nloop_\n_space_group_symop_operation_xyz\n${operationsNow.join('\n')}\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n_atom_site_occupancy\n_atom_site_symmetry_multiplicity\n${sitesNow.join('\n')}\n`;
  const other = <T>(items: readonly T[], at: number, item: T): T[] =>
    items.map((each, index) => (index === at ? item : each));
  const changes = (): Change[] => {
    const axis = pick(['a', 'b', 'c'] as const);
    const angle = pick(['alpha', 'beta', 'gamma'] as const);
    const at = Math.floor(siteLines.length * random());
    const operation = 1 + Math.floor((operationLines.length - 1) * random());
    const site = sites[at] as (typeof sites)[number];
    const fields = (siteLines[at] as string).split(' ');
    const field = (column: number, value: string): string[] =>
      other(siteLines, at, other(fields, column, value).join(' '));
    const element = elements.find((each) => each !== site.element) as string;
    const wrongGroup = settingsOfNumber(1 + (group.number % 230))[0]?.name ?? '';
    const changed = operationLines[operation] as string;
    const unlisted = Object.fromEntries(Object.entries(line).filter(([key]) => key !== axis && key !== angle));
    return [
      { kind: 'a length', text: text({ ...line, [axis]: `_cell_length_${axis} ${(7 + 5 * random()).toFixed(2)}` }) },
      { kind: 'an angle', text: text({ ...line, [angle]: `_cell_angle_${angle} ${(70 + 40 * random()).toFixed(1)}` }) },
      { kind: 'no length', text: text({ ...unlisted, [angle]: line[angle] }) },
      { kind: 'no angle', text: text({ ...unlisted, [axis]: line[axis] }) },
      {
        kind: 'the volume',
        text: text({ ...line, volume: `_cell_volume ${(volume * (1.05 + random())).toFixed(2)}` }),
      },
      {
        kind: 'the formula',
        text: text({ ...line, formula: line.formula.replace(/(\d+)'/, (_, n: string) => `${Number(n) + 1}'`) }),
      },
      {
        kind: 'another element in the formula',
        text: text({ ...line, formula: line.formula.replace(/[A-Z][a-z]?(?=\d+')/, 'Zr') }),
      },
      { kind: 'Z', text: text({ ...line, units: `_cell_formula_units_Z ${order * pick([2, 3]) + pick([0, 1])}` }) },
      { kind: 'the group', text: text({ ...line, name: `_space_group_name_H-M_alt '${wrongGroup}'` }) },
      { kind: 'the number', text: text({ ...line, number: `_space_group_IT_number ${1 + (group.number % 230)}` }) },
      {
        kind: 'a sign of an operation',
        text: text(
          line,
          other(
            operationLines,
            operation,
            changed.replace(/-?[xyz]/, (x) => (x.startsWith('-') ? x.slice(1) : `-${x}`)).replace('+-', '-'),
          ),
        ),
      },
      {
        kind: 'a translation of an operation',
        text: text(line, other(operationLines, operation, changed.replace("'", "'1/4+"))),
      },
      {
        kind: 'an operation less',
        text: text(
          line,
          operationLines.filter((_, index) => index !== operation),
        ),
      },
      { kind: 'no operation but one', text: text(line, operationLines.slice(0, 1)) },
      { kind: 'a type symbol', text: text(line, operationLines, field(1, element)) },
      { kind: 'an occupancy', text: text(line, operationLines, field(5, '0.5')) },
      { kind: 'a multiplicity', text: text(line, operationLines, field(6, String(order / 2))) },
      { kind: 'a site twice', text: text(line, operationLines, [...siteLines, siteLines[at] as string]) },
      {
        kind: 'a site less',
        text: text(
          line,
          operationLines,
          siteLines.filter((_, index) => index !== at),
        ),
      },
      { kind: 'a coordinate', text: text(line, operationLines, field(2, random().toFixed(5))) },
    ];
  };
  return { text: text(line), changes };
}

/** A place that no operation brings near to itself. */
function generalPosition(random: Random, { operations, parameters }: Group): readonly [number, number, number] {
  const cell = cellOfParameters(parameters, 'test');
  for (;;) {
    const place = [random(), random(), random()] as const;
    const distances = operations.slice(1).map((operation) => {
      const steps = applyOperation(operation, ...place).map((x, axis) => x - (place[axis] as number));
      const [x = 0, y = 0, z = 0] = steps.map((step) => step - Math.round(step));
      return Math.hypot(...timesMatrix(x, y, z, cell));
    });
    if (Math.min(...distances) > 0.9) return place;
  }
}

function volumeOf([a = 0, b = 0, c = 0, ...angles]: readonly number[]): number {
  const [x = 0, y = 0, z = 0] = angles.map((angle) => Math.cos((angle * Math.PI) / 180));
  return a * b * c * Math.sqrt(1 - x * x - y * y - z * z + 2 * x * y * z);
}

function operationText(operation: Operation): string {
  return [0, 1, 2]
    .map((row) => {
      const terms = ['x', 'y', 'z'].flatMap((axis, column) => {
        const factor = operation[3 * row + column] ?? 0;
        return factor === 0 ? [] : [`${factor < 0 ? '-' : '+'}${axis}`];
      });
      const shift = Math.round(24 * (operation[9 + row] ?? 0));
      return `${terms.join('')}${shift === 0 ? '' : `+${shift}/24`}`.replace(/^\+/, '');
    })
    .join(',');
}

const residues: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    'GLY',
    [
      [' N  ', 'N'],
      [' CA ', 'C'],
      [' C  ', 'C'],
      [' O  ', 'O'],
      [' HA2', 'H'],
    ],
  ],
  [
    'MET',
    [
      [' N  ', 'N'],
      [' CA ', 'C'],
      [' SD ', 'S'],
      [' CE ', 'C'],
    ],
  ],
  [
    'HOH',
    [
      [' O  ', 'O'],
      [' H1 ', 'H'],
      [' H2 ', 'H'],
    ],
  ],
];

function pdbFile(random: Random, pick: Pick): { text: string; changes: () => Change[] } {
  const [a, b, c] = [14.2, 15.9, 17.3] as const;
  const group = pick([
    { name: 'P 21 21 21', operations: 'P 2ac 2ab' },
    { name: 'P 1 21 1', operations: 'P 2yb' },
    { name: 'C 2 2 21', operations: 'C 2c 2' },
    { name: 'P b c a', operations: '-P 2ac 2ab' },
  ]);
  const operations = operationsOfHall(group.operations) ?? [];
  const lengths = [a, b, c];
  const number = (value: number, digits: number, width: number): string => value.toFixed(digits).padStart(width);
  const cryst = (values: readonly number[], name: string): string =>
    `CRYST1${values.map((value) => number(value, 3, 9)).join('')}  90.00  90.00  90.00 ${name.padEnd(11)}   4`;
  const scale = [0, 1, 2].map(
    (row) =>
      `SCALE${row + 1}    ${[0, 1, 2].map((column) => number(row === column ? 1 / (lengths[row] as number) : 0, 6, 10)).join('')}     ${number(0, 5, 10)}`,
  );
  const symmetry = operations.flatMap((operation, index) =>
    [0, 1, 2].map(
      (row) =>
        `REMARK 290   SMTRY${row + 1}${String(index + 1).padStart(4)}${[0, 1, 2].map((column) => number(operation[3 * row + column] ?? 0, 6, 10)).join('')}     ${number((operation[9 + row] ?? 0) * (lengths[row] as number), 5, 10)}`,
    ),
  );
  const [residue, names] = pick(residues);
  const place = names.map((_, index) => [4 + 1.4 * index + 0.2 * random(), 5 + 2 * random(), 6 + 2 * random()]);
  const atoms = names.map(
    ([name, element], index) =>
      `HETATM${String(index + 1).padStart(5)} ${name} ${residue} A   1    ${(place[index] as number[]).map((x) => number(x, 3, 8)).join('')}  1.00  0.00          ${element.padStart(2)}`,
  );
  const text = (
    atomsNow: readonly string[] = atoms,
    head: readonly string[] = [...symmetry, cryst(lengths, group.name), ...scale],
    models = ['NUMMDL    1', 'MODEL        1', 'ENDMDL'],
  ): string => [models[0], ...head, models[1], ...atomsNow, ...models.slice(2), 'END', ''].join('\n');
  const changes = (): Change[] => {
    const at = Math.floor(atoms.length * random());
    const row = Math.floor(symmetry.length * random());
    const line = atoms[at] as string;
    const swap = (to: string): string[] => atoms.map((each, index) => (index === at ? to : each));
    const put = (from: number, value: string): string[] =>
      swap(line.slice(0, from) + value + line.slice(from + value.length));
    const cellLine = (values: readonly number[], name = group.name): string[] => [
      ...symmetry,
      cryst(values, name),
      ...scale,
    ];
    const axis = Math.floor(3 * random());
    const cut = 5 + Math.floor(40 * random());
    return [
      {
        kind: 'a length',
        text: text(atoms, cellLine(lengths.map((x, index) => (index === axis ? x + 1 + random() : x)))),
      },
      { kind: 'the group', text: text(atoms, cellLine(lengths, 'P 2 2 2')) },
      {
        kind: 'a sign of an operation',
        text: text(atoms, [
          ...symmetry.map((each, index) =>
            index === row ? each.replace(/-?1\.000000/, (x) => (x.startsWith('-') ? ' 1.000000' : '-1.000000')) : each,
          ),
          ...cellLine(lengths).slice(symmetry.length),
        ]),
      },
      {
        kind: 'a row of an operation less',
        text: text(atoms, [
          ...symmetry.filter((_, index) => index !== row),
          ...cellLine(lengths).slice(symmetry.length),
        ]),
      },
      { kind: 'no ENDMDL', text: text(atoms, undefined, ['NUMMDL    1', 'MODEL        1']) },
      { kind: 'a number of models', text: text(atoms, undefined, ['NUMMDL    2', 'MODEL        1', 'ENDMDL']) },
      { kind: 'an element', text: text(put(76, pick(['FE', ' F', 'ZN']))) },
      { kind: 'an element that is none', text: text(put(76, pick(['Xx', 'Qq', ' J']))) },
      { kind: 'a record name', text: text(put(0, pick(['HETATN', 'Hetatm', 'ATON  ', ' HETAT']))) },
      { kind: 'characters less', text: text(swap(line.slice(0, cut) + line.slice(cut + 8))) },
      { kind: 'an occupancy', text: text(put(54, '  0.50')) },
      { kind: 'an atom twice', text: text([...atoms, line]) },
      { kind: 'an atom less', text: text(atoms.filter((_, index) => index !== at)) },
      { kind: 'a coordinate', text: text(put(30, number(3 * random(), 3, 8))) },
      { kind: 'a cut line', text: text(swap(line.slice(0, 30 + Math.floor(24 * random())))) },
    ];
  };
  return { text: text(), changes };
}
