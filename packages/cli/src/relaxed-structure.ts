/** A relaxed structure with its results as keys and columns, and the JSON object and the row that are made of it alone. */
import {
  chemicalFormula,
  structureSymbols,
  volumeOf,
  type AtomArray,
  type InfoValue,
  type Structure,
} from '@mace/core/structure';
import { gigapascal, nearAtoms, resultNames, staleIn, type Relaxed, type SpaceGroup } from '@mace/sim';
import { rows } from './frame-json.js';
import { originInfo, ownPrefix, type Origin } from './results/origin.js';
import type { Place } from './structure-stream.js';

/** What the file says of a relaxation, beside energy, forces and stress. */
const ownNames = [
  ...['input', 'settings', 'step', 'converged', 'end', 'steps', 'fmax', 'initial_energy', 'enthalpy', 'space_group'],
  'warnings',
];

/** What is known of a relaxation beside its end. */
export interface RelaxedFrom {
  /** What it was computed from, where that is kept. */
  readonly origin?: Origin | undefined;
  /** GPa, from outside, where the cell was relaxed. */
  readonly pressure?: number | undefined;
  /** That was kept. */
  readonly spaceGroup?: SpaceGroup | undefined;
}

/**
 * The structure as the output file has it. Results that it had as it was read are those of other positions, and are left out. Keys of the
 * relaxation itself have a prefix where results have none.
 */
export function relaxedStructure(
  { structure, ...found }: Relaxed,
  prefix: string,
  { origin, pressure, spaceGroup }: RelaxedFrom = {},
): Structure {
  const { info, arrays } = withoutResults(structure, prefix);
  const own = ownPrefix(prefix);
  const near = nearAtoms(structure);
  if (origin) Object.assign(info, originInfo(prefix, origin));
  info[`${own}converged`] = found.isConverged;
  info[`${own}end`] = found.end;
  info[`${own}steps`] = found.steps;
  info[`${prefix}energy`] = found.energy;
  info[`${own}initial_energy`] = found.initialEnergy;
  // H = E + p·V is what the relaxation makes least.
  if (pressure !== undefined) info[`${own}enthalpy`] = found.energy + pressure * gigapascal * volumeOf(structure.cell!);
  info[`${own}fmax`] = found.fmax;
  if (spaceGroup) info[`${own}space_group`] = `${spaceGroup.symbol} (${spaceGroup.number})`;
  if (near !== null) info[`${own}warnings`] = `in the relaxed structure ${near}`;
  if (found.stress) info[`${prefix}stress`] = { shape: [3, 3], values: [...found.stress], kind: 'real' };
  arrays[`${prefix}forces`] = { values: found.forces, columns: 3, kind: 'real' };
  return { ...structure, info, arrays };
}

/** What a file said of a structure, but for results. */
export function withoutResults(
  { info, arrays }: Structure,
  prefix: string,
): { readonly info: Record<string, InfoValue>; readonly arrays: Record<string, AtomArray> } {
  const isLeftOut = staleNow({ info, arrays }, prefix);
  return { info: without(info, isLeftOut), arrays: without(arrays, isLeftOut) };
}

/** Names of results that a relaxation makes wrong. */
export function staleNames({ info, arrays }: Structure, prefix: string): string[] {
  const isLeftOut = staleNow({ info, arrays }, prefix);
  return [...Object.keys(info), ...Object.keys(arrays)].filter((name) => isLeftOut(name) && !isOwn(name, prefix));
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
  /** eV, with the pressure from outside; null where the cell was not relaxed. */
  readonly enthalpy: number | null;
  /** That was kept, such as `Pnma (62)`. */
  readonly spaceGroup: string | null;
  readonly warning: string | null;
  /** eV/Å */
  readonly fmax: number;
  /** eV/Å³ [3][3] */
  readonly stress: number[][] | null;
  /** Å³ */
  readonly volume: number | null;
}

export function summaryOf(structure: Structure, prefix: string): RelaxedSummary {
  const { info, cell, pbc } = structure;
  const of = <T>(name: string): T => info[`${ownPrefix(prefix)}${name}`] as T;
  const stress = info[`${prefix}stress`] as { readonly values: readonly number[] } | undefined;
  return {
    formula: chemicalFormula(structure),
    atoms: structure.numbers.length,
    isConverged: of('converged'),
    end: of('end'),
    steps: of('steps'),
    energy: info[`${prefix}energy`] as number,
    initialEnergy: of('initial_energy'),
    enthalpy: of<number | undefined>('enthalpy') ?? null,
    spaceGroup: of<string | undefined>('space_group') ?? null,
    warning: of<string | undefined>('warnings') ?? null,
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
    enthalpy: found.enthalpy,
    fmax: found.fmax,
    stress: found.stress,
    symbols: structureSymbols(structure),
    positions: rows(structure.positions, 3),
    cell: structure.cell ? rows(structure.cell, 3) : null,
    pbc: structure.pbc,
    volume: found.volume,
    ...(found.spaceGroup !== null && { spaceGroup: found.spaceGroup }),
    ...(found.warning !== null && { warnings: [found.warning] }),
  };
}

function isOwn(name: string, prefix: string): boolean {
  const own = ownPrefix(prefix);
  return (
    (name.startsWith(own) && ownNames.includes(name.slice(own.length))) ||
    (prefix !== '' && name.startsWith(prefix) && resultNames.has(name.slice(prefix.length)))
  );
}

/** What a relaxation makes wrong, and our own of a run before. */
function staleNow(structure: Pick<Structure, 'info' | 'arrays'>, prefix: string): (name: string) => boolean {
  const isStale = staleIn(structure);
  return (name) => isOwn(name, prefix) || isStale(name);
}

function without<T>(record: Readonly<Record<string, T>>, isLeftOut: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !isLeftOut(name)));
}
