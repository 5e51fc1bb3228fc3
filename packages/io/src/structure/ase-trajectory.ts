/**
 * ASE's trajectories, `.traj` (`ase/io/trajectory.py` of ASE 3.29): read frame by frame, in memory of one frame.
 *
 * Elements, periodic directions, masses and constraints of the first frame hold for those that state none. Results of a calculator become
 * info values and arrays of the same name, the stress as 3×3. Atoms that FixAtoms holds, or FixCartesian in all directions, are false in
 * `move_mask`, as in ASE's extended XYZ; of other constraints a warning says that they are not kept.
 */
import { FormatError } from '@mace/core';
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { takeConstraints } from './ase-constraints.js';
import { decodedPython } from './ase-json.js';
import { readFrom, readNow, type ByteSource, type Reading } from './byte-source.js';
import { numbersOf, setInfo, setInfoOnce } from './json-values.js';
import { isPythonObject, nestedLists, parsePythonJson, type PythonJson } from './python-json.js';
import { emptyRecord, quoted } from './text.js';
import { itemPlaces, openUlm, readArray, readItem, type Ulm, type UlmArray, type UlmItem } from './ulm.js';
import { fromVoigt } from './voigt.js';

/** The tag of ULM files that are trajectories. */
export const trajectoryTag = 'ASE-Trajectory';

/** ASE's names in a file of what is an array of a structure here, and in ASE's `atoms.arrays`. */
export const atomArrays: Readonly<Record<string, string>> = {
  masses: 'masses',
  tags: 'tags',
  momenta: 'momenta',
  magmoms: 'initial_magmoms',
  charges: 'initial_charges',
};

/** Results of calculators, in ASE's order: those of the structure, and those of atoms with their columns. */
export const structureResults: readonly string[] = ['energy', 'free_energy', 'stress', 'dipole', 'magmom'];
export const atomResults: Readonly<Record<string, number>> = {
  forces: 3,
  stresses: 6,
  charges: 1,
  magmoms: 1,
  energies: 1,
};

/** Places of frames that are held at once. */
const page = 1024;

/** What a frame takes from the first where it states nothing. */
interface Header {
  readonly numbers: Int32Array;
  readonly pbc: Structure['pbc'];
  readonly masses: AtomArray | undefined;
  readonly constraints: PythonJson | undefined;
}

/** Reads all frames. Throws FormatError. */
export function readAseTrajectory(bytes: Uint8Array, source: string): Structure[] {
  const file = readNow(openTrajectory(bytes.length, source), bytes);
  const structures: Structure[] = [];
  let header: Header | undefined;
  for (let from = 0; from < file.items; from += page)
    for (const [i, at] of readNow(itemPlaces(file, from, page), bytes).entries()) {
      const frame = readNow(readFrame(file, from + i, at, header), bytes);
      header ??= frame.header;
      structures.push(frame.structure);
    }
  return structures;
}

/** Reads frames one by one. Throws FormatError. */
export async function* streamAseTrajectory(bytes: ByteSource, source: string): AsyncGenerator<Structure> {
  const file = await readFrom(openTrajectory(bytes.size, source), bytes);
  let header: Header | undefined;
  for (let from = 0; from < file.items; from += page)
    for (const [i, at] of (await readFrom(itemPlaces(file, from, page), bytes)).entries()) {
      const frame = await readFrom(readFrame(file, from + i, at, header), bytes);
      header ??= frame.header;
      yield frame.structure;
    }
}

function* openTrajectory(size: number, source: string): Reading<Ulm> {
  const file = yield* openUlm(size, source);
  if (file.tag !== trajectoryTag)
    throw new FormatError(
      `${source}: this ULM file is no trajectory, its tag is ${quoted(file.tag)}. Give a .traj file of ASE.`,
    );
  if (file.items === 0)
    throw new FormatError(`${source}: there is no structure in it, it is empty. Check how it was written.`);
  return file;
}

