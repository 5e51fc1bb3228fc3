/**
 * pymatgen's JSON of Structure and Molecule (`as_dict`, `to_file('x.json')`), one or a list of them.
 *
 * Site properties become arrays, other properties and the charge become info values. Partial occupancies are refused.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol, signedVolume } from '@mace/core/structure';
import { elementOfLabel, isIsotope, isotopeWarning } from './atom-label.js';
import { cellOfParameters, inverseCell, parametersOfCell, timesMatrix } from './cell-parameters.js';
import { elementNumber, realSymbol } from './element-label.js';
import { infoJson, numbersOf, perAtom, setInfo, setInfoOnce, withShape } from './json-values.js';
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

/** Å; what abc and xyz of one site may differ by, in files with few digits: in silence, and at all. */
const silentDifference = 1e-4;
const largestDifference = 0.01;
const parameterNames = ['a', 'b', 'c', 'alpha', 'beta', 'gamma', 'volume'] as const;

/** Reads one Structure or Molecule, or a list of them. Throws FormatError. */
export function readPymatgenJson(text: string, source = 'pymatgen JSON text'): Structure[] {
  const root = parsePythonJson(text, source);
  if (!Array.isArray(root)) return [structureOf(root, source)];
  if (root.length === 0)
    throw new FormatError(`${source}: there is no structure in it, the list is empty. Check how it was written.`);
  return root.map((item, index) => structureOf(item, `${source}, item ${index + 1}`));
}

/** Writes one structure as an object, several as a list. Molecules are those without a cell; what is not finite becomes null. */
export function writePymatgenJson(structures: readonly Structure[]): string {
  const items = structures.map((structure) => finite(dictOf(structure)));
  const [only] = items;
  return `${pythonJsonText(only !== undefined && items.length === 1 ? only : items)}\n`;
}

/** The parser that pymatgen reads files with, orjson, knows no NaN, and writes null for it. */
function finite(value: PythonJson): PythonJson {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finite);
  if (!isPythonObject(value)) return value;
  const entries = emptyRecord<PythonJson>();
  for (const [key, item] of Object.entries(value)) entries[key] = finite(item);
  return entries;
}

/** Used by the format table: does this JSON value look like pymatgen's? */
export function isPymatgenJson(root: PythonJson): boolean {
  const first = Array.isArray(root) ? root[0] : root;
  return isPythonObject(first) && Array.isArray(first['sites']);
}

function structureOf(value: PythonJson, where: string): Structure {
  if (!isPythonObject(value) || !Array.isArray(value['sites'])) {
    const inner = isPythonObject(value)
      ? Object.keys(value).find((key) => isPymatgenJson(value[key] ?? null))
      : undefined;
    const found = inner === undefined ? '' : `; one stands under the key ${quoted(inner)}`;
    throw new FormatError(
      `${where}: expected a Structure or Molecule with "sites"${found}. Write it with structure.to_file('name.json').`,
    );
  }
  const sites = value['sites'].map((site, index) => {
    if (!isPythonObject(site))
      throw new FormatError(`${where}, site ${index + 1}: expected an object. Write the file again.`);
    return site;
  });
  if (sites.length === 0) throw new FormatError(`${where}: there are no sites. Check how the file was written.`);
  const warnings: string[] = [];
  const lattice = latticeOf(value, where);
  const cell = lattice === undefined ? null : cellOf(lattice, where);
  const numbers = Int32Array.from(sites, (site, index) => elementOf(site, `${where}, site ${index + 1}`, warnings));
  const inverse = cell === null ? null : inverseCell(cell, `${where}, lattice`);
  const positions = Float64Array.from(
    sites.flatMap((site, index) => placeOf(site, cell, inverse, `${where}, site ${index + 1}`, warnings)),
  );
  warnOfLabels(sites, numbers, warnings);
  const info = emptyRecord<InfoValue>();
  for (const key of ['charge', 'spin_multiplicity']) {
    const item = value[key];
    if (item !== undefined && item !== null) setInfo(info, key, item);
  }
  const properties = value['properties'];
  if (isPythonObject(properties))
    for (const [key, item] of Object.entries(properties)) setInfoOnce(info, key, item, warnings);
  const pbc = periodic(lattice, where);
  const arrays = siteProperties(sites, warnings);
  return { numbers, positions, cell, pbc, info, arrays, ...(warnings.length > 0 && { warnings }) };
}

/** The lattice, where the class of the object says that it has one. */
function latticeOf(value: PythonObject, where: string): PythonObject | undefined {
  const lattice = value['lattice'];
  const name = typeof value['@class'] === 'string' ? value['@class'] : undefined;
  const isMolecule = name === undefined ? lattice === undefined : /Molecule$/.test(name);
  if (isMolecule && (lattice === undefined || lattice === null)) return undefined;
  if (isMolecule) throw new FormatError(`${where}: a ${name} with a lattice. Correct @class, or remove the lattice.`);
  if (!isPythonObject(lattice))
    throw new FormatError(
      `${where}: the lattice of the ${name ?? 'structure'} is ${lattice === undefined ? 'missing' : 'no object'}. Write it with structure.to_file('name.json').`,
    );
  return lattice;
}

