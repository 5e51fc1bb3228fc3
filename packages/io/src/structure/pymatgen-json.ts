/**
 * pymatgen's JSON of Structure and Molecule (`as_dict`, `to_file('x.json')`), one or a list of them.
 *
 * Site properties become arrays, other properties and the charge become info values. Partial occupancies are refused.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol, signedVolume } from '@mace/core/structure';
import { inverseCell, parametersOfCell, timesMatrix } from './cell-parameters.js';
import { elementNumber } from './element-label.js';
import { infoJson, numbersOf, perAtom, setInfo, withShape } from './json-values.js';
import {
  isPythonObject,
  nestedLists,
  parsePythonJson,
  pythonInteger,
  pythonJsonText,
  pythonNumber,
  rectangularArray,
  type PythonJson,
  type PythonObject,
} from './python-json.js';
import { emptyRecord, quoted } from './text.js';

/** Reads one Structure or Molecule, or a list of them. Throws FormatError. */
export function readPymatgenJson(text: string, source = 'pymatgen JSON text'): Structure[] {
  const root = parsePythonJson(text, source);
  if (!Array.isArray(root)) return [structureOf(root, source)];
  return root.map((item, index) => structureOf(item, `${source}, item ${index + 1}`));
}

/** Writes one structure as an object, several as a list. Molecules are those without a cell. */
export function writePymatgenJson(structures: readonly Structure[]): string {
  const items = structures.map(dictOf);
  const [only] = items;
  return `${pythonJsonText(only !== undefined && items.length === 1 ? only : items)}\n`;
}

/** Used by the format table: does this JSON value look like pymatgen's? */
export function isPymatgenJson(root: PythonJson): boolean {
  const first = Array.isArray(root) ? root[0] : root;
  return isPythonObject(first) && Array.isArray(first['sites']);
}

function structureOf(value: PythonJson, where: string): Structure {
  if (!isPythonObject(value) || !Array.isArray(value['sites'])) {
    throw new FormatError(
      `${where}: expected a Structure or Molecule with "sites". Write it with structure.to_file('name.json').`,
    );
  }
  const sites = value['sites'].map((site, index) => {
    if (!isPythonObject(site))
      throw new FormatError(`${where}, site ${index + 1}: expected an object. Write the file again.`);
    return site;
  });
  const lattice = value['lattice'];
  const cell = isPythonObject(lattice)
    ? Float64Array.from(numbersOf(lattice['matrix'], 9, `${where}, lattice matrix`))
    : null;
  const numbers = Int32Array.from(sites, (site, index) => elementOf(site, `${where}, site ${index + 1}`));
  const positions = Float64Array.from(
    sites.flatMap((site, index) => placeOf(site, cell, `${where}, site ${index + 1}`)),
  );
  const info = emptyRecord<InfoValue>();
  for (const key of ['charge', 'spin_multiplicity']) {
    const item = value[key];
    if (item !== undefined && item !== null) setInfo(info, key, item);
  }
  const properties = value['properties'];
  if (isPythonObject(properties)) for (const [key, item] of Object.entries(properties)) setInfo(info, key, item);
  return { numbers, positions, cell, pbc: periodic(lattice, cell, where), info, arrays: siteProperties(sites) };
}

function elementOf(site: PythonObject, where: string): number {
  const species = site['species'];
  const [only] = Array.isArray(species) ? species : [];
  if (!Array.isArray(species) || species.length !== 1 || !isPythonObject(only)) {
    throw new FormatError(
      `${where}: ${Array.isArray(species) ? `${species.length} species share this site` : 'there is no species'}. A calculation needs one whole atom a site: choose an ordered structure.`,
    );
  }
  const occupancy = pythonNumber(only['occu']) ?? 1;
  if (Math.abs(occupancy - 1) > 1e-3)
    throw new FormatError(
      `${where}: the occupancy is ${occupancy}. A calculation needs whole atoms: choose an ordered structure.`,
    );
  const label = only['element'];
  const letters = typeof label === 'string' ? label : '';
  const number = letters === 'D' || letters === 'T' ? 1 : elementNumber(letters);
  if (number === undefined)
    throw new FormatError(`${where}: unknown element ${quoted(letters)}. Write a chemical symbol (H to Og).`);
  return number;
}

