/**
 * Atoms with names, residues and chains, as PDB and mmCIF have them, to a structure: alternative locations chosen, symmetry applied.
 *
 * Array names as in ASE (`residuenames`, `residuenumbers`, `atomtypes`, `occupancy`, `bfactor`) and `chains`.
 */
import type { AtomArray, InfoValue, Structure } from '@mace/core/structure';
import { chemicalSymbol } from '@mace/core/structure';
import { withoutAlternatives } from './alternative-locations.js';
import { inverseCell, timesMatrix } from './cell-parameters.js';
import { crystalOf } from './crystal.js';
import { withCopies, type Motion } from './noncrystal-copies.js';
import { plainElement } from './residue-elements.js';
import type { Operation } from './symmetry-operations.js';
import { emptyRecord, quoted } from './text.js';

export interface NamedAtom {
  readonly line: number;
  readonly number: number;
  /** True where only the name told the element. */
  readonly isOfName: boolean;
  readonly position: readonly [number, number, number];
  readonly name: string;
  readonly residue: string;
  readonly residueNumber: number;
  readonly chain: string;
  /** Chain, number and insertion code: what all alternatives of one residue share. */
  readonly place: string;
  /** Empty for an atom that has no alternatives. */
  readonly alternative: string;
  readonly occupancy: number | undefined;
  readonly bFactor: number;
}

/** The crystal that the atoms are the asymmetric unit of. */
export interface CrystalSymmetry {
  readonly name: string;
  readonly operations: readonly Operation[];
}

/** What a file says of all its models. */
export interface Surroundings {
  readonly cell: Float64Array | null;
  /** Undefined for P 1. */
  readonly symmetry: CrystalSymmetry | undefined;
  /** Copies that the file leaves to the reader. */
  readonly copies: readonly Motion[];
  readonly warnings: readonly string[];
}

/** One structure of one model. Throws FormatError. */
export function structureOfAtoms(
  atoms: readonly NamedAtom[],
  { cell, symmetry, copies, warnings: known }: Surroundings,
  info: Record<string, InfoValue>,
  source: string,
): Structure {
  const real = atoms.filter(({ residue }) => residue !== 'DUM');
  const { kept: single, warnings: alternatives, isChosen } = withoutAlternatives(real);
  const kept = withCopies(single, copies);
  const dummies = atoms.length - real.length;
  const warnings = [
    ...known,
    ...(copies.length > 0
      ? [
          `${copies.length === 1 ? '1 copy of the atoms was' : `${copies.length} copies of the atoms were`} made as the file says (MTRIX or _struct_ncs_oper)`,
        ]
      : []),
    ...(dummies > 0 ? [`dummy atoms (residue DUM) were left out: ${dummies}`] : []),
    ...alternatives,
    ...partialOccupancies(single.filter((atom) => !isChosen(atom))),
    ...contradictedNames(single),
  ];
  let all = kept;
  let positions = kept.flatMap(({ position }) => position);
  if (cell !== null && symmetry !== undefined && symmetry.operations.length > 1) {
    const inverse = inverseCell(cell, source);
    const sites = kept.map(({ position, name, residue, line, number }) => ({
      label: `${name} ${residue}`.trim(),
      line,
      number,
      fractional: timesMatrix(...position, inverse),
      cartesian: position,
      uncertainty: anywhere,
    }));
    const crystal = crystalOf(sites, symmetry.operations, cell, inverse, source);
    all = crystal.siteOf.map((site) => kept[site] as NamedAtom);
    positions = [...crystal.positions];
    warnings.push(
      `space group ${symmetry.name} was applied: ${symmetry.operations.length} × ${kept.length} atoms; for one molecule alone take the cell out of the file`,
      ...crystal.warnings,
    );
  }
  const isPeriodic = cell !== null;
  return {
    numbers: Int32Array.from(all, ({ number }) => number),
    positions: Float64Array.from(positions),
    cell: cell === null ? null : cell.slice(),
    pbc: [isPeriodic, isPeriodic, isPeriodic],
    info,
    arrays: arraysOf(all),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Refined atoms near their own image are one atom on a special position, whatever their digits say. */
const anywhere = [1, 1, 1] as const;

/** Zeros throughout are an unused column. */
function partialOccupancies(atoms: readonly NamedAtom[]): string[] {
  if (atoms.every(({ occupancy }) => occupancy === undefined || occupancy === 0)) return [];
  const partial = atoms.filter(({ occupancy }) => occupancy !== undefined && Math.abs(occupancy - 1) > 1e-3);
  const [first] = partial;
  if (first === undefined) return [];
  return [
    `occupancies other than 1 were taken as 1: atoms ${partial.length}, the first ${quoted(first.name)} of ${first.residue} ${first.residueNumber} (${first.occupancy})`,
  ];
}

/** Names that plainly mean another element than the file says. */
function contradictedNames(atoms: readonly NamedAtom[]): string[] {
  const wrong = atoms.filter(
    ({ name, residue, number, isOfName }) => !isOfName && (plainElement(name, residue) ?? number) !== number,
  );
  const [first] = wrong;
  if (first === undefined) return [];
  return [
    `the element of ${wrong.length === 1 ? 'an atom' : `${wrong.length} atoms`} is another than the name means; it was taken as written: ${quoted(first.name)} of ${first.residue} ${first.residueNumber} is ${chemicalSymbol(first.number)}`,
  ];
}

function arraysOf(atoms: readonly NamedAtom[]): Record<string, AtomArray> {
  const arrays = emptyRecord<AtomArray>();
  const real = (values: readonly number[]): AtomArray => ({
    columns: 1,
    kind: 'real',
    values: Float64Array.from(values),
  });
  const text = (name: string, values: readonly string[]): void => {
    // An array of texts without gaps can be written to any format.
    if (values.every((value) => value !== '')) arrays[name] = { columns: 1, kind: 'text', values };
  };
  const occupancies = atoms.flatMap(({ occupancy }) => occupancy ?? []);
  if (occupancies.length === atoms.length) arrays['occupancy'] = real(occupancies);
  arrays['bfactor'] = real(atoms.map(({ bFactor }) => bFactor));
  text(
    'residuenames',
    atoms.map(({ residue }) => residue),
  );
  text(
    'atomtypes',
    atoms.map(({ name }) => name),
  );
  arrays['residuenumbers'] = { ...real(atoms.map(({ residueNumber }) => residueNumber)), kind: 'integer' };
  text(
    'chains',
    atoms.map(({ chain }) => chain),
  );
  return arrays;
}

/** Models of one file are the same molecule; where they are not, people should know. */
export function withModelWarnings(structures: Structure[]): Structure[] {
  const first = structures[0];
  return structures.map((structure, index) => {
    const isSame =
      first === undefined ||
      (structure.numbers.length === first.numbers.length &&
        structure.numbers.every((number, atom) => number === first.numbers[atom]));
    if (isSame) return structure;
    const note = `model ${index + 1} of the file does not have the atoms of the first (${structure.numbers.length}, ${first.numbers.length})`;
    return { ...structure, warnings: [...(structure.warnings ?? []), note] };
  });
}