/** Å, from the matrix, with which lengths, angles and volume must agree, or from lengths and angles alone. */
function cellOf(lattice: PythonObject, where: string): Float64Array {
  const given = parameterNames.map((name) => pythonNumber(lattice[name]));
  if (lattice['matrix'] === undefined && given.slice(0, 6).every((value) => value !== undefined))
    return cellOfParameters(given.slice(0, 6) as number[], `${where}, lattice`);
  const cell = Float64Array.from(numbersOf(lattice['matrix'], [3, 3], `${where}, lattice matrix`));
  const found = [...parametersOfCell(cell), Math.abs(signedVolume(cell))];
  for (const [at, name] of parameterNames.entries()) {
    const said = given[at];
    const is = found[at] ?? NaN;
    if (said === undefined) {
      if (lattice[name] !== undefined && lattice[name] !== null)
        throw new FormatError(`${where}, lattice ${name}: expected a number. Write the file again.`);
    } else if (!(Math.abs(said - is) <= 1e-3 * Math.max(1, is)))
      throw new FormatError(
        `${where}: the lattice says ${name} = ${said}, and its matrix has ${Number(is.toPrecision(8))}. Correct one of them.`,
      );
  }
  return cell;
}

function elementOf(site: PythonObject, where: string, warnings: string[]): number {
  const species = site['species'];
  const [only] = Array.isArray(species) ? species : [];
  if (!Array.isArray(species) || species.length !== 1 || !isPythonObject(only)) {
    throw new FormatError(
      `${where}: ${Array.isArray(species) ? `${species.length} species share this site` : 'there is no species'}. A calculation needs one whole atom a site: choose an ordered structure.`,
    );
  }
  const occupancy = only['occu'] === undefined ? 1 : pythonNumber(only['occu']);
  if (occupancy === undefined) throw new FormatError(`${where}: the occupancy is no number. Write 1.`);
  if (!(Math.abs(occupancy - 1) <= 1e-3))
    throw new FormatError(
      `${where}: the occupancy is ${occupancy}. A calculation needs whole atoms: choose an ordered structure.`,
    );
  const label = only['element'];
  const letters = typeof label === 'string' ? label : '';
  if (isIsotope(letters) && !warnings.includes(isotopeWarning)) warnings.push(isotopeWarning);
  const number = isIsotope(letters) ? 1 : elementNumber(letters);
  if (number === undefined)
    throw new FormatError(`${where}: unknown element ${quoted(letters)}. Write a chemical symbol (H to Og).`);
  return number;
}

/** Å; `abc` and `xyz` must be the same place, up to lattice vectors. */
function placeOf(
  site: PythonObject,
  cell: Float64Array | null,
  inverse: Float64Array | null,
  where: string,
  warnings: string[],
): number[] {
  const xyz = site['xyz'] === undefined ? undefined : numbersOf(site['xyz'], [3], `${where}, xyz`);
  if (site['abc'] === undefined && xyz !== undefined) return xyz;
  const [u = 0, v = 0, w = 0] = numbersOf(site['abc'], [3], `${where}, abc`);
  if (cell === null || inverse === null)
    throw new FormatError(`${where}: fractional coordinates without a lattice. Write xyz, or add the lattice.`);
  if (xyz === undefined) return timesMatrix(u, v, w, cell);
  const [x = 0, y = 0, z = 0] = xyz;
  const [a, b, c] = timesMatrix(x, y, z, inverse);
  const apart = [a - u, b - v, c - w].map((turns) => turns - Math.round(turns)) as [number, number, number];
  const distance = Math.hypot(...timesMatrix(...apart, cell));
  if (!(distance <= largestDifference))
    throw new FormatError(
      `${where}: abc and xyz are ${distance.toPrecision(3)} Å apart. Correct one of them, or remove it.`,
    );
  if (distance > silentDifference && warnings.length < 3)
    warnings.push(
      `${where.replace(/^.*, site/, 'site')}: abc and xyz are ${distance.toPrecision(2)} Å apart, xyz is used`,
    );
  return xyz;
}

function periodic(lattice: PythonObject | undefined, where: string): [boolean, boolean, boolean] {
  const flags = lattice?.['pbc'];
  const has = lattice !== undefined;
  if (flags === undefined || flags === null) return [has, has, has];
  if (!Array.isArray(flags) || flags.length !== 3 || !flags.every((flag) => typeof flag === 'boolean')) {
    throw new FormatError(`${where}, lattice pbc: expected three of true and false. Write the file again.`);
  }
  return flags as [boolean, boolean, boolean];
}

/** Labels are free, but one that is the symbol of another element deserves a word. */
function warnOfLabels(sites: readonly PythonObject[], numbers: Int32Array, warnings: string[]): void {
  sites.forEach((site, index) => {
    for (const name of ['label', 'name']) {
      const label = site[name];
      const element = typeof label === 'string' ? elementOfLabel(label) : undefined;
      const own = numbers[index] as number;
      if (element !== undefined && element !== own && warnings.length < 3)
        warnings.push(
          `site ${index + 1}: the ${name} is ${quoted(String(label))}, the species ${chemicalSymbol(own)} counts`,
        );
    }
  });
}

/** Properties that every site has, of one kind and shape; pymatgen writes null where a value is missing. */
function siteProperties(sites: readonly PythonObject[], warnings: string[]): Record<string, AtomArray> {
  const arrays = emptyRecord<AtomArray>();
  const names = sites.flatMap(({ properties }) => (isPythonObject(properties) ? Object.keys(properties) : []));
  for (const name of new Set(names)) {
    const values = sites.map((site) =>
      isPythonObject(site['properties']) ? (site['properties'][name] ?? null) : null,
    );
    const array = rectangularArray(values);
    const column = array === undefined ? undefined : perAtom(array, sites.length);
    if (column !== undefined) arrays[name] = column;
    else if (values.some((value) => value !== null))
      warnings.push(`the site property ${quoted(name)} is not of one kind at all sites, it is ignored`);
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
    const symbol = realSymbol(number, 'pymatgen JSON', atom);
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
