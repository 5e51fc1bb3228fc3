/** A relaxed structure with its results as keys and columns, and the JSON object and the row that are made of it alone. */
import {
  chemicalFormula,
  structureSymbols,
  volumeOf,
  type AtomArray,
  type InfoValue,
  type Structure,
} from '@mace/core/structure';
import type { Relaxed } from '@mace/sim';
import { rows } from './frame-json.js';
import { resultNames } from './result-structure.js';
import { originInfo, ownPrefix, type Origin } from './results/origin.js';
import type { Place } from './structure-stream.js';

/** What the file says of a relaxation, beside energy, forces and stress. */
const ownNames = ['input', 'settings', 'step', 'converged', 'end', 'steps', 'fmax', 'initial_energy'];

/**
 * The structure as the output file has it. Results that it had as it was read are those of other positions, and are left out.
 * @param origin - what it was computed from, where that is kept
 */
export function relaxedStructure({ structure, ...found }: Relaxed, prefix: string, origin?: Origin): Structure {
  const { info, arrays } = withoutResults(structure, prefix);
  if (origin) Object.assign(info, originInfo(prefix, origin));
  info[`${prefix}converged`] = found.isConverged;
  info[`${prefix}end`] = found.end;
  info[`${prefix}steps`] = found.steps;
  info[`${prefix}energy`] = found.energy;
  info[`${prefix}initial_energy`] = found.initialEnergy;
  info[`${prefix}fmax`] = found.fmax;
  if (found.stress) info[`${prefix}stress`] = { shape: [3, 3], values: [...found.stress], kind: 'real' };
  arrays[`${prefix}forces`] = { values: found.forces, columns: 3, kind: 'real' };
  return { ...structure, info, arrays };
}

/** What a file said of a structure, but for results. */
export function withoutResults(
  { info, arrays }: Structure,
  prefix: string,
): { readonly info: Record<string, InfoValue>; readonly arrays: Record<string, AtomArray> } {
  return { info: without(info, prefix), arrays: without(arrays, prefix) };
}

/** Names of results that a relaxation makes wrong. */
export function staleNames({ info, arrays }: Structure, prefix: string): string[] {
  return [...Object.keys(info), ...Object.keys(arrays)].filter((name) => isStale(name, prefix) && !isOwn(name, prefix));
}

/** What is said of a relaxed structure. */
export interface RelaxedSummary {
  readonly formula: string;
  readonly atoms: number;
  readonly isConverged: boolean;
  readonly end: string;
  readonly steps: number;
  /** eV */
  readonly energy: number;
  readonly initialEnergy: number;
  /** eV/Å */
  readonly fmax: number;
  /** eV/Å³ [3][3] */
  readonly stress: number[][] | null;
  /** Å³ */
  readonly volume: number | null;
}

export function summaryOf(structure: Structure, prefix: string): RelaxedSummary {
  const { info, cell, pbc } = structure;
  const of = <T>(name: string): T => info[`${prefix}${name}`] as T;
  const stress = info[`${prefix}stress`] as { readonly values: readonly number[] } | undefined;
  return {
    formula: chemicalFormula(structure),
    atoms: structure.numbers.length,
    isConverged: of('converged'),
    end: of('end'),
    steps: of('steps'),
    energy: of('energy'),
    initialEnergy: of('initial_energy'),
    fmax: of('fmax'),
    stress: stress ? rows(Float64Array.from(stress.values), 3) : null,
    volume: cell && pbc.every(Boolean) ? volumeOf(cell) : null,
  };
}

export function relaxedJson({ index, file, frame }: Place, structure: Structure, prefix: string): unknown {
  const found = summaryOf(structure, prefix);
  return {
    index,
    file,
    frame,
    formula: found.formula,
    converged: found.isConverged,
    end: found.end,
    steps: found.steps,
    energy: found.energy,
    initialEnergy: found.initialEnergy,
    fmax: found.fmax,
    stress: found.stress,
    symbols: structureSymbols(structure),
    positions: rows(structure.positions, 3),
    cell: structure.cell ? rows(structure.cell, 3) : null,
    pbc: structure.pbc,
    volume: found.volume,
  };
}

function isOwn(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && [...ownNames, ...resultNames].includes(name.slice(prefix.length));
}

/** Our own of a run before, and results by the names that programs give them, such as REF_energy. */
function isStale(name: string, prefix: string): boolean {
  if (isOwn(name, prefix) || resultNames.has(name)) return true;
  const at = name.indexOf('_');
  return at > 0 && resultNames.has(name.slice(at + 1));
}

function without<T>(record: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !isStale(name, prefix)));
}
