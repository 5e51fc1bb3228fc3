/**
 * One structure from a core CIF block: its sites under the symmetry that the file means, compared with everything else that it says.
 */
import { isMaceError, type FormatError } from '@mace/core';
import { findNeighbors, type InfoValue, type Structure } from '@mace/core/structure';
import { inverseCell } from './cell-parameters.js';
import { cellOfCif } from './cif-cell.js';
import type { CifEntries } from './cif-entries.js';
import { evidenceOf, otherUnits, type Evidence } from './cif-evidence.js';
import { frameWarnings } from './cif-frame.js';
import { areFractional, sitesOf, type CifSites } from './cif-sites.js';
import type { CifSymmetry, SymmetryCandidate } from './cif-group.js';
import { symmetryOf } from './cif-symmetry.js';
import { crystalOf, type Crystal } from './crystal.js';
import { SiteMerger } from './site-merger.js';
import { uniqueAxisB } from './space-groups.js';
import { emptyRecord } from './text.js';

/** Å; atoms of a crystal are never nearer. */
const nearest = 0.5;
const remedy = 'Correct the file, remove what is wrong in it, or write the structure as P 1.';

const openRemedy =
  'Add the symmetry operations (_space_group_symop_operation_xyz), or the setting after a colon (:1, :2, :H, :R), or formula, Z and multiplicities, or write the structure as P 1.';

/** Reads a block that lists atoms. Throws FormatError where the file contradicts itself. */
export function structureOfCif(entries: CifEntries): Structure {
  const { cell, warnings: cellWarnings } = cellOfCif(entries, !areFractional(entries));
  const inverse = cell === null ? null : inverseCell(cell, entries.source);
  const sites = sitesOf(entries, cell, inverse);
  const frame = cell === null ? [] : frameWarnings(entries, cell, !areFractional(entries));
  const symmetry = symmetryOf(entries, cell);
  const said = [...cellWarnings, ...frame, ...sites.warnings];
  const name = emptyRecord<InfoValue>();
  if (entries.block.name !== '') name['name'] = entries.block.name;
  if (cell === null || inverse === null) {
    if (symmetry.candidates.some(({ operations }) => operations.length > 1))
      entries.fail(symmetry.line, 'the file has symmetry operations and no cell. Add the six _cell_ entries.');
    const evidence = evidenceOf(entries, sites, null, 1, null);
    refuse(entries, symmetry.line, evidence.contradictions);
    return structure(
      sites,
      sites.sites.map((_, site) => site),
      sites.sites.flatMap(({ fractional }) => fractional),
      null,
      name,
      [...said, ...evidence.doubts],
    );
  }
  const trials = symmetry.candidates.map((candidate) => trialOf(entries, candidate, sites, cell, inverse));
  const { crystal, evidence, warnings } =
    trials.length === 1
      ? only(entries, symmetry, trials[0] as Trial, sites, cell)
      : chosen(entries, symmetry, trials, sites, cell, inverse);
  return structure(sites, crystal.siteOf, crystal.positions, cell, name, [
    ...said,
    ...symmetry.warnings,
    ...warnings,
    ...crystal.warnings,
    ...evidence.doubts,
  ]);
}

/** What comes of one candidate; `failure` when no structure does. */
interface Trial {
  readonly candidate: SymmetryCandidate;
  readonly crystal: Crystal | undefined;
  readonly evidence: Evidence;
  readonly failure: FormatError | undefined;
}

interface Choice {
  readonly crystal: Crystal;
  readonly evidence: Evidence;
  readonly warnings: readonly string[];
}

function trialOf(
  entries: CifEntries,
  candidate: SymmetryCandidate,
  sites: CifSites,
  cell: Float64Array,
  inverse: Float64Array,
): Trial {
  const nothing: Evidence = { contradictions: [], doubts: [] };
  try {
    const crystal = crystalOf(sites.sites, candidate.operations, cell, inverse, entries.source);
    const evidence = evidenceOf(entries, sites, crystal, candidate.operations.length, cell);
    return { candidate, crystal, evidence, failure: undefined };
  } catch (error) {
    if (!isMaceError(error) || error.code !== 'format') throw error;
    return { candidate, crystal: undefined, evidence: nothing, failure: error as FormatError };
  }
}

function only(
  entries: CifEntries,
  { line }: CifSymmetry,
  { crystal, evidence, failure }: Trial,
  sites: CifSites,
  cell: Float64Array,
): Choice {
  if (crystal === undefined) throw failure as FormatError;
  // More units than Z: sites beside their special positions, whose images are no atoms.
  const surplus = evidence.doubts.filter((doubt) => doubt.includes(otherUnits));
  const isUsable = surplus.length === 0 || !isCrowded(atomsOf(sites, crystal, cell));
  refuse(entries, line, [
    ...evidence.contradictions,
    ...(isUsable ? [] : surplus.map((doubt) => `${doubt}, with atoms nearer than ${nearest} Å`)),
  ]);
  return { crystal, evidence, warnings: [] };
}

