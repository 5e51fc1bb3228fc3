/**
 * CIF: every data block with atoms is one structure, its symmetry operations applied.
 *
 * Listed atoms keep their coordinates, symmetry images are wrapped into the cell. A file that names its space group but lists no
 * operations is refused, and so are partial occupancies: guessing either would compute another crystal.
 */
import { FormatError } from '@mace/core';
import type { InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { cellOfParameters, inverseCell, parametersOfCell, timesMatrix } from './cell-parameters.js';
import { parseCifBlocks, type CifBlock, type CifValue } from './cif-syntax.js';
import { elementNumber, requireElement } from './element-label.js';
import { SiteMerger } from './site-merger.js';
import { applyOperation, identity, isIdentity, parseOperation, type Operation } from './symmetry-operations.js';
import { emptyRecord, failAt, finiteReal, quoted, realText } from './text.js';

const maximumImages = 5_000_000;
const cellTags = [
  '_cell_length_a',
  '_cell_length_b',
  '_cell_length_c',
  '_cell_angle_alpha',
  '_cell_angle_beta',
  '_cell_angle_gamma',
];

/** Reads all blocks that hold atoms. Throws FormatError with the line. */
export function readCif(text: string, source = 'CIF text'): Structure[] {
  const blocks = parseCifBlocks(text, source);
  const structures = blocks
    .filter((block) => columnOf(block, 'x') !== undefined)
    .map((block) => structureOf(block, source));
  if (structures.length === 0) {
    throw new FormatError(
      `${source}: no data block has atom coordinates (_atom_site_fract_x or _atom_site_Cartn_x). Is this a CIF file of a structure?`,
    );
  }
  return structures;
}

/** Writes structures as P 1, one data block each. Throws FormatError without a cell. Fractional coordinates round at 1e-16. */
export function writeCif(structures: readonly Structure[]): string {
  return structures.map(blockText).join('\n');
}

function columnOf(block: CifBlock, axis: string): readonly CifValue[] | undefined {
  return block.values.get(`_atom_site_fract_${axis}`) ?? block.values.get(`_atom_site_cartn_${axis}`);
}

function structureOf(block: CifBlock, source: string): Structure {
  const cell = cellOf(block, source);
  const isFractional = block.values.has('_atom_site_fract_x');
  const columns = ['x', 'y', 'z'].map((axis) =>
    block.values.get(`_atom_site_${isFractional ? 'fract' : 'cartn'}_${axis}`),
  );
  const operations = operationsOf(block, source);
  const count = columns[0]?.length ?? 0;
  if (columns.some((column) => column?.length !== count)) {
    failAt(
      source,
      block.line,
      `block ${quoted(block.name)} does not have x, y and z of all atoms. Add the missing columns.`,
    );
  }
  if (count * operations.length > maximumImages) {
    failAt(
      source,
      block.line,
      `${count} atoms under ${operations.length} operations are more than ${maximumImages} atoms. Write the cell that you need.`,
    );
  }
  if (cell === null && (isFractional || operations.length > 1))
    failAt(source, block.line, `block ${quoted(block.name)} has no cell. Add the six _cell_ entries.`);
  const numbers: number[] = [];
  const positions: number[] = [];
  const inverse = cell === null ? null : inverseCell(cell, source);
  const merger = cell === null || inverse === null ? null : new SiteMerger(cell, inverse);
  for (let atom = 0; atom < count; atom++) {
    const number = siteElement(block, atom, source);
    if (number === undefined) continue;
    const place = columns.map((column, axis) => coordinate(column?.[atom], 'xyz'.charAt(axis), source));
    const [x = 0, y = 0, z = 0] = place;
    if (cell === null || inverse === null || merger === null) {
      numbers.push(number);
      positions.push(x, y, z);
      continue;
    }
    const [u, v, w] = isFractional ? [x, y, z] : timesMatrix(x, y, z, inverse);
    for (const operation of operations) {
      const isListed = isIdentity(operation);
      const [p, q, r] = isListed
        ? [u, v, w]
        : (applyOperation(operation, u, v, w).map(wrapped) as [number, number, number]);
      const same = merger.find(p, q, r);
      if (same !== undefined) {
        if (numbers[same] !== number) {
          failAt(
            source,
            columns[0]?.[atom]?.line ?? block.line,
            `two elements share one place (${chemicalSymbol(numbers[same] ?? 0)} and ${chemicalSymbol(number)}). Choose an ordered structure with one atom a site.`,
          );
        }
        continue;
      }
      merger.add(p, q, r);
      numbers.push(number);
      positions.push(...(isListed && !isFractional ? [x, y, z] : timesMatrix(p, q, r, cell)));
    }
  }
  const info = emptyRecord<InfoValue>();
  if (block.name !== '') info['name'] = block.name;
  const isPeriodic = cell !== null;
  return {
    numbers: Int32Array.from(numbers),
    positions: Float64Array.from(positions),
    cell,
    pbc: [isPeriodic, isPeriodic, isPeriodic],
    info,
    arrays: emptyRecord(),
  };
}

function wrapped(value: number): number {
  const inside = value - Math.floor(value);
  return inside >= 1 - 1e-12 ? 0 : inside;
}

function isUnknown(value: CifValue | undefined): boolean {
  return value === undefined || (!value.isQuoted && (value.text === '?' || value.text === '.'));
}

/** A number with its standard uncertainty `1.234(5)` taken off. */
function measured(value: CifValue, what: string, source: string): number {
  return finiteReal(value.text.replace(/\(\d+\)$/, ''), what, source, value.line);
}

function coordinate(value: CifValue | undefined, axis: string, source: string): number {
  if (value === undefined || isUnknown(value))
    failAt(source, value?.line ?? 0, `the ${axis} coordinate of an atom is unknown. Add it, or remove the atom.`);
  return measured(value, `the ${axis} coordinate of an atom`, source);
}

function cellOf(block: CifBlock, source: string): Float64Array | null {
  const values = cellTags.map((tag) => block.values.get(tag)?.[0]);
  if (values.every(isUnknown)) return null;
  const parameters = values.map((value, index) => {
    if (value === undefined || isUnknown(value)) {
      // Angles that are not given are right angles by the core dictionary.
      if (index >= 3) return 90;
      failAt(source, value?.line ?? block.line, `${cellTags[index]} is missing or unknown. Add it.`);
    }
    return measured(value, cellTags[index] ?? '', source);
  });
  return cellOfParameters(parameters, `${source} line ${values[0]?.line ?? block.line}`);
}

function operationsOf(block: CifBlock, source: string): Operation[] {
  const listed = block.values.get('_space_group_symop_operation_xyz') ?? block.values.get('_symmetry_equiv_pos_as_xyz');
  if (listed !== undefined && !listed.every(isUnknown)) {
    const operations = listed.map((value) => parseOperation(value.text, source, value.line));
    // The identity first, so that listed atoms keep their coordinates.
    return [identity, ...operations.filter((operation) => !isIdentity(operation))];
  }
  const first = (...tags: string[]): CifValue | undefined =>
    tags.map((tag) => block.values.get(tag)?.[0]).find((value) => !isUnknown(value));
  const number = first('_space_group_it_number', '_symmetry_int_tables_number');
  const name = first(
    '_space_group_name_h-m_alt',
    '_symmetry_space_group_name_h-m',
    '_space_group_name_hall',
    '_symmetry_space_group_name_hall',
    '_space_group_name_h-m_full',
  );
  const isTrivial =
    (number === undefined || number.text === '1') && (name === undefined || /^P\s*1$/i.test(name.text.trim()));
  if (isTrivial) return [identity];
  const group = name?.text.trim() ?? `number ${number?.text ?? ''}`;
  failAt(
    source,
    name?.line ?? number?.line ?? block.line,
    `the file names space group ${quoted(group)} but lists no symmetry operations. Write it with its operations (_space_group_symop_operation_xyz) or as P 1: ASE, pymatgen, VESTA and gemmi do either.`,
  );
}

/** The element of a site; undefined for a site that is marked as no atom. */
function siteElement(block: CifBlock, atom: number, source: string): number | undefined {
  const valueOf = (tag: string): CifValue | undefined => {
    const value = block.values.get(tag)?.[atom];
    return isUnknown(value) ? undefined : value;
  };
  if (valueOf('_atom_site_calc_flag')?.text === 'dum') return undefined;
  const label = valueOf('_atom_site_label') ?? valueOf('_atom_site_label_atom_id');
  const symbol = valueOf('_atom_site_type_symbol') ?? label;
  if (symbol === undefined)
    failAt(
      source,
      block.line,
      `atom ${atom + 1} of block ${quoted(block.name)} has neither _atom_site_type_symbol nor _atom_site_label. Add one.`,
    );
  const occupancy = valueOf('_atom_site_occupancy');
  if (occupancy !== undefined && Math.abs(measured(occupancy, 'an occupancy', source) - 1) > 1e-3) {
    failAt(
      source,
      occupancy.line,
      `site ${quoted((label ?? symbol).text)} has occupancy ${occupancy.text}. A calculation needs whole atoms: choose an ordered (super)cell with occupancies of 1.`,
    );
  }
  const letters = /^[A-Za-z]{1,2}/.exec(symbol.text)?.[0] ?? '';
  if (/^[DT]$/.test(letters)) return 1;
  const isWhole = symbol !== label && elementNumber(letters) !== undefined;
  // In a label only a small second letter belongs to the element: CA1 is carbon, Ca1 is calcium.
  const guess = isWhole ? letters : (/^[A-Z][a-z]?/.exec(symbol.text)?.[0] ?? letters);
  const element = elementNumber(guess) ?? elementNumber(guess.charAt(0));
  if (element === undefined || element === 0) return requireElement(symbol.text, source, symbol.line);
  return element;
}

function blockText(structure: Structure, index: number): string {
  const { cell, numbers, positions, info } = structure;
  if (cell === null)
    throw new FormatError(`CIF: structure ${index + 1} has no cell. Write extended XYZ, or give it a cell.`);
  const inverse = inverseCell(cell, `CIF: structure ${index + 1}`);
  const parameters = parametersOfCell(cell);
  const name = typeof info['name'] === 'string' && /^[\x21-\x7e]+$/.test(info['name']) ? info['name'] : `image${index}`;
  const lines = [
    `data_${name}`,
    ...cellTags.map((tag, at) => `${tag} ${realText(parameters[at] ?? 0)}`),
    "_space_group_name_H-M_alt 'P 1'",
    '_space_group_IT_number 1',
    'loop_',
    '_space_group_symop_operation_xyz',
    "'x, y, z'",
    'loop_',
    '_atom_site_type_symbol',
    '_atom_site_label',
    '_atom_site_fract_x',
    '_atom_site_fract_y',
    '_atom_site_fract_z',
    '_atom_site_occupancy',
  ];
  const counts = new Map<string, number>();
  numbers.forEach((number, atom) => {
    const symbol = chemicalSymbol(number);
    const count = (counts.get(symbol) ?? 0) + 1;
    counts.set(symbol, count);
    const place = timesMatrix(
      positions[3 * atom] ?? 0,
      positions[3 * atom + 1] ?? 0,
      positions[3 * atom + 2] ?? 0,
      inverse,
    );
    lines.push(`${symbol} ${symbol}${count} ${place.map(realText).join(' ')} 1.0`);
  });
  return `${lines.join('\n')}\n`;
}
