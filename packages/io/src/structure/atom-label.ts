/**
 * Elements of atom labels such as `O1`, `FE2+`, `Si_pv` or `D`: only where a label leaves no choice, never by a guess.
 *
 * The letters at the start must be a chemical symbol, in any case. Names of protein atoms are not taken apart: in `CD1` and `HG2` two
 * readings are possible (carbon delta or cadmium), so capitals that may be element and place are no element here.
 */
import { labelElement } from './element-label.js';
import { failAt, quoted } from './text.js';

/**
 * An atom of a molecule: element, then the Greek letter of its place (wwPDB, "Atom nomenclature") or the atom it is bound to, then a
 * number: `CD1`, `HO1`. `CL1`, `NI1` and `SN1` are none.
 */
const proteinName = /^(?:H[A-Z]|C[ABGDEZHO]|[NOS][ABGDEZH])\d/;
/** Without the number such a name is a symbol in capitals. */
const capitals = /^(?:H[EGOS]|C[ADENO]|N[ABDEHO]|OG|SG)$/;

/** True for `CA`, `HO` and the like in capitals: a symbol, and the name of an atom in a molecule too. */
export function mayBeName(symbol: string): boolean {
  return capitals.test(symbol);
}

/** The atomic number of a label; undefined where there is none or more than one. Isotopes `D` and `T` are hydrogen. */
export function elementOfLabel(label: string): number | undefined {
  if (proteinName.test(label)) return undefined;
  // The dummy atom X has no other spelling.
  return label === 'X' ? 0 : labelElement(label);
}

export const isotopeWarning = 'deuterium and tritium are computed as H: their forces are the same, their mass is not';

/** True for deuterium and tritium. */
export function isIsotope(label: string): boolean {
  return /^[DT](?![A-Za-z])/i.test(label);
}

/** The atomic number of a label. Throws FormatError with the label and the way to say the element. */
export function requireLabelElement(label: string, source: string, line: number): number {
  const number = elementOfLabel(label);
  if (number !== undefined) return number;
  const reason = proteinName.test(label)
    ? `${quoted(label)} may be element ${quoted(label.slice(0, 1))} or ${quoted(label.slice(0, 2))}`
    : `unknown element ${quoted(label)}`;
  failAt(source, line, `${reason}. Write a chemical symbol (H to Og) instead.`);
}
