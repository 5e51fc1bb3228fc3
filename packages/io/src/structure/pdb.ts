/**
 * PDB: `ATOM` and `HETATM` records by column, `CRYST1` as the cell, one structure per `MODEL`.
 *
 * Array names as in ASE (`residuenames`, `residuenumbers`, `atomtypes`, `occupancy`, `bfactor`) and `chains`. Symmetry is not applied: a PDB
 * file lists the asymmetric unit. Alternative locations are refused, two of them are no structure.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { cellOfParameters, parametersOfCell } from './cell-parameters.js';
import { elementNumber } from './element-label.js';
import { emptyRecord, failAt, finiteReal, parseInteger, parseReal, quoted, splitLines } from './text.js';

interface Model {
  numbers: number[];
  positions: number[];
  residueNames: string[];
  residueNumbers: number[];
  atomTypes: string[];
  chains: string[];
  occupancies: (number | undefined)[];
  bFactors: number[];
  readonly alternatives: Map<string, string>;
}

/** Reads all models. Throws FormatError with the line. */
export function readPdb(text: string, source = 'PDB text'): Structure[] {
  const structures: Structure[] = [];
  let cell: Float64Array | null = null;
  let model = newModel();
  const close = (): void => {
    if (model.numbers.length > 0) structures.push(structureOf(model, cell));
    model = newModel();
  };
  splitLines(text).forEach((line, index) => {
    const record = line.slice(0, 6).trimEnd();
    if (record === 'CRYST1') cell = cellOf(line, source, index + 1);
    else if (record === 'ATOM' || record === 'HETATM') readAtom(model, line, source, index + 1);
    else if (record === 'MODEL' || record === 'ENDMDL' || record === 'END') close();
  });
  close();
  if (structures.length === 0)
    throw new FormatError(`${source}: there is no ATOM or HETATM record. Is this a PDB file?`);
  return structures;
}

/** Writes one MODEL per structure. Coordinates keep 3 decimals, that is what the columns hold. Throws FormatError when they do not fit. */
export function writePdb(structures: readonly Structure[]): string {
  return structures.map(modelText).join('');
}

function newModel(): Model {
  return {
    numbers: [],
    positions: [],
    residueNames: [],
    residueNumbers: [],
    atomTypes: [],
    chains: [],
    occupancies: [],
    bFactors: [],
    alternatives: new Map(),
  };
}

function cellOf(line: string, source: string, number: number): Float64Array | null {
  const columns = [
    [6, 15],
    [15, 24],
    [24, 33],
    [33, 40],
    [40, 47],
    [47, 54],
  ] as const;
  const parameters = columns.map(([from, to]) =>
    finiteReal(line.slice(from, to).trim(), 'a cell parameter of CRYST1', source, number),
  );
  // The unit cube and zeros stand for "no crystal" (wwPDB format 3.3, section 8).
  const isDummy =
    parameters.every((value, index) => value === (index < 3 ? 1 : 90)) ||
    parameters.slice(0, 3).every((value) => value === 0);
  return isDummy ? null : cellOfParameters(parameters, `${source} line ${number}`);
}

function readAtom(model: Model, line: string, source: string, number: number): void {
  if (line.length < 54)
    failAt(
      source,
      number,
      `this atom record has ${line.length} characters, the coordinates end at 54. The line is cut off, or its columns are shifted.`,
    );
  const name = line.slice(12, 16).trim();
  const residue = line.slice(17, 21).trim();
  const chain = line.slice(21, 22).trim();
  const sequence = line.slice(22, 26).trim();
  const alternative = line.slice(16, 17).trim();
  if (alternative !== '') {
    const key = [chain, sequence, line.slice(26, 27), name].join('|');
    const earlier = model.alternatives.get(key);
    if (earlier !== undefined && earlier !== alternative) {
      failAt(
        source,
        number,
        `atom ${quoted(name)} of residue ${quoted(`${residue} ${sequence}`.trim())} has alternative locations ${earlier} and ${alternative}. Keep one of them.`,
      );
    }
    model.alternatives.set(key, alternative);
  }
  model.numbers.push(elementOf(line, name, source, number));
  for (let axis = 0; axis < 3; axis++) {
    const text = line.slice(30 + 8 * axis, 38 + 8 * axis).trim();
    model.positions.push(
      finiteReal(
        text,
        `the ${'xyz'.charAt(axis)} coordinate in columns ${31 + 8 * axis}-${38 + 8 * axis}`,
        source,
        number,
      ),
    );
  }
  model.atomTypes.push(name);
  model.residueNames.push(residue);
  model.chains.push(chain);
  // Beyond 9999 residues programs write letters or nothing; 1 is what ASE takes for nothing.
  model.residueNumbers.push(parseInteger(sequence) ?? 1);
  model.occupancies.push(parseReal(line.slice(54, 60).trim()));
  model.bFactors.push(parseReal(line.slice(60, 66).trim()) ?? 0);
}

