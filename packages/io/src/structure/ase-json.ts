/**
 * ASE's JSON: one encoded Atoms (`ase.io.jsonio.encode`), or the rows of a JSON database (`ase.io.write('x.json', …)`, `ase.db`).
 *
 * Calculator results of a row (energy, forces, stress …) become info values and arrays of the same name, the stress as 3×3;
 * `key_value_pairs` become info, and atoms that FixAtoms holds are false in `move_mask`.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoArray, InfoValue, Structure } from '@mace/core/structure';
import { constraintsOf, isMask, takeConstraints } from './ase-constraints.js';
import { infoJson, numbersOf, perAtom, setInfo, setInfoOnce, withShape } from './json-values.js';
import {
  isPythonObject,
  nestedLists,
  parsePythonJson,
  PythonInteger,
  pythonInteger,
  pythonJsonText,
  pythonNumber,
  rectangularArray,
  type PythonJson,
  type PythonObject,
} from './python-json.js';
import { emptyRecord, quoted } from './text.js';
import { fromVoigt, inVoigtOrder } from './voigt.js';

const described: ReadonlySet<string> = new Set([
  'numbers',
  'positions',
  'cell',
  'pbc',
  'info',
  'key_value_pairs',
  '__ase_objtype__',
]);
/** Most lists that an array of no values may consist of. */
const maximumEmpty = 100_000;
/** Book-keeping of a database row that says nothing about the structure. */
const bookkeeping: ReadonlySet<string> = new Set([
  'calculator',
  'calculator_parameters',
  'ctime',
  'mtime',
  'unique_id',
  'user',
  'initial_magmoms',
]);

/** Reads all structures in the order of their ids. Throws FormatError. */
export function readAseJson(text: string, source = 'ASE JSON text'): Structure[] {
  const root = parsePythonJson(text, source);
  if (Array.isArray(root)) {
    if (root.length === 0) throw emptyError(source);
    return root.map((item, index) => structureOf(item, `${source}, item ${index + 1}`));
  }
  if (isPythonObject(root) && 'numbers' in root) return [structureOf(root, source)];
  if (!isAseJson(root))
    throw new FormatError(
      `${source}: expected an ASE Atoms object or database. Write it with ase.io.write('name.json', atoms).`,
    );
  const rows = root as PythonObject;
  return rowKeys(rows, source).map((key) => structureOf(rows[key] ?? null, `${source}, row ${key}`));
}

/** Writes a JSON database that `ase.io.read('name.json', ':')` and `ase.db.connect` open. Throws FormatError. */
export function writeAseJson(structures: readonly Structure[]): string {
  const rows = structures.map((structure, index) => `"${index + 1}": ${pythonJsonText(rowOf(structure, index))}`);
  const ids = structures.map((_, index) => index + 1).join(', ');
  return `{${[...rows, `"ids": [${ids}]`, `"nextid": ${structures.length + 1}`].join(',\n')}}\n`;
}

/** Used by the format table: does this JSON value look like ASE's? */
export function isAseJson(root: PythonJson): boolean {
  const first = Array.isArray(root) ? root[0] : root;
  if (!isPythonObject(first)) return false;
  if ('numbers' in first && 'positions' in first) return true;
  return (
    Object.entries(first).some(([key, row]) => /^\d+$/.test(key) && isPythonObject(row) && 'numbers' in row) ||
    ('ids' in first && 'nextid' in first)
  );
}

/** Keys of the rows in the order of `ids`. Throws FormatError when rows and ids are not the same. */
function rowKeys(root: PythonObject, source: string): string[] {
  const keys = Object.keys(root).filter((key) => /^\d+$/.test(key));
  const ids = root['ids'];
  if (ids === undefined) return keys;
  const order = numbersOf(ids, [Array.isArray(ids) ? ids.length : -1], `${source}, ids`).map(String);
  const listed = new Set<string>();
  for (const key of order) {
    if (listed.has(key)) throw new FormatError(`${source}: id ${key} stands twice in ids. Write the file again.`);
    listed.add(key);
  }
  const unlisted = keys.find((key) => !listed.has(key));
  if (unlisted !== undefined)
    throw new FormatError(`${source}: row ${unlisted} is not in ids. Add it there, or remove the row.`);
  if (order.length === 0) throw emptyError(source);
  return order;
}

