/**
 * Lines that may follow the atoms of an XYZ frame: lattice vectors `VEC1 x y z` (AMS and older ASE, which also counts them as atoms),
 * and the frequencies, SMILES and InChI of the set QM9 (Ramakrishnan et al., Scientific Data 1, 140022, 2014).
 */
import { compositionOf, formulaText, parseFormula } from './chemical-formula.js';
import { elementNumber } from './element-label.js';
import type { OpenFrame } from './extxyz-frame.js';
import { failAt, finiteReal, parseInteger, parseReal, tokens } from './text.js';

/** True for a row of a lattice vector. */
export function isVector(text: string): boolean {
  return /^\s*VEC\d\s/i.test(text);
}

/** Adds a lattice vector to a frame. Throws FormatError when it is out of order, or the cell is given already. */
export function takeVector(frame: OpenFrame, text: string, source: string, line: number): void {
  const [name = '', ...words] = tokens(text);
  if (frame.cell !== null) failAt(source, line, `${name} stands beside Lattice. Remove one of them.`);
  const place = frame.vectors.length + 1;
  if (place > 3 || parseInteger(name.slice(3)) !== place)
    failAt(
      source,
      line,
      `expected ${place > 3 ? 'no more lattice vectors' : `VEC${place}`}, got ${name}. Number them VEC1, VEC2, VEC3.`,
    );
  if (words.length !== 3) failAt(source, line, `${name} has ${words.length} components. Write its x, y and z in Å.`);
  frame.vectors.push(words.map((word) => finiteReal(word, `a component of ${name}`, source, line)));
}

/** Takes the lines after the last row of a frame as long as they belong to it. */
export class FrameTail {
  private readonly isOfQm9: boolean;
  /** Vectors among the rows that the frame announces: then none may follow, or an atom is missing. */
  private readonly counted: number;
  private lines = 0;

  constructor(private readonly frame: OpenFrame) {
    this.counted = frame.vectors.length;
    if (this.counted > 0)
      frame.warnings.push(
        `line ${frame.headerLine}: the number of atoms, ${frame.rows}, counts ${this.counted} lattice vector${this.counted === 1 ? '' : 's'} VEC; there are ${frame.atoms} atoms`,
      );
    this.isOfQm9 = frame.isPlain && /^gdb\s+\d+\s/.test(frame.comment);
  }

  /** True when the line was taken. */
  takes(text: string, source: string, line: number): boolean {
    if (isVector(text)) {
      if (this.counted > 0)
        failAt(
          source,
          line,
          `line ${this.frame.headerLine} announces ${this.frame.rows} atoms, and ${this.frame.atoms} stand before VEC1. Correct that number, or copy the file again.`,
        );
      takeVector(this.frame, text, source, line);
      return true;
    }
    if (!this.isOfQm9 || !this.isNextOfQm9(text)) return false;
    if (this.lines === 2) this.compareFormulas(text, line);
    this.lines++;
    return true;
  }

  /** An InChI states the atoms once more. */
  private compareFormulas(text: string, line: number): void {
    const labels = this.frame.collectors.find(({ property }) => property.name === 'species')?.values ?? [];
    const atoms = formulaText(compositionOf(labels.map((label) => elementNumber(String(label)) ?? 0)));
    for (const [, formula = ''] of text.matchAll(/InChI=[^/\s]*\/([^/\s]+)/g)) {
      const stated = parseFormula(formula);
      if (stated !== undefined && formulaText(stated) !== atoms)
        this.frame.warnings.push(`line ${line}: the InChI says ${formulaText(stated)}, the atoms are ${atoms}`);
    }
  }

  /** Says what was taken and not used. */
  end(): void {
    if (this.lines > 0) this.frame.warnings.push('the frequencies, SMILES and InChI after the atoms (QM9) are ignored');
  }

  private isNextOfQm9(text: string): boolean {
    const words = tokens(text);
    if (this.lines === 0)
      return words.length > 1 && words.every((word) => parseReal(word.replace('*^', 'e')) !== undefined);
    if (this.lines === 1) return words.length === 2;
    return this.lines === 2 && /^\s*InChI=/.test(text);
  }
}
