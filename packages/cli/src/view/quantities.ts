/** What a page shows of a structure: its frame, and the numbers that are plotted over frames. */
import { structureMasses, type InfoValue, type Structure } from '@mace/core/structure';
import { boltzmannConstant } from '@mace/sim';
import type { ViewFrame } from './record.js';

/** At most so many characters of a key are shown, and so many keys. */
const longestValue = 200;
const mostKeys = 60;

export function viewFrame(structure: Structure): ViewFrame {
  const info = Object.entries(structure.info).slice(0, mostKeys);
  const notes = structure.warnings ?? [];
  return {
    numbers: Uint8Array.from(structure.numbers),
    positions: Float32Array.from(structure.positions),
    forces: forcesOf(structure),
    cell: structure.cell,
    pbc: structure.pbc,
    keys: {
      ...Object.fromEntries(info.map(([key, value]) => [key, textOf(value)])),
      ...(notes.length > 0 && { note: notes.join(' ').slice(0, 5 * longestValue) }),
    },
  };
}

/** Keys of the structure that are numbers, and what follows from its columns: the largest force in eV/Å, the temperature in K. */
export function quantitiesOf(structure: Structure): Map<string, number> {
  const found = new Map<string, number>();
  for (const [key, value] of Object.entries(structure.info)) if (typeof value === 'number') found.set(key, value);
  const forces = forcesOf(structure);
  if (forces) found.set('largest force (eV/Å)', longest(forces));
  const kelvin = temperatureOf(structure);
  const hasOwn = [...found.keys()].some((key) => /^temp/i.test(key));
  if (kelvin !== undefined && !hasOwn) found.set('temperature (K)', kelvin);
  return found;
}

/** The first that is there: `forces`, those of mace-torch, any other. */
function forcesOf({ arrays }: Structure): Float32Array | null {
  const usual = ['forces', 'MACE_forces', 'REF_forces'];
  const names = [...usual, ...Object.keys(arrays).filter((name) => /forces?$/i.test(name))];
  for (const name of names) {
    const column = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
    if (column?.columns === 3 && column.values instanceof Float64Array) return Float32Array.from(column.values);
  }
  return null;
}

/** Of momenta as ASE writes them, √(u·eV), with degrees of freedom as ASE counts them. */
function temperatureOf(structure: Structure): number | undefined {
  const { arrays, numbers } = structure;
  const momenta = Object.hasOwn(arrays, 'momenta') ? arrays['momenta'] : undefined;
  if (momenta?.columns !== 3 || !(momenta.values instanceof Float64Array) || numbers.length === 0) return undefined;
  const masses = structureMasses(structure);
  const doubled = momenta.values.reduce((sum, p, i) => sum + (p * p) / masses[Math.floor(i / 3)]!, 0);
  const kelvin = doubled / (freedomOf(structure) * boltzmannConstant);
  return Number.isFinite(kelvin) ? kelvin : undefined;
}

/** Three an atom, without what ASE's column `move_mask` holds: atoms, or some of their directions. */
function freedomOf({ arrays, numbers }: Structure): number {
  const mask = Object.hasOwn(arrays, 'move_mask') ? arrays['move_mask'] : undefined;
  if (mask?.kind !== 'logical') return 3 * numbers.length;
  return (3 / mask.columns) * (mask.values as readonly boolean[]).filter(Boolean).length;
}

function longest(vectors: Float32Array): number {
  let square = 0;
  for (let i = 0; i < vectors.length; i += 3)
    square = Math.max(square, vectors[i]! ** 2 + vectors[i + 1]! ** 2 + vectors[i + 2]! ** 2);
  return Math.sqrt(square);
}

function textOf(value: InfoValue): string {
  const text = typeof value === 'object' ? value.values.slice(0, 27).map(shortly).join(' ') : shortly(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)} …` : text;
}

function shortly(value: number | string | boolean): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(10))) : String(value);
}
