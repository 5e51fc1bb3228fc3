/** Structures with atoms added, deleted, made others, or repeated: new ones, without results of the old. */
import {
  atomicMasses,
  atomicNumber,
  covalentRadii,
  makeStructure,
  structureMasses,
  type AtomArray,
  type Structure,
} from '@mace/core/structure';
import { staleIn } from '@mace/sim';

/** Beyond so many atoms a page is slow. */
const mostAtoms = 50_000;

/** @throws StructureError where nothing would be left */
export function deleteAtoms(structure: Structure, atoms: readonly number[]): Structure {
  const gone = new Set(atoms);
  const kept = [...structure.numbers.keys()].filter((atom) => !gone.has(atom));
  if (kept.length === 0) throw new Error('all atoms would be gone. Keep one at least.');
  return made(
    structure,
    kept.map((atom) => structure.numbers[atom]!),
    kept.flatMap((atom) => [...structure.positions.subarray(3 * atom, 3 * atom + 3)]),
    kept,
  );
}

/** Numbers of atoms once others are deleted. */
export function afterDeletion(atoms: readonly number[], deleted: readonly number[]): number[] {
  return atoms
    .filter((atom) => !deleted.includes(atom))
    .map((atom) => atom - deleted.filter((one) => one < atom).length);
}

/** Numbers of atoms of a cell, and of their copies. @param count - atoms of the cell */
export function inCopies(atoms: readonly number[], count: number, copies: number): number[] {
  return Array.from({ length: copies }, (_, copy) => atoms.map((atom) => copy * count + atom)).flat();
}

/** @throws StructureError for what is no element */
export function changeElement(structure: Structure, atoms: readonly number[], symbol: string): Structure {
  const number = atomicNumber(symbol);
  const chosen = new Set(atoms);
  return made(
    structure,
    Array.from(structure.numbers, (own, atom) => (chosen.has(atom) ? number : own)),
    [...structure.positions],
    Array.from(structure.numbers, (_, atom) => (chosen.has(atom) ? null : atom)),
  );
}

/** @param position - Å [3] */
export function moveAtom(structure: Structure, atom: number, position: readonly number[]): Structure {
  const positions = structure.positions.slice();
  positions.set(position, 3 * atom);
  return { ...restingStructure(structure), positions };
}

/** Beside the last of the chosen atoms where it is farthest from the others, else beside all. @throws StructureError for what is no element */
export function addAtom(structure: Structure, symbol: string, chosen: readonly number[]): Structure {
  const number = atomicNumber(symbol);
  const base = chosen.at(-1) ?? structure.numbers.length - 1;
  const place = freePlace(structure, base, number);
  return made(
    structure,
    [...structure.numbers, number],
    [...structure.positions, ...place],
    [...structure.numbers.keys(), null],
  );
}

/** The cell so many times along each of its vectors. @throws Error beyond what a page can show */
export function repeat(structure: Structure, times: readonly [number, number, number]): Structure {
  const { cell, numbers, positions } = structure;
  if (!cell) throw new Error('there is no cell to repeat.');
  const copies = times[0] * times[1] * times[2];
  if (copies * numbers.length > mostAtoms)
    throw new Error(
      `${copies * numbers.length} atoms are more than this page shows (${mostAtoms}). Repeat it less often.`,
    );
  const allNumbers = new Int32Array(copies * numbers.length);
  const allPositions = new Float64Array(copies * positions.length);
  let copy = 0;
  for (let a = 0; a < times[0]; a++)
    for (let b = 0; b < times[1]; b++)
      for (let c = 0; c < times[2]; c++) {
        const shift = [0, 1, 2].map((k) => a * cell[k]! + b * cell[3 + k]! + c * cell[6 + k]!);
        allNumbers.set(numbers, copy * numbers.length);
        allPositions.set(
          positions.map((x, i) => x + shift[i % 3]!),
          copy++ * positions.length,
        );
      }
  const large = Array.from(cell, (x, i) => x * times[Math.floor(i / 3)]!);
  const repeated = makeStructure({ numbers: allNumbers, positions: allPositions, cell: large, pbc: structure.pbc });
  // A charge is of one cell.
  const { head } = structure.info;
  const from = Array.from({ length: copies }, () => [...numbers.keys()]).flat();
  return { ...repeated, info: head === undefined ? {} : { head }, arrays: columnsOf(structure, allNumbers, from) };
}