function placeOf(site: PythonObject, cell: Float64Array | null, where: string): number[] {
  if (site['xyz'] !== undefined) return numbersOf(site['xyz'], 3, `${where}, xyz`);
  const [u = 0, v = 0, w = 0] = numbersOf(site['abc'], 3, `${where}, abc`);
  if (cell === null)
    throw new FormatError(`${where}: fractional coordinates without a lattice. Write xyz, or add the lattice.`);
  return timesMatrix(u, v, w, cell);
}

function periodic(
  lattice: PythonJson | undefined,
  cell: Float64Array | null,
  where: string,
): [boolean, boolean, boolean] {
  const flags = isPythonObject(lattice) ? lattice['pbc'] : undefined;
  if (flags === undefined || flags === null) return [cell !== null, cell !== null, cell !== null];
  if (!Array.isArray(flags) || flags.length !== 3 || !flags.every((flag) => typeof flag === 'boolean')) {
    throw new FormatError(`${where}, lattice pbc: expected three of true and false. Write the file again.`);
  }
  return flags as [boolean, boolean, boolean];
}

/** Properties that every site has, of one kind and shape; pymatgen writes null where a value is missing. */
function siteProperties(sites: readonly PythonObject[]): Record<string, AtomArray> {
  const arrays = emptyRecord<AtomArray>();
  const first = sites[0]?.['properties'];
  for (const name of isPythonObject(first) ? Object.keys(first) : []) {
    const values = sites.map((site) =>
      isPythonObject(site['properties']) ? (site['properties'][name] ?? null) : null,
    );
    const array = rectangularArray(values);
    const column = array === undefined ? undefined : perAtom(array, sites.length);
    if (column !== undefined) arrays[name] = column;
  }
  return arrays;
}

function dictOf(structure: Structure): PythonJson {
  const { numbers, positions, cell, pbc, info, arrays } = structure;
  const inverse = cell === null ? null : inverseCell(cell, 'pymatgen JSON');
  const properties = emptyRecord<PythonJson>();
  for (const [key, value] of Object.entries(info)) {
    if (key !== 'charge' && key !== 'spin_multiplicity') properties[key] = infoJson(info, key, value);
  }
  const columns = Object.entries(arrays).map(
    ([name, array]) => [name, nestedLists(withShape(array, numbers.length)) as PythonJson[]] as const,
  );
  const sites = Array.from(numbers, (number, atom): PythonJson => {
    const symbol = chemicalSymbol(number);
    const [x = 0, y = 0, z = 0] = positions.subarray(3 * atom, 3 * atom + 3);
    const site = emptyRecord<PythonJson>();
    if (cell === null) site['name'] = symbol;
    site['species'] = [{ element: symbol, occu: pythonInteger(1) }];
    if (inverse !== null) site['abc'] = timesMatrix(x, y, z, inverse);
    site['xyz'] = [x, y, z];
    const own = emptyRecord<PythonJson>();
    for (const [name, values] of columns) own[name] = values[atom] ?? null;
    site['properties'] = own;
    site['label'] = symbol;
    return site;
  });
  const number = (key: string): PythonJson | undefined =>
    typeof info[key] === 'number' ? infoJson(info, key, info[key]) : undefined;
  const dict = emptyRecord<PythonJson>();
  dict['@module'] = 'pymatgen.core.structure';
  dict['@class'] = cell === null ? 'Molecule' : 'Structure';
  dict['charge'] = number('charge') ?? 0;
  if (cell === null) {
    const multiplicity = number('spin_multiplicity');
    if (multiplicity !== undefined) dict['spin_multiplicity'] = multiplicity;
  } else {
    const [a = 0, b = 0, c = 0, alpha = 0, beta = 0, gamma = 0] = parametersOfCell(cell);
    const matrix = [0, 3, 6].map((at) => Array.from(cell.subarray(at, at + 3)));
    dict['lattice'] = { matrix, pbc: [...pbc], a, b, c, alpha, beta, gamma, volume: Math.abs(signedVolume(cell)) };
  }
  dict['properties'] = properties;
  dict['sites'] = sites;
  return dict;
}
