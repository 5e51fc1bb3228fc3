/** Energies of crystals at several volumes and the equation of state that fits them: two passes through the batcher. */
import { isMaceError, StructureError, type Calculator } from '@mace/core';
import { volumeOf, type Structure } from '@mace/core/structure';
import { batchOptionNames, type BatchOptions } from '../batch/batcher.js';
import { relax, type NotRelaxed, type Relaxed, type RelaxOptions } from '../batch/relax.js';
import { refuse, refuseUnknown } from '../refuse.js';
import type { EquationName } from './equations.js';
import { checkEquation, fewestVolumes, fitEquationOfState, type FittedEquation } from './fit.js';

export interface EquationOfStateOptions extends BatchOptions {
  /** Of the volume that a structure has, or has after `minimize`. Default 0.95 and 1.05. */
  readonly minVolume?: number;
  readonly maxVolume?: number;
  /** At how many volumes. Default 7. */
  readonly volumes?: number;
  /** Default birchmurnaghan. */
  readonly equation?: EquationName;
  /** How each structure is relaxed first; false computes it as it is. Default false. */
  readonly minimize?: RelaxOptions | false;
  /** How atoms are relaxed at each volume, the cell kept; false leaves them where the strain puts them. Default false. */
  readonly minimizeAll?: Omit<RelaxOptions, 'cell'> | false;
}

const equationOptionNames = [
  ...['minVolume', 'maxVolume', 'volumes', 'equation'],
  ...['minimize', 'minimizeAll'],
] as readonly (keyof EquationOfStateOptions)[];

export interface VolumePoint {
  /** Å³ */
  readonly volume: number;
  /** eV */
  readonly energy: number;
}

/** Of one structure. */
export interface StateEquation {
  /** In the input, from 0 on. */
  readonly index: number;
  /** Whose volume is 1, relaxed where that was asked for. */
  readonly structure: Structure;
  readonly points: readonly VolumePoint[];
  readonly fit: FittedEquation;
  /** Whether all relaxations that were asked for came to their end. */
  readonly isConverged: boolean;
}

/**
 * Strains each structure evenly in all directions, and fits the energies.
 * @param structures - with three periodic directions; an `Error` in the place of one is passed on
 * @returns in the order of the input
 * @throws UnsupportedError (`option`) before anything is computed, what `relax` throws
 */
export async function* equationsOfStateOf(
  calculator: Pick<Calculator, 'bind'>,
  structures: Iterable<Structure | Error> | AsyncIterable<Structure | Error>,
  options: EquationOfStateOptions = {},
): AsyncGenerator<StateEquation | NotRelaxed, void, undefined> {
  refuseUnknown('equationsOfStateOf', options, [...equationOptionNames, ...batchOptionNames]);
  for (const name of ['minimize', 'minimizeAll'] as const)
    if (options[name] && typeof options[name] !== 'object')
      refuse(name, options[name], 'options of relax, such as { cell: true }, or false');
  const { equation, minimizeAll = false, batchAtoms, aheadAtoms, cancellation, head, inputs } = options;
  const scales = volumeScales(options);
  const how: BatchOptions = {
    ...(batchAtoms !== undefined && { batchAtoms }),
    ...(aheadAtoms !== undefined && { aheadAtoms }),
    ...(cancellation && { cancellation }),
    ...(head !== undefined && { head }),
    ...(inputs && { inputs }),
  };
  /** Structures of which not all volumes are there. */
  const started: (Start | Error)[] = [];
  async function* strained(): AsyncGenerator<Structure | Error> {
    for await (const start of starts(calculator, structures, how, options)) {
      started.push(start);
      if (start instanceof Error) yield start;
      else for (const scale of scales) yield strainedBy(start.structure, scale);
    }
  }
  let index = 0;
  let found: (Relaxed | NotRelaxed)[] = [];
  for await (const one of relax(calculator, strained(), { ...how, ...(minimizeAll || { steps: 0 }) })) {
    found.push(one);
    const [start] = started as [Start | Error];
    if (!(start instanceof Error) && found.length < scales.length) continue;
    yield fitted(index++, start, found, { equation, minimizeAll: minimizeAll !== false });
    started.shift();
    found = [];
  }
}

interface Start {
  readonly structure: Structure;
  readonly isConverged: boolean;
}

/** Structures as they are strained: relaxed first, or as they are. */
async function* starts(
  calculator: Pick<Calculator, 'bind'>,
  structures: Iterable<Structure | Error> | AsyncIterable<Structure | Error>,
  how: BatchOptions,
  { minimize = false }: EquationOfStateOptions,
): AsyncGenerator<Start | Error> {
  if (minimize === false) {
    for await (const one of structures)
      yield one instanceof Error ? one : (notPeriodic(one) ?? { structure: one, isConverged: true });
    return;
  }
  async function* periodic(): AsyncGenerator<Structure | Error> {
    for await (const one of structures) yield one instanceof Error ? one : (notPeriodic(one) ?? one);
  }
  for await (const one of relax(calculator, periodic(), { ...how, ...minimize }))
    yield 'error' in one ? one.error : one;
}

function notPeriodic({ cell, pbc }: Structure): StructureError | null {
  if (cell && pbc.every(Boolean)) return null;
  return new StructureError(
    'an equation of state is of a crystal: expected a cell that is periodic in all three directions. Give such a structure.',
  );
}

function fitted(
  index: number,
  start: Start | Error,
  found: readonly (Relaxed | NotRelaxed)[],
  { equation, minimizeAll }: { readonly equation: EquationName | undefined; readonly minimizeAll: boolean },
): StateEquation | NotRelaxed {
  const failed = found.find((one) => 'error' in one);
  if (start instanceof Error || failed) return { index, error: start instanceof Error ? start : failed!.error };
  const all = found as readonly Relaxed[];
  const points = all.map(({ structure, energy }) => ({ volume: volumeOf(structure.cell!), energy }));
  const isConverged = start.isConverged && (!minimizeAll || all.every((one) => one.isConverged));
  try {
    const fit = fitEquationOfState(
      points.map(({ volume }) => volume),
      points.map(({ energy }) => energy),
      equation,
    );
    return { index, structure: start.structure, points, fit, isConverged };
  } catch (error) {
    if (!isMaceError(error)) throw error;
    return { index, error };
  }
}

/** Of volumes, in even steps. @throws UnsupportedError (`option`) */
function volumeScales({ minVolume = 0.95, maxVolume = 1.05, volumes = 7, equation }: EquationOfStateOptions): number[] {
  if (equation !== undefined) checkEquation(equation);
  if (!(minVolume > 0 && Number.isFinite(minVolume))) refuse('minVolume', minVolume, 'a number above 0, of the volume');
  if (!(maxVolume > minVolume && Number.isFinite(maxVolume)))
    refuse('maxVolume', maxVolume, `a number above minVolume, which is ${minVolume}`);
  if (!(Number.isInteger(volumes) && volumes >= fewestVolumes))
    refuse('volumes', volumes, `a whole number from ${fewestVolumes} on: four numbers are fitted`);
  return Array.from({ length: volumes }, (_, i) => minVolume + ((maxVolume - minVolume) * i) / (volumes - 1));
}

/** Cell and atoms together. @param scale - of the volume */
function strainedBy(structure: Structure, scale: number): Structure {
  const length = Math.cbrt(scale);
  const strain = (values: Float64Array): Float64Array => values.map((x) => length * x);
  return { ...structure, positions: strain(structure.positions), cell: strain(structure.cell!) };
}