/** Without results and momenta of where atoms were; with all else that the file says. Which atoms stay is held beside the structure. */
export function restingStructure(structure: Structure): Structure {
  return { ...structure, info: infoAtRest(structure), arrays: columnsAtRest(structure) };
}

/** What the file says of each atom that holds wherever they are. */
function columnsAtRest(structure: Structure): Structure['arrays'] {
  const isStale = staleIn(structure);
  return kept(structure.arrays, (name) => !isStale(name) && name !== 'move_mask');
}

/** Columns of the file that atoms which are new or of another element have no value of. */
export function columnsLost(before: Structure, after: Structure): string[] {
  return Object.keys(columnsAtRest(before)).filter((name) => !Object.hasOwn(after.arrays, name));
}

/** What the file says of the whole that holds wherever its atoms are, such as a charge. */
export function infoAtRest(structure: Structure): Structure['info'] {
  const isStale = staleIn(structure);
  return kept(structure.info, (name) => !isStale(name));
}

function kept<T>(record: Readonly<Record<string, T>>, isKept: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => isKept(name)));
}

/** At rest at other places. */
export function movedTo(
  structure: Structure,
  { positions, cell }: { positions: Float64Array; cell: Float64Array | null },
): Structure {
  return { ...restingStructure(structure), positions, cell };
}

/** @param from - the atom of the old structure that each is; null for another */
function made(
  structure: Structure,
  numbers: readonly number[],
  positions: readonly number[],
  from: readonly (number | null)[],
): Structure {
  const { cell, pbc } = structure;
  const next = makeStructure({ numbers, positions, ...(cell && { cell: [...cell] }), pbc });
  return { ...next, info: infoAtRest(structure), arrays: columnsOf(structure, next.numbers, from) };
}

/** Columns go with their atoms. Another atom has a mass of its element, and no value of any other column, which then goes. */
function columnsOf(before: Structure, numbers: Int32Array, from: readonly (number | null)[]): Structure['arrays'] {
  if (from.includes(null)) return massesOf(before, numbers, from);
  const columns = Object.entries(columnsAtRest(before));
  return Object.fromEntries(columns.map(([name, array]) => [name, rowsOf(array, from as readonly number[])]));
}

function rowsOf({ columns, values, kind }: AtomArray, atoms: readonly number[]): AtomArray {
  const rows = atoms.flatMap((atom) => [...values.slice(columns * atom, columns * (atom + 1))]);
  return {
    columns,
    kind,
    values: (values instanceof Float64Array ? Float64Array.from(rows as number[]) : rows) as never,
  };
}

/** Masses that a file gives go with their atoms; others have those of their elements. */
function massesOf(before: Structure, numbers: Int32Array, from: readonly (number | null)[]): Structure['arrays'] {
  if (!before.arrays['masses']) return {};
  const own = structureMasses(before);
  const values = Float64Array.from(from, (atom, i) => (atom === null ? atomicMasses[numbers[i]!]! : own[atom]!));
  return { masses: { columns: 1, values, kind: 'real' } };
}

/** At bonding distance of an atom, in the direction that is farthest from its neighbours. */
function freePlace({ numbers, positions }: Structure, base: number, number: number): number[] {
  const reach = (covalentRadii[numbers[base]!] ?? 1) + (covalentRadii[number] ?? 1);
  const from = [...positions.subarray(3 * base, 3 * base + 3)];
  let best = { place: from, room: -1 };
  // Directions spread evenly over the sphere.
  const count = 200;
  for (let i = 0; i < count; i++) {
    const z = 1 - (2 * i + 1) / count;
    const angle = i * Math.PI * (3 - Math.sqrt(5));
    const [x, y] = [Math.cos(angle), Math.sin(angle)].map((part) => part * Math.sqrt(1 - z * z)) as [number, number];
    const place = [x, y, z].map((part, k) => from[k]! + reach * part);
    let room = Infinity;
    for (let atom = 0; atom < numbers.length; atom++)
      if (atom !== base)
        room = Math.min(room, Math.hypot(...place.map((value, k) => value - positions[3 * atom + k]!)));
    if (room > best.room) best = { place, room };
  }
  return best.place;
}