/** The one candidate that fits everything the file says, or several that are the same atoms; else an error that names them. */
function chosen(
  entries: CifEntries,
  symmetry: CifSymmetry,
  trials: readonly Trial[],
  sites: CifSites,
  cell: Float64Array,
  inverse: Float64Array,
): Choice {
  const verdicts = trials.map((trial) => ({ trial, against: objection(trial, sites, cell) }));
  const fitting = verdicts.filter(({ against }) => against === undefined).map(({ trial }) => trial);
  const first = fitting[0];
  const isDecided =
    first?.crystal !== undefined &&
    fitting.every(
      ({ crystal }) => crystal !== undefined && areSameAtoms(first.crystal as Crystal, crystal, sites, cell, inverse),
    );
  const axis = uniqueAxisB(fitting.map(({ candidate }) => candidate.name));
  const standard = isDecided ? undefined : fitting[axis ?? -1];
  if (standard?.crystal !== undefined) {
    const note = `${symmetry.doubt}; ${standard.candidate.name} was taken, its standard setting (unique axis b)`;
    return { crystal: standard.crystal, evidence: standard.evidence, warnings: [note] };
  }
  if (first?.crystal === undefined || !isDecided) {
    const reasons = verdicts.map(
      ({ trial, against }) => `${trial.candidate.name}: ${against ?? 'nothing speaks against it'}`,
    );
    entries.fail(
      symmetry.line,
      `${symmetry.doubt}. ${[...new Set(reasons)].join('; ')}. ${symmetry.listed === undefined ? openRemedy : 'Complete the list of operations, or correct the space group if its name is wrong, or add formula, Z and multiplicities, or write the structure as P 1.'}`,
    );
  }
  const note = `${symmetry.doubt}; ${first.candidate.name} was taken, which fits the rest of the file`;
  return { crystal: first.crystal, evidence: first.evidence, warnings: fitting.length === trials.length ? [] : [note] };
}

/** Why a candidate cannot be meant. */
function objection({ crystal, evidence, failure }: Trial, sites: CifSites, cell: Float64Array): string | undefined {
  if (crystal === undefined) return failure?.message.replace(/^[^:]*: /, '');
  const [first] = [...evidence.contradictions, ...evidence.doubts.filter((doubt) => doubt.includes(otherUnits))];
  if (first !== undefined) return first;
  return isCrowded(atomsOf(sites, crystal, cell)) ? `atoms would be nearer than ${nearest} Å` : undefined;
}

function atomsOf(sites: CifSites, { siteOf, positions }: Crystal, cell: Float64Array): Structure {
  return structure(sites, siteOf, positions, cell, emptyRecord(), []);
}

function isCrowded(atoms: Structure): boolean {
  try {
    return findNeighbors(atoms, nearest).edges > 0;
  } catch {
    return true;
  }
}

function areSameAtoms(
  first: Crystal,
  second: Crystal,
  { sites }: CifSites,
  cell: Float64Array,
  inverse: Float64Array,
): boolean {
  if (first === second) return true;
  if (first.siteOf.length !== second.siteOf.length) return false;
  const merger = new SiteMerger(cell, inverse);
  const fractions = ({ positions }: Crystal, atom: number): [number, number, number] => {
    const [x = 0, y = 0, z = 0] = positions.slice(3 * atom, 3 * atom + 3);
    const fraction = (j: number): number =>
      x * (inverse[j] ?? 0) + y * (inverse[3 + j] ?? 0) + z * (inverse[6 + j] ?? 0);
    return [fraction(0), fraction(1), fraction(2)];
  };
  first.siteOf.forEach((_, atom) => merger.add(...fractions(first, atom)));
  return second.siteOf.every((site, atom) => {
    const same = merger.find(...fractions(second, atom));
    return same !== undefined && sites[first.siteOf[same] ?? -1]?.number === sites[site]?.number;
  });
}

function refuse(entries: CifEntries, line: number, contradictions: readonly string[]): void {
  if (contradictions.length > 0) entries.fail(line, `${contradictions.slice(0, 3).join('; ')}. ${remedy}`);
}

function structure(
  { sites }: CifSites,
  siteOf: readonly number[],
  positions: readonly number[],
  cell: Float64Array | null,
  info: Record<string, InfoValue>,
  warnings: readonly string[],
): Structure {
  const isPeriodic = cell !== null;
  return {
    numbers: Int32Array.from(siteOf, (site) => sites[site]?.number ?? 0),
    positions: Float64Array.from(positions),
    cell,
    pbc: [isPeriodic, isPeriodic, isPeriodic],
    info,
    arrays: emptyRecord(),
    ...(warnings.length > 0 && { warnings }),
  };
}
