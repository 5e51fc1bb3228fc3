/**
 * What a CIF block says of the atoms of its cell, compared with the atoms that were built: sum formula times Z, and multiplicities of sites.
 *
 * Programs write the formula of one unit (times Z) or of the whole cell; older SHELX writes the order of the site symmetry as multiplicity.
 */
import { chemicalSymbol } from '@mace/core/structure';
import { compositionOf, formulaText, parseFormula, parseMoieties, type Composition } from './chemical-formula.js';
import { contentDoubts } from './cif-content.js';
import { isUnknown, type CifEntries } from './cif-entries.js';
import type { CifSites } from './cif-sites.js';
import type { Crystal } from './crystal.js';
import { quoted } from './text.js';

export interface Evidence {
  /** Statements that the atoms contradict: another structure is meant. */
  readonly contradictions: readonly string[];
  /** Statements that differ although the structure may be used. */
  readonly doubts: readonly string[];
}

/** In a doubt about Z. */
export const otherUnits = 'that is Z = ';

/** Compares; `crystal` and `cell` are null for a molecule. */
export function evidenceOf(
  entries: CifEntries,
  sites: CifSites,
  crystal: Crystal | null,
  operations: number,
  cell: Float64Array | null,
): Evidence {
  const numbers = crystal
    ? crystal.siteOf.map((site) => sites.sites[site]?.number ?? 0)
    : sites.sites.map(({ number }) => number);
  const built = compositionOf(numbers);
  const formula = formulaEvidence(entries, built);
  // A formula that differs shows in weight and density too.
  const isClear = formula.contradictions.length === 0 && formula.doubts.length === 0;
  const content = isClear ? contentDoubts(entries, built, cell) : [];
  const multiplicity = crystal ? multiplicityEvidence(entries, sites, crystal, operations) : none;
  return {
    contradictions: [...formula.contradictions, ...multiplicity.contradictions],
    doubts: [...formula.doubts, ...content, ...multiplicity.doubts],
  };
}

const none: Evidence = { contradictions: [], doubts: [] };

function formulaEvidence(entries: CifEntries, built: Composition): Evidence {
  const sum = entries.first('chemical_formula.sum');
  const parts = ['moiety', 'structural'].map((kind) => entries.first(`chemical_formula.${kind}`));
  const value = sum ?? parts.find((part) => part !== undefined && parseMoieties(part.text) !== undefined);
  const counted = countedHydrogens(entries);
  const countedOnly =
    counted === '' ? [] : [`hydrogens are counted but not located (_atom_site_attached_hydrogens): ${counted}`];
  if (value === undefined) return { ...none, doubts: countedOnly };
  const formula = sum === undefined ? parseMoieties(value.text) : parseFormula(value.text);
  if (formula === undefined) {
    const unread = `line ${value.line}: the formula ${quoted(value.text)} was not understood and not compared`;
    return { ...none, doubts: [unread, ...countedOnly] };
  }
  const unitsValue = entries.first('cell.formula_units_z');
  const units = unitsValue && entries.measured(unitsValue, '_cell_formula_units_Z');
  // A formula of the whole cell is a multiple of Z.
  const isOfCell = units !== undefined && [...formula.values()].every((count) => Number.isInteger(count / units));
  const wholes = units === undefined ? multiplesOf(formula, built) : isOfCell ? [units, 1] : [units];
  if (wholes.some((times) => isMultiple(formula, built, times, true))) return none;
  const said = `${quoted(value.text)}${units === undefined ? '' : ` with Z = ${units}`} (line ${value.line})`;
  const both = `the formula is ${said}, the cell has ${formulaText(built)}`;
  const missing = wholes.find((times) => isMultiple(formula, built, times, false));
  if (missing !== undefined) {
    const lost = missing * (formula.get(1) ?? 0) - (built.get(1) ?? 0);
    const where = counted === '' ? '' : `, some only counted (_atom_site_attached_hydrogens): ${counted}`;
    return { ...none, doubts: [`${both}: hydrogens that are not located: ${Number(lost.toFixed(2))}${where}`] };
  }
  const other = multiplesOf(formula, built).find((times) => isMultiple(formula, built, times, true));
  if (other !== undefined) return { ...none, doubts: [`${both}: ${otherUnits}${other}`] };
  // Other formulas may leave out what is disordered.
  return sum === undefined ? { ...none, doubts: [both] } : { contradictions: [both], doubts: [] };
}

