/**
 * Which element a CIF site is: its type symbol, else its label, where that is unambiguous or the formula makes it so. Never a guess.
 */
import { chemicalSymbol } from '@mace/core/structure';
import { parseFormula, parseMoieties } from './chemical-formula.js';
import type { CifEntries } from './cif-entries.js';
import type { CifValue } from './cif-syntax.js';
import { isotopeNumber, labelElement, namesTwo } from './element-label.js';
import { quoted } from './text.js';

const remedy = 'Write its element in _atom_site_type_symbol.';

/** Finds elements of the sites of one block. */
export class SiteElements {
  /** Elements that formula and atom types name; empty when neither is there. */
  private readonly known: ReadonlySet<number>;
  /** Elements of `_atom_type_symbol`; empty when there are none or one was not understood. */
  private readonly types: ReadonlySet<number | undefined>;
  /** Elements of the moieties, which may leave out others. */
  private readonly hinted: ReadonlySet<number>;
  private readonly doubts: string[] = [];
  private isCompared = false;
  private isCounted = false;

  /** Elements that labels of one letter name: with carbon among them `CO1` may be one of its atoms, and `W1` a water. */
  private readonly plain: ReadonlySet<string>;

  constructor(private readonly entries: CifEntries) {
    const labels = entries.column('atom_site.label') ?? [];
    this.plain = new Set(labels.flatMap(({ text }) => /^[CHNO](?![A-Za-z])/i.exec(text)?.[0].toUpperCase() ?? []));
    const sum = entries.first('chemical_formula.sum');
    const moiety = entries.first('chemical_formula.moiety');
    const formula = sum && parseFormula(sum.text);
    this.hinted = new Set((moiety && parseMoieties(moiety.text))?.keys());
    const types = (entries.column('atom_type.symbol') ?? []).map(({ text }) => typeElement(text));
    this.types = new Set(types.includes(undefined) ? [] : types);
    this.known = new Set([...(formula?.keys() ?? []), ...types].filter((number) => number !== undefined));
  }

  /** The atomic number of one site. Throws FormatError with the label where the file leaves it open. */
  of(label: CifValue | undefined, type: CifValue | undefined): number {
    if (type !== undefined) {
      if (isMixture(type.text))
        this.entries.fail(
          type.line,
          `the site ${quoted(label?.text ?? '')} is a mixture, ${quoted(type.text)}. A calculation needs whole atoms: choose an ordered (super)cell.`,
        );
      const number = typeElement(type.text);
      if (number === undefined)
        this.entries.fail(
          type.line,
          `unknown element ${quoted(type.text)} in _atom_site_type_symbol. Write a chemical symbol, such as Fe or Fe3+.`,
        );
      this.compare(label, type, number);
      this.find(label ?? type, number);
      return number;
    }
    if (label === undefined)
      this.entries.fail(
        this.entries.block.line,
        `an atom of block ${quoted(this.entries.block.name)} has neither _atom_site_type_symbol nor _atom_site_label. Add one.`,
      );
    return this.ofLabel(label);
  }

  /** True for a site that says that it is hydrogen. */
  isHydrogen(label: CifValue | undefined, type: CifValue | undefined): boolean {
    return (type === undefined ? labelElement(label?.text ?? '') : typeElement(type.text)) === 1;
  }

  /** What was found doubtful. */
  get warnings(): readonly string[] {
    return this.doubts;
  }

  private ofLabel({ text, line }: CifValue): number {
    if (namesTwo(text)) this.entries.fail(line, `the label ${quoted(text)} names two elements. ${remedy}`);
    // T1 is a tetrahedral site, and no tritium.
    const direct = isTetrahedral(text) ? undefined : labelElement(text);
    if (this.known.size === 0) {
      const [hint, otherHint] = readingsOf(text).filter((number) => this.hinted.has(number));
      if (hint !== undefined && otherHint === undefined) return hint;
      if (direct !== undefined && !this.mayBePlace(text)) return direct;
      const readings = readingsOf(text);
      const what = readings.length === 0 ? 'unknown element' : 'the element is not clear from the label';
      this.entries.fail(line, `${what} ${quoted(text)}. ${remedy}`);
    }
    if (direct !== undefined && this.known.has(direct)) {
      return direct;
    }
    const possible = readingsOf(text).filter((number) => this.known.has(number));
    const [only] = possible;
    if (only !== undefined && possible.length === 1) return only;
    const named = [...this.known].map(chemicalSymbol).join(' ');
    this.entries.fail(
      line,
      `the element of the site ${quoted(text)} is not clear: formula and atom types have ${named}. ${remedy}`,
    );
  }

  /** `HO1` of a hydroxyl, `CA` and `NE1` of an amino acid, `W1` of a water, beside atoms that such molecules have. */
  private mayBePlace(label: string): boolean {
    if (/^W\d/.test(label)) return this.plain.has('C') && this.plain.has('H');
    if (/^H[EFGOS](?![A-Za-z])/.test(label)) return this.plain.size > 0;
    return this.plain.has('C') && /^(?:C[ADEFMO]|N[ABDE])(?![A-Za-z])/.test(label);
  }

  /** A label that plainly names another element than the type symbol does: one of the file's, or any where no formula says. */
  private compare(label: CifValue | undefined, type: CifValue, number: number): void {
    if (label === undefined || this.isCompared) return;
    const named = labelElement(label.text);
    if (named === undefined || named === number) return;
    // `CA1` of a carbon.
    const mayBe = readingsOf(label.text).includes(number) || isTetrahedral(label.text);
    if (this.known.size === 0 ? mayBe : !this.known.has(named)) return;
    this.isCompared = true;
    this.doubts.push(
      `line ${type.line}: the site ${quoted(label.text)} is ${chemicalSymbol(number)} by its type symbol, which was taken`,
    );
  }

  /** A site of an element that the list of atom types does not have. */
  private find(site: CifValue, number: number): void {
    if (this.isCounted || this.types.size === 0 || this.types.has(number)) return;
    this.isCounted = true;
    this.doubts.push(
      `line ${site.line}: the site ${quoted(site.text)} is ${chemicalSymbol(number)}, which _atom_type_symbol does not list`,
    );
  }
}

/** `Fe`, `FE`, `Fe3+`, `O2-`, `Cl1-`, `Cval`, `D`; undefined for what is no element, or two. */
export function typeElement(text: string): number | undefined {
  const valence = /^([A-Z][a-z]?)(?:val|va)$/.exec(text)?.[1];
  if (valence !== undefined) return isotopeNumber(valence);
  return isMixture(text) ? undefined : labelElement(text);
}

/** `Fe/Mg`, `Fe0.5Mg0.5`, `Fe2+0.5Mg2+0.5`: elements that share a site. */
function isMixture(type: string): boolean {
  return namesTwo(type) || /^[A-Z][a-z]?[\d.]+[A-Z][a-z]/.test(type) || /\d.*[A-Z].*\+/.test(type);
}

function isTetrahedral(label: string): boolean {
  return /^T(?![a-z])/i.test(label);
}

/** Elements whose symbol the label starts with; a small letter after a symbol of one letter is part of a longer symbol. */
function readingsOf(label: string): number[] {
  const one = /^[A-SU-Za-su-z](?![a-z])/.exec(label)?.[0];
  const two = /^[A-Za-z]{2}/.exec(label)?.[0];
  return [one, two].flatMap((symbol) => {
    const number = symbol === undefined ? undefined : isotopeNumber(symbol);
    return number === undefined || number === 0 ? [] : [number];
  });
}