function* readFrame(
  file: Ulm,
  index: number,
  at: number,
  first: Header | undefined,
): Reading<{ structure: Structure; header: Header }> {
  const item = yield* readItem(file, index, at);
  const { values, where } = item;
  const header = 'numbers.' in values ? yield* readHeader(file, item) : first;
  if (header === undefined) throw new FormatError(`${where}: it says no elements. Write the file again.`);
  const { numbers, pbc, masses, constraints } = header;
  const positions = yield* readArray(file, item, values, 'positions');
  const cell = Float64Array.from(numbersOf(values['cell'], [3, 3], `${where}, cell`));
  const warnings: string[] = [];
  const info = emptyRecord<InfoValue>();
  const arrays = emptyRecord<AtomArray>();
  if (masses) arrays['masses'] = masses;
  for (const [name, ours] of Object.entries(atomArrays)) {
    const array = name === 'masses' ? undefined : yield* readArray(file, item, values, name);
    if (array) arrays[ours] = perAtom(array, numbers.length, `${where}, ${name}`);
  }
  yield* readResults(file, item, numbers.length, info, arrays);
  const said = values['info'];
  if (isPythonObject(said))
    for (const [key, value] of Object.entries(said))
      setInfoOnce(info, key, decodedPython(value, `${where}, info`), warnings);
  takeConstraints(constraints, numbers.length, `${where}, constraints`, arrays, warnings);
  const structure = {
    numbers,
    positions: placesOf(expected(positions, 'positions', where), numbers.length, `${where}, positions`),
    cell: cell.every((x) => x === 0) ? null : cell,
    pbc,
    info,
    arrays,
    ...(warnings.length > 0 && { warnings }),
  };
  return { structure, header };
}

function* readHeader(file: Ulm, item: UlmItem): Reading<Header> {
  const { values, where } = item;
  const numbers = expected(yield* readArray(file, item, values, 'numbers'), 'numbers', where);
  const bad = numbers.values.find((number) => !Number.isInteger(number) || number < 0 || number > 118);
  if (numbers.shape.length !== 1 || numbers.kind !== 'integer' || bad !== undefined)
    throw new FormatError(
      `${where}, numbers: expected atomic numbers from 0 to 118, got ${bad ?? `an array of shape [${numbers.shape.join(', ')}]`}. Write the file again.`,
    );
  const pbc = values['pbc'];
  const flags = typeof pbc === 'boolean' ? [pbc, pbc, pbc] : pbc;
  if (!Array.isArray(flags) || flags.length !== 3 || !flags.every((flag) => typeof flag === 'boolean'))
    throw new FormatError(`${where}, pbc: expected three of true and false. Write the file again.`);
  const masses = yield* readArray(file, item, values, 'masses');
  return {
    numbers: Int32Array.from(numbers.values),
    pbc: flags as [boolean, boolean, boolean],
    masses: masses && perAtom(masses, numbers.values.length, `${where}, masses`, 1),
    constraints: constraintsIn(values['constraints'], `${where}, constraints`),
  };
}

function* readResults(
  file: Ulm,
  item: UlmItem,
  atoms: number,
  info: Record<string, InfoValue>,
  arrays: Record<string, AtomArray>,
): Reading<void> {
  const results = item.values['calculator.'];
  if (!isPythonObject(results)) return;
  const where = `${item.where}, calculator`;
  for (const name of structureResults) {
    const array = yield* readArray(file, item, results, name);
    const value = array ? nestedLists({ ...array, values: truths(array) }) : results[name];
    if (value !== undefined && value !== null) setInfo(info, name, decodedPython(value, `${where}, ${name}`));
    if (name === 'stress' && info[name] !== undefined) info[name] = fromVoigt(info[name]);
  }
  for (const [name, columns] of Object.entries(atomResults)) {
    const array = yield* readArray(file, item, results, name);
    if (array) arrays[name] = perAtom(array, atoms, `${where}, ${name}`, columns);
  }
}

function placesOf(array: UlmArray, atoms: number, where: string): Float64Array {
  const { values } = perAtom(array, atoms, where, 3);
  const bad = (values as Float64Array).findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values as Float64Array;
  throw new FormatError(
    `${where}: expected finite numbers, got ${values[bad]} for atom ${Math.floor(bad / 3)}. Write the file again.`,
  );
}

/** A row for each atom. @throws FormatError for another shape */
function perAtom(array: UlmArray, atoms: number, where: string, columns?: number): AtomArray {
  const { shape, kind, values } = array;
  const found = atoms === 0 ? (columns ?? 1) : values.length / atoms;
  if (shape[0] !== atoms || (columns !== undefined && found !== columns))
    throw new FormatError(
      `${where}: expected a row${columns === undefined ? '' : ` of ${columns}`} for each of the ${atoms} atoms, got shape [${shape.join(', ')}]. Write the file again.`,
    );
  return { columns: found, kind, values: kind === 'logical' ? (truths(array) as boolean[]) : values };
}

function truths({ kind, values }: UlmArray): number[] | boolean[] {
  return kind === 'logical' ? Array.from(values, (value) => value !== 0) : Array.from(values);
}

function expected(array: UlmArray | undefined, name: string, where: string): UlmArray {
  if (array) return array;
  throw new FormatError(`${where}: it has no ${name}. Write the file again.`);
}

/** They are a JSON text in JSON. */
function constraintsIn(text: PythonJson | undefined, where: string): PythonJson | undefined {
  return typeof text === 'string' ? decodedPython(parsePythonJson(text, where), where) : text;
}
