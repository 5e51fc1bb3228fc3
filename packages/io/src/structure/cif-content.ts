/**
 * What a CIF block says of masses and electrons of its cell (weight of a formula unit, density, F(000)), compared with its atoms.
 *
 * Doubts only: these come from the same hand as the formula, and hydrogen may have been deuterium.
 */
import { atomicMasses, signedVolume } from '@mace/core/structure';
import type { Composition } from './chemical-formula.js';
import type { CifEntries } from './cif-entries.js';

/** Relative: rounding, and real parts of anomalous dispersion in F(000). */
const tolerance = 0.05;
/** Density in g/cm³ of one unit of atomic mass in a volume of 1 Å³. */
const densityOfDalton = 1.66053907;
const massOfDeuterium = 2.014;

/** Differences; `cell` is null for a molecule. */
export function contentDoubts(entries: CifEntries, built: Composition, cell: Float64Array | null): string[] {
  const mass = [...built].reduce((sum, [number, count]) => sum + count * (atomicMasses[number] ?? 0), 0);
  const heaviest = mass + (built.get(1) ?? 0) * (massOfDeuterium - (atomicMasses[1] ?? 0));
  const fits = (said: number): boolean => said > mass * (1 - tolerance) && said < heaviest * (1 + tolerance);
  return [
    ...weightDoubt(entries, mass, fits),
    ...(cell === null ? [] : [...densityDoubt(entries, mass, fits, cell), ...electronsDoubt(entries, built)]),
  ];
}

/** The weight is that of a formula unit, or of all atoms. */
function weightDoubt(entries: CifEntries, mass: number, fits: (said: number) => boolean): string[] {
  const value = entries.first('chemical_formula.weight');
  if (value === undefined) return [];
  const weight = entries.measured(value, '_chemical_formula_weight');
  const unitsValue = entries.first('cell.formula_units_z');
  const units = unitsValue && entries.measured(unitsValue, '_cell_formula_units_Z');
  const wholes = units === undefined ? [Math.max(1, Math.round(mass / weight))] : [units, 1];
  if (!(weight > 0) || wholes.some((times) => fits(times * weight))) return [];
  const said = `${value.text}${units === undefined ? '' : ` with Z = ${units}`}`;
  return [`line ${value.line}: the formula weight is ${said}, the atoms of the cell weigh ${mass.toFixed(2)}`];
}

function densityDoubt(
  entries: CifEntries,
  mass: number,
  fits: (said: number) => boolean,
  cell: Float64Array,
): string[] {
  const value = entries.first('exptl_crystal.density_diffrn');
  if (value === undefined) return [];
  const volume = Math.abs(signedVolume(cell));
  const said = entries.measured(value, '_exptl_crystal_density_diffrn');
  // Some files have kg/m³.
  if (!(said > 0) || fits((said * volume) / densityOfDalton) || fits((said * volume) / densityOfDalton / 1000))
    return [];
  const own = ((mass * densityOfDalton) / volume).toFixed(3);
  return [`line ${value.line}: the density is ${value.text} g/cm³, that of the atoms in the cell is ${own}`];
}

/** F(000) counts electrons, except for neutrons. */
function electronsDoubt(entries: CifEntries, built: Composition): string[] {
  const value = entries.first('exptl_crystal.f_000');
  const probes = entries.tagsLike('_diffrn_radiation').flatMap((tag) => entries.block.values.get(tag) ?? []);
  if (value === undefined || probes.some(({ text }) => /neutron|electron/i.test(text))) return [];
  const said = entries.measured(value, '_exptl_crystal_F_000');
  const electrons = [...built].reduce((sum, [number, count]) => sum + number * count, 0);
  if (!(said > 0) || Math.abs(said - electrons) <= tolerance * electrons) return [];
  return [`line ${value.line}: F(000) is ${value.text}, the atoms of the cell have ${electrons} electrons`];
}