function emptyError(source: string): FormatError {
  return new FormatError(`${source}: there is no structure in it, the list is empty. Check how it was written.`);
}

function structureOf(value: PythonJson, where: string): Structure {
  if (!isPythonObject(value))
    throw new FormatError(`${where}: expected an Atoms object. The database is incomplete, write it again.`);
  const row = decodedPython(value, where) as PythonObject;
  const numbers = integers(row['numbers'], where);
  const atoms = numbers.length;
  const positions = Float64Array.from(numbersOf(row['positions'], [atoms, 3], `${where}, positions`));
  const cell = cellOf(row['cell'], where);
  const warnings: string[] = [];
  const pbc = periodic(row['pbc'], cell !== null, where);
  const natoms = pythonNumber(row['natoms']);
  if (natoms !== undefined && natoms !== atoms)
    throw new FormatError(`${where}: natoms is ${natoms}, but there are ${atoms} numbers. Write the file again.`);
  const info = emptyRecord<InfoValue>();
  const arrays = emptyRecord<AtomArray>();
  for (const [key, item] of Object.entries(row)) {
    if (described.has(key) || bookkeeping.has(key) || key === 'constraints' || item === null) continue;
    const array = rectangularArray(item);
    const column = array === undefined ? undefined : perAtom(array, atoms);
    // Three numbers of a three-atom molecule may be its dipole: only names that are per structure decide.
    if (column !== undefined && !perStructure.has(key)) arrays[key] = column;
    else if (array !== undefined && perAtomNames.has(key))
      throw new FormatError(
        `${where}, ${key}: expected a row for each of the ${atoms} atoms, got ${array.shape[0] ?? 0}. Write the file again.`,
      );
    else setInfo(info, key, item);
  }
  if (info['stress'] !== undefined) info['stress'] = fromVoigt(info['stress']);
  takeConstraints(row['constraints'], atoms, `${where}, constraints`, arrays, warnings);
  for (const part of ['info', 'key_value_pairs']) {
    const entries = row[part];
    if (isPythonObject(entries))
      for (const [key, item] of Object.entries(entries)) setInfoOnce(info, key, item, warnings);
  }
  return { numbers, positions, cell, pbc, info, arrays, ...(warnings.length > 0 && { warnings }) };
}

const perStructure: ReadonlySet<string> = new Set([
  'dipole',
  'stress',
  'energy',
  'free_energy',
  'magmom',
  'data',
  'celldisp',
]);

/** What ASE has of every atom. */
const perAtomNames: ReadonlySet<string> = new Set(
  'tags momenta masses charges magmoms initial_charges initial_magmoms forces stresses energies'.split(' '),
);

/** Resolves ASE's `__ndarray__` and `__ase_objtype__` wrappings to nested lists. */
export function decodedPython(value: PythonJson, where: string): PythonJson {
  if (Array.isArray(value)) return value.map((item) => decodedPython(item, where));
  if (!isPythonObject(value)) return value;
  const packed = value['__ndarray__'];
  if (packed !== undefined) return arrayOf(packed, where);
  if (value['__ase_objtype__'] === 'cell' && value['array'] !== undefined) return decodedPython(value['array'], where);
  const entries = emptyRecord<PythonJson>();
  for (const [key, item] of Object.entries(value)) entries[key] = decodedPython(item, where);
  return entries;
}

/** `[shape, type, values]` as nested lists; the shape is checked before anything of its size is made. */
function arrayOf(packed: PythonJson, where: string): PythonJson {
  const [shapeJson, type, flat] = Array.isArray(packed) && packed.length === 3 ? packed : [];
  const shape = Array.isArray(shapeJson) ? shapeJson.map(sizeOf) : [];
  const array = rectangularArray(flat ?? null);
  const size = shape.reduce((product, length) => product * length, 1);
  const beforeZero = shape.slice(0, Math.max(0, shape.indexOf(0))).reduce((product, length) => product * length, 1);
  if (
    !Array.isArray(shapeJson) ||
    typeof type !== 'string' ||
    array === undefined ||
    array.shape.length !== 1 ||
    array.values.length !== size ||
    beforeZero > maximumEmpty
  ) {
    throw new FormatError(
      `${where}: an __ndarray__ is not [shape, type, values] with matching sizes. Write the file again.`,
    );
  }
  const kind: InfoArray['kind'] = type.startsWith('float') ? 'real' : array.kind;
  const expected = /^u?int/.test(type)
    ? 'integer'
    : type.startsWith('float')
      ? 'real'
      : type.startsWith('bool')
        ? 'logical'
        : kind;
  const isNumber = array.kind === 'real' || array.kind === 'integer';
  if (size > 0 && (kind !== expected || (kind === 'real' && !isNumber)))
    throw new FormatError(`${where}: an __ndarray__ of ${quoted(type)} holds other values. Write the file again.`);
  return nestedLists({ shape, values: array.values, kind });
}