function elementOf(line: string, name: string, source: string, number: number): number {
  const column = /^[A-Za-z]{1,2}/.exec(line.slice(76, 78).trim())?.[0];
  const byColumn = column === undefined ? undefined : isotope(column);
  if (byColumn !== undefined && byColumn > 0) return byColumn;
  // Without the element column the name decides: the element is right-justified in columns 13-14.
  const pair = line.slice(12, 14);
  const letters = /[A-Za-z]+/.exec(name)?.[0] ?? '';
  const candidates = /^[A-Za-z]{2}$/.test(pair) && name.length < 4 ? [pair, letters.charAt(0)] : [letters.charAt(0)];
  for (const candidate of candidates) {
    const element = isotope(candidate);
    if (element !== undefined && element > 0) return element;
  }
  failAt(source, number, `the element of atom ${quoted(name)} is not known. Write its symbol in columns 77-78.`);
}

function isotope(label: string): number | undefined {
  return /^[dDtT]$/.test(label) ? 1 : elementNumber(label);
}

function structureOf(model: Model, cell: Float64Array | null): Structure {
  const arrays = emptyRecord<AtomArray>();
  const real = (values: readonly number[]): AtomArray => ({
    columns: 1,
    kind: 'real',
    values: Float64Array.from(values),
  });
  const text = (name: string, values: readonly string[]): void => {
    // An array of texts without gaps can be written to any format.
    if (values.every((value) => value !== '')) arrays[name] = { columns: 1, kind: 'text', values };
  };
  const occupancies = model.occupancies.filter((value) => value !== undefined);
  if (occupancies.length === model.numbers.length) arrays['occupancy'] = real(occupancies);
  arrays['bfactor'] = real(model.bFactors);
  text('residuenames', model.residueNames);
  text('atomtypes', model.atomTypes);
  arrays['residuenumbers'] = { ...real(model.residueNumbers), kind: 'integer' };
  text('chains', model.chains);
  const isPeriodic = cell !== null;
  return {
    numbers: Int32Array.from(model.numbers),
    positions: Float64Array.from(model.positions),
    cell: cell === null ? null : cell.slice(),
    pbc: [isPeriodic, isPeriodic, isPeriodic],
    info: emptyRecord<InfoValue>(),
    arrays,
  };
}

function modelText(structure: Structure, index: number): string {
  const { numbers, positions, cell, arrays } = structure;
  const lines: string[] = [];
  if (cell !== null) {
    const [a = 0, b = 0, c = 0, ...angles] = parametersOfCell(cell);
    const isStandard = cell[1] === 0 && cell[2] === 0 && cell[5] === 0;
    if (!isStandard)
      throw new FormatError(
        `PDB: the cell of structure ${index + 1} is rotated, PDB keeps only its lengths and angles. Write extended XYZ, or rotate a along x and b into the xy plane.`,
      );
    lines.push(
      `CRYST1${[a, b, c].map((x) => fixed(x, 9, 3)).join('')}${angles.map((x) => fixed(x, 7, 2)).join('')} P 1`,
    );
  }
  lines.push(`MODEL ${String(index + 1).padStart(8)}`);
  const text = (name: string, atom: number, otherwise: string): string => {
    const array = arrays[name];
    const value = array?.kind === 'text' && array.columns === 1 ? array.values[atom] : undefined;
    return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : otherwise;
  };
  const number = (name: string, atom: number, otherwise: number): number => {
    const array = arrays[name];
    const value = array?.columns === 1 ? array.values[atom] : undefined;
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
  };
  numbers.forEach((element, atom) => {
    const symbol = chemicalSymbol(element);
    const name = text('atomtypes', atom, symbol).slice(0, 4);
    const label = symbol.length === 1 && name.length < 4 ? ` ${name.padEnd(3)}` : name.padEnd(4);
    const place = [0, 1, 2].map((axis) => fixed(positions[3 * atom + axis] ?? 0, 8, 3)).join('');
    const residue = text('residuenames', atom, 'MOL').slice(0, 4);
    lines.push(
      `ATOM  ${String((atom + 1) % 100000).padStart(5)} ${label} ${residue.padStart(3).padEnd(4)}${text('chains', atom, ' ').slice(0, 1)}` +
        `${String(number('residuenumbers', atom, 1) % 10000).padStart(4)}    ${place}` +
        `${fixed(number('occupancy', atom, 1), 6, 2)}${fixed(number('bfactor', atom, 0), 6, 2)}          ${symbol.toUpperCase().padStart(2)}`,
    );
  });
  lines.push('ENDMDL');
  return `${lines.join('\n')}\n`;
}

function fixed(value: number, width: number, decimals: number): string {
  const text = value.toFixed(decimals).padStart(width);
  if (text.length > width)
    throw new FormatError(`PDB: ${value} does not fit into ${width} columns. Write extended XYZ instead.`);
  return text;
}
