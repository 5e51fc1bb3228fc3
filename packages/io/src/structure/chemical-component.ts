/** The definition of a chemical component (wwPDB Chemical Component Dictionary, CCP4 monomer library): one molecule. */
import type { InfoValue, Structure } from '@mace/core/structure';
import { compositionOf, formulaText, parseFormula } from './chemical-formula.js';
import { typeElement } from './cif-elements.js';
import type { CifEntries } from './cif-entries.js';
import { emptyRecord, quoted } from './text.js';

/** Coordinates in the order in which they are tried: computed ideal ones, those of a structure, those of a monomer library. */
const coordinateItems = [
  { name: 'ideal', items: ['x', 'y', 'z'].map((axis) => `chem_comp_atom.pdbx_model_cartn_${axis}_ideal`) },
  { name: 'model', items: ['x', 'y', 'z'].map((axis) => `chem_comp_atom.model_cartn_${axis}`) },
  { name: 'library', items: ['x', 'y', 'z'].map((axis) => `chem_comp_atom.${axis}`) },
];

/** True when the block defines a component with coordinates. */
export function isComponent(entries: CifEntries): boolean {
  return coordinateItems.some(({ items }) => entries.firstColumn(...items) !== undefined);
}

/** The molecule; its warning says which coordinates were taken where there are several. Throws FormatError. */
export function structureOfComponent(entries: CifEntries): Structure {
  const complete = coordinateItems.filter(({ items }) =>
    items.every((item) => entries.column(item)?.every((_, row) => entries.at(item, row) !== undefined)),
  );
  const [taken] = complete;
  if (taken === undefined)
    entries.fail(entries.block.line, 'no set of coordinates of this component is complete. Add the missing ones.');
  // A file of several components has a block for each.
  entries.single('chem_comp_atom.comp_id');
  const symbols = entries.column('chem_comp_atom.type_symbol') ?? [];
  const numbers = (entries.column(taken.items[0] ?? '') ?? []).map((place, row) => {
    const number = typeElement(symbols[row]?.text ?? '');
    if (number === undefined)
      entries.fail(
        symbols[row]?.line ?? place.line,
        `unknown element ${quoted(symbols[row]?.text ?? '')} in _chem_comp_atom.type_symbol. Write a chemical symbol.`,
      );
    return number;
  });
  const positions = numbers.flatMap((_, row) =>
    taken.items.map((item) => {
      const value = entries.at(item, row);
      return value === undefined ? NaN : entries.measured(value, 'a coordinate of an atom');
    }),
  );
  const stated = entries.first('chem_comp.formula');
  const formula = stated && parseFormula(stated.text);
  const built = formulaText(compositionOf(numbers));
  const warnings =
    stated !== undefined && formula !== undefined && formulaText(formula) !== built
      ? [`line ${stated.line}: the formula is ${quoted(stated.text)}, the atoms are ${built}`]
      : [];
  if (complete.length > 1) warnings.push(`the ${taken.name} coordinates of the component were taken`);
  const info = emptyRecord<InfoValue>();
  if (entries.block.name !== '') info['name'] = entries.block.name;
  return {
    numbers: Int32Array.from(numbers),
    positions: Float64Array.from(positions),
    cell: null,
    pbc: [false, false, false],
    info,
    arrays: emptyRecord(),
    ...(warnings.length > 0 && { warnings }),
  };
}
