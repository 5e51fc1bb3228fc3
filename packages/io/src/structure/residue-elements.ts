/**
 * Elements of atom names in macromolecules: what a name means depends on its residue. `CA` is carbon in an amino acid, calcium as an ion.
 */
import { isotopeNumber, labelElement } from './element-label.js';

const aminoAcids =
  'ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL ASX GLX SEC PYL MSE ' +
  'ASH GLH LYN CYX CYM HID HIE HIP HSD HSE HSP HISD HISE HISH ACE NME NMA NH2 NHE FOR SEP TPO PTR HYP PCA';
const nucleotides =
  'A C G U I T N DA DC DG DT DU DI RA RC RG RU A3 A5 C3 C5 G3 G5 U3 U5 DA3 DA5 DC3 DC5 DG3 DG5 DT3 DT5 ADE CYT GUA THY URA';
const waters = 'HOH WAT H2O DOD SOL TIP TIP3 TIP4 TP3 TP4 TP5 T3P T4P SPC';
/** Ions under the names of the CHARMM force field. */
const ions: ReadonlyMap<string, number> = new Map([
  ['CLA', 17],
  ['SOD', 11],
  ['POT', 19],
  ['CAL', 20],
  ['CES', 55],
  ['LIT', 3],
  ['RUB', 37],
]);
const known: ReadonlySet<string> = new Set(`${aminoAcids} ${nucleotides} ${waters}`.split(' '));

/** Symbols that no name of a carbon, nitrogen or hydrogen is taken for; those of other elements with a light first letter are. */
const clearPairs: ReadonlySet<string> = new Set(['BR', 'CL', 'FE', 'SE', 'SI']);

/**
 * The element of an atom by its name and residue; undefined where they leave it open.
 * `isAligned`: element symbols end in column 14 of this PDB file, so `startsAt` (column 13 or 14) tells `CA  ` from ` CA `.
 */
export function elementOfName(name: string, residue: string, isAligned = false, startsAt = 13): number | undefined {
  const letters = lettersOf(name);
  if (known.has(residue.toUpperCase())) {
    // Of selenocysteine and selenomethionine; everything else in these residues has a symbol of one letter.
    if (/^(?:MSE|SEC)$/i.test(residue) && /^SE$/i.test(letters)) return 34;
    return /^[HDCNOSP]/i.test(letters) ? isotopeNumber(letters.charAt(0)) : undefined;
  }
  // An ion is a residue of its own name.
  const ion = name.toUpperCase() === residue.toUpperCase() ? ions.get(name.toUpperCase()) : undefined;
  if (ion !== undefined) return ion;
  if (letters !== '' && letters.toUpperCase() === residue.replace(/[0-9+-]+$/, '').toUpperCase())
    return labelElement(letters);
  if (letters.length === 1) return labelElement(letters);
  if (!isAligned) return undefined;
  if (startsAt === 14) return ofColumn14(letters);
  const pair = isotopeNumber(letters.slice(0, 2));
  // Names of four characters start in column 13 whatever their element: only a pair that is none is clear.
  // Hydrogens moved to the left, `HO1 ` and `HE2 `, are far more frequent than holmium and helium.
  if (name.length < 4) return /^[HD][A-Z]/.test(letters) ? undefined : pair;
  return pair === undefined ? isotopeNumber(letters.charAt(0)) : undefined;
}

/** The element that a name means wherever it stands, to compare with what a file says: also `CL1`, which is hardly a carbon. */
export function plainElement(name: string, residue: string): number | undefined {
  const letters = lettersOf(name).toUpperCase();
  return elementOfName(name, residue) ?? (clearPairs.has(letters) ? isotopeNumber(letters) : undefined);
}

/** A symbol of one letter; a small letter after it belongs to the symbol: ` Cl ` is chlorine, and ` Ca ` leaves it open. */
function ofColumn14(letters: string): number | undefined {
  const pair = isotopeNumber(letters.slice(0, 2));
  if (/^[A-Z][a-z]/.test(letters) && pair !== undefined)
    return clearPairs.has(letters.slice(0, 2).toUpperCase()) ? pair : undefined;
  // ` UNK`, ` XX ` and ` WAT` are no uranium, dummy and tungsten.
  return /^[BCDFHINOPS]/i.test(letters) ? isotopeNumber(letters.charAt(0)) : undefined;
}

/**
 * The two symbols that a name may begin with where no residue decides: `CD1` with C or Cd; undefined where one reading is
 * plain. `startsAt` as above: in column 14 only what is hardly a name of a light element, such as `CL1`, is open.
 */
export function openReadings(name: string, residue: string, startsAt: number): readonly [string, string] | undefined {
  const written = /^[BCDFHNOPS][A-Z]/i.exec(lettersOf(name))?.[0] ?? '';
  const pair = written.toUpperCase();
  if (pair === '' || isotopeNumber(pair) === undefined || elementOfName(name, residue) !== undefined) return undefined;
  const isClear = clearPairs.has(pair);
  // In column 14 a small letter speaks for the symbol, capitals speak against it.
  if (/^[A-Z][a-z]/.test(written) ? startsAt !== 14 || isClear : isClear !== (startsAt === 14)) return undefined;
  return [pair.charAt(0), `${pair.charAt(0)}${pair.charAt(1).toLowerCase()}`];
}

function lettersOf(name: string): string {
  return /^[0-9']*([A-Za-z]+)/.exec(name)?.[1] ?? '';
}