/** By how many formula units the heaviest element of the formula can be explained. */
function multiplesOf(formula: Composition, built: Composition): number[] {
  const heaviest = Math.max(...formula.keys());
  const times = (built.get(heaviest) ?? 0) / (formula.get(heaviest) ?? 1);
  return Number.isInteger(Math.round(times * 1e6) / 1e6) && times >= 1 ? [Math.round(times)] : [];
}

/** Whether the atoms are so many formula units; without `all`, hydrogens may be missing. */
function isMultiple(formula: Composition, built: Composition, times: number, all: boolean): boolean {
  return [...new Set([...formula.keys(), ...built.keys()])].every((number) => {
    const expected = times * (formula.get(number) ?? 0);
    const found = built.get(number) ?? 0;
    return number === 1 && !all ? found <= expected + 1e-3 : Math.abs(expected - found) < 1e-3;
  });
}

/** `O1 2, O2 2`; at most six sites. */
function countedHydrogens(entries: CifEntries): string {
  const column = entries.column('atom_site.attached_hydrogens') ?? [];
  const counted = column.flatMap((value, row) =>
    isUnknown(value) || value.text === '0'
      ? []
      : [`${entries.at('atom_site.label', row)?.text ?? row + 1} ${value.text}`],
  );
  return counted.slice(0, 6).join(', ') + (counted.length > 6 ? `, and ${counted.length - 6} more` : '');
}

function multiplicityEvidence(
  entries: CifEntries,
  { sites, rows }: CifSites,
  crystal: Crystal,
  operations: number,
): Evidence {
  const items = [
    'atom_site.symmetry_multiplicity',
    'atom_site.site_symmetry_multiplicity',
    'atom_site.site_symmetry_order',
  ];
  const found = items.map((item): Evidence => {
    if (entries.firstColumn(item) === undefined) return none;
    const isOrder = item.endsWith('order');
    const compared = rows.flatMap((row, site) => {
      const value = entries.at(item, row);
      const built = crystal.multiplicities[site] ?? 0;
      if (value === undefined || built === 0) return [];
      return [{ value: entries.measured(value, `_${item.replace('.', '_')}`), built, site, line: value.line }];
    });
    if (compared.length === 0) return none;
    const asOrder = compared.every(({ value, built }) => value * built === operations);
    const wrong = compared.find(({ value, built }) => value !== built);
    if (isOrder ? asOrder : wrong === undefined || asOrder) return none;
    const { value, built, site, line } = compared.find((each) =>
      isOrder ? each.value * each.built !== operations : each.value !== each.built,
    ) as (typeof compared)[number];
    const what = isOrder ? 'a site symmetry of order' : 'multiplicity';
    const own = isOrder ? operations / built : built;
    return {
      contradictions: [
        `${quoted(sites[site]?.label ?? '')} (${chemicalSymbol(sites[site]?.number ?? 0)}, line ${line}) has ${what} ${value} in the file, ${own} in the cell`,
      ],
      doubts: [],
    };
  });
  return {
    contradictions: found.flatMap(({ contradictions }) => contradictions),
    doubts: wyckoffDoubts(entries, sites, rows, crystal),
  };
}

/** `4a` says a multiplicity, in the conventional cell; only a doubt, since letters outlive a change of cell. */
function wyckoffDoubts(
  entries: CifEntries,
  sites: CifSites['sites'],
  rows: readonly number[],
  crystal: Crystal,
): string[] {
  const doubts = rows.flatMap((row, site) => {
    const value = entries.at('atom_site.wyckoff_symbol', row);
    const said = /^(\d+)[A-Za-z]$/.exec(value?.text.trim() ?? '')?.[1];
    const built = crystal.multiplicities[site] ?? 0;
    if (value === undefined || said === undefined || built === 0 || Number(said) === built) return [];
    return [
      `line ${value.line}: ${quoted(sites[site]?.label ?? '')} has the Wyckoff position ${value.text}, and ${built} ${built === 1 ? 'atom' : 'atoms'} in the cell`,
    ];
  });
  return doubts.slice(0, 1);
}