/** A length of an array; NaN for what is none. */
function sizeOf(value: PythonJson): number {
  return value instanceof PythonInteger && value.value >= 0 && Number.isSafeInteger(value.value) ? value.value : NaN;
}

function integers(value: PythonJson | undefined, where: string): Int32Array {
  const count = Array.isArray(value) ? value.length : -1;
  const values = numbersOf(value, [count], `${where}, numbers`);
  const bad = values.find((number) => !Number.isInteger(number) || number < 0 || number > 118);
  if (bad !== undefined) throw new FormatError(`${where}: ${bad} is no atomic number. Use 1 to 118.`);
  return Int32Array.from(values);
}

function cellOf(value: PythonJson | undefined, where: string): Float64Array | null {
  if (value === undefined || value === null) return null;
  const cell = Float64Array.from(numbersOf(value, [3, 3], `${where}, cell`));
  return cell.every((entry) => entry === 0) ? null : cell;
}

function periodic(value: PythonJson | undefined, hasCell: boolean, where: string): [boolean, boolean, boolean] {
  const flags = value === undefined && !hasCell ? [false, false, false] : value;
  if (!Array.isArray(flags) || flags.length !== 3 || !flags.every((flag) => typeof flag === 'boolean')) {
    throw new FormatError(`${where}, pbc: expected three of true and false. Write the file again.`);
  }
  return flags as [boolean, boolean, boolean];
}

/** An array as ASE's JSON has it. */
export function ndarrayJson(array: InfoArray): PythonJson {
  const type = { real: 'float64', integer: 'int64', logical: 'bool', text: 'str' }[array.kind];
  const flat = nestedLists({ ...array, shape: [array.values.length] });
  return { __ndarray__: [array.shape.map(pythonInteger), type, flat] };
}

function rowOf(structure: Structure, index: number): PythonJson {
  const { numbers, positions, cell, pbc, info, arrays } = structure;
  const row = emptyRecord<PythonJson>();
  row['numbers'] = ndarrayJson({ shape: [numbers.length], values: Array.from(numbers), kind: 'integer' });
  row['positions'] = ndarrayJson({ shape: [numbers.length, 3], values: Array.from(positions), kind: 'real' });
  row['cell'] = {
    array: ndarrayJson({ shape: [3, 3], values: Array.from(cell ?? new Float64Array(9)), kind: 'real' }),
    __ase_objtype__: 'cell',
  };
  row['pbc'] = ndarrayJson({ shape: [3], values: [...pbc], kind: 'logical' });
  row['unique_id'] = String(index + 1).padStart(32, '0');
  row['ctime'] = 0.5;
  row['mtime'] = 0.5;
  row['user'] = null;
  const constraints = constraintsOf(structure);
  if (constraints) row['constraints'] = constraints;
  for (const [name, array] of Object.entries(arrays)) {
    if (name === 'move_mask' && isMask(array)) continue;
    if (described.has(name) || bookkeeping.has(name))
      throw new FormatError(`ASE JSON: a per-atom array cannot be called ${quoted(name)}. Rename it before writing.`);
    row[name] =
      array.kind === 'text'
        ? nestedLists(withShape(array, numbers.length))
        : ndarrayJson(withShape(array, numbers.length));
  }
  const pairs = emptyRecord<PythonJson>();
  const said = inVoigtOrder(info);
  for (const [key, value] of Object.entries(said)) {
    const json = infoJson(said, key, value);
    if (perStructure.has(key)) row[key] = typeof value === 'object' ? ndarrayJson(value) : json;
    else pairs[key] = json;
  }
  row['key_value_pairs'] = pairs;
  row['calculator'] = 'unknown';
  row['calculator_parameters'] = emptyRecord();
  return row;
}
