/**
 * Which element a CIF site is: its type symbol, else its label, where that is unambiguous or the formula makes it so. Never a guess.
 */
import { chemicalSymbol } from '@mace/core/structure';
import { parseFormula } from './chemical-formula.js';
import type { CifEntries } from './cif-entries.js';
import type { CifValue } from './cif-syntax.js';
import { isotopeNumber, labelElement } from './element-label.js';
import { quoted } from './text.js';

const remedy = 'Write its element in _atom_site_type_symbol.';

/** Finds elements of the sites of one block. */
export class SiteElements {
  /** Elements that formula and atom types name; empty when neither is there. */
  private readonly known: ReadonlySet<number>;
  /** Elements of `_atom_type_symbol`; empty when there are none or one was not understood. */
  private readonly types: ReadonlySet<number | undefined>;
  private readonly doubts: string[] = [];
  private isCompared = false;
  private isCounted = false;

  constructor(private readonly entries: CifEntries) {
    const formula = entries.first('chemical_formula.sum');
    const types = (entries.column('atom_type.symbol') ?? []).map(({ text }) => typeElement(text));
    this.types = new Set(types.includes(undefined) ? [] : types);
    this.known = new Set(
      [...(formula ? (parseFormula(formula.text)?.keys() ?? []) : []), ...types].filter(
        (number) => number !== undefined,
      ),
    );
  }

  /** The atomic number of one site. Throws FormatError with the label where the file leaves it open. */
  of(label: CifValue | undefined, type: CifValue | undefined): number {
    if (type !== undefined) {
      const number = typeElement(type.text);
      if (number === undefined && /\d.*[A-Z].*\+/.test(type.text))
        this.entries.fail(
          type.line,
          `the site ${quoted(label?.text ?? '')} is a mixture, ${quoted(type.text)}. A calculation needs whole atoms: choose an ordered (super)cell.`,
        );
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
    const direct = labelElement(text);
    if (this.known.size === 0) {
      if (direct !== undefined) return direct;
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

  /** A label that plainly names another element than the type symbol does: one of the file's, or any where no formula says. */
  private compare(label: CifValue | undefined, type: CifValue, number: number): void {
    if (label === undefined || this.isCompared) return;
    const named = labelElement(label.text);
    if (named === undefined || named === number) return;
    // `CA1` of a carbon; T1 is a tetrahedral site, and no tritium.
    const mayBe = readingsOf(label.text).includes(number) || /^T(?![a-z])/i.test(label.text);
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

/** `Fe`, `FE`, `Fe3+`, `O2-`, `Cl1-`, `Cval`, `D`; undefined for what is no element. */
export function typeElement(text: string): number | undefined {
  const valence = /^([A-Z][a-z]?)(?:val|va)$/.exec(text)?.[1];
  return valence === undefined ? labelElement(text) : isotopeNumber(valence);
}

/** Elements whose symbol the label starts with; a small letter after a symbol of one letter is part of a longer symbol. */
function readingsOf(label: string): number[] {
  const one = /^[A-Za-z](?![a-z])/.exec(label)?.[0];
  const two = /^[A-Za-z]{2}/.exec(label)?.[0];
  return [one, two].flatMap((symbol) => {
    const number = symbol === undefined ? undefined : isotopeNumber(symbol);
    return number === undefined || number === 0 ? [] : [number];
  });
}
