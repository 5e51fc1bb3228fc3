/**
 * Irreducible representations of O(3) and lists of them with multiplicities, as plain data.
 *
 * Order in a list matters: it is the order of the components. Irreps are ordered by (l, p) with odd before even:
 * 0o, 0e, 1o, 1e, … (e3nn 0.4.4, `o3/_irreps.py`).
 */
import { FormatError, GraphError } from '../errors.js';

/** Degree `l` and parity `p`. */
export interface Irrep {
  readonly l: number;
  readonly p: 1 | -1;
}

/** `multiplicity` copies of one irrep. */
export interface IrrepBlock {
  readonly multiplicity: number;
  readonly irrep: Irrep;
}

/**
 * Reads `"128x0e + 128x1o"`; the multiplicity and spaces are optional; an empty text is an empty list.
 *
 * @throws FormatError if a term is not of this form
 */
export function parseIrreps(text: string): IrrepBlock[] {
  if (text.trim() === '') return [];
  return text.split('+').map((term, index) => {
    const match = /^\s*(?:(\d{1,9})\s*x\s*)?(\d{1,4})([eo])\s*$/.exec(term);
    if (!match) {
      throw new FormatError(
        `irreps ${JSON.stringify(text)} cannot be read: term ${index + 1}: expected <multiplicity>x<degree><e|o> such as 128x1o, ` +
          `got ${JSON.stringify(term.trim())}. Correct the text, or the file that holds it.`,
      );
    }
    return { multiplicity: Number(match[1] ?? 1), irrep: { l: Number(match[2]), p: match[3] === 'e' ? 1 : -1 } };
  });
}

/** One irrep such as `1o`; throws FormatError as {@link parseIrreps} does, also for a list or a multiplicity. */
export function parseIrrep(text: string): Irrep {
  const blocks = parseIrreps(text);
  const [block] = blocks;
  if (!block || blocks.length > 1 || block.multiplicity !== 1) {
    throw new FormatError(
      `irrep ${JSON.stringify(text)} cannot be read: expected one irrep such as 1o, got ${blocks.length} blocks. Pass one irrep, or use parseIrreps.`,
    );
  }
  return block.irrep;
}

/** `1o`. */
export function formatIrrep({ l, p }: Irrep): string {
  return `${l}${p === 1 ? 'e' : 'o'}`;
}

/** `128x0e+128x1o`, with every multiplicity written out. */
export function formatIrreps(blocks: readonly IrrepBlock[]): string {
  return blocks.map(({ multiplicity, irrep }) => `${multiplicity}x${formatIrrep(irrep)}`).join('+');
}

/** Negative if `a` comes first: by degree, then odd before even. */
export function compareIrreps(a: Irrep, b: Irrep): number {
  return a.l - b.l || a.p - b.p;
}

/** Whether both are the same representation. */
export function sameIrrep(a: Irrep, b: Irrep): boolean {
  return a.l === b.l && a.p === b.p;
}

/** Whether both lists have the same blocks in the same order; nothing is simplified first. */
export function sameBlocks(a: readonly IrrepBlock[], b: readonly IrrepBlock[]): boolean {
  return (
    a.length === b.length &&
    a.every((block, i) => block.multiplicity === b[i]!.multiplicity && sameIrrep(block.irrep, b[i]!.irrep))
  );
}

/** Sorted by irrep; blocks of the same irrep keep their order. */
export function sortIrreps(blocks: readonly IrrepBlock[]): IrrepBlock[] {
  return [...blocks].sort((a, b) => compareIrreps(a.irrep, b.irrep));
}

/** Without empty blocks, and neighbors of equal irrep merged; the order of components does not change. */
export function simplifyIrreps(blocks: readonly IrrepBlock[]): IrrepBlock[] {
  const merged: IrrepBlock[] = [];
  for (const block of blocks) {
    if (block.multiplicity === 0) continue;
    const last = merged.at(-1);
    if (last && sameIrrep(last.irrep, block.irrep))
      merged[merged.length - 1] = { ...last, multiplicity: last.multiplicity + block.multiplicity };
    else merged.push(block);
  }
  return merged;
}

/** The irreps in a ⊗ b: degrees |l1 − l2| … l1 + l2 ascending, parity p1·p2. */
export function irrepProduct(a: Irrep, b: Irrep): Irrep[] {
  const lowest = Math.abs(a.l - b.l);
  const p = a.p === b.p ? 1 : -1;
  return Array.from({ length: a.l + b.l - lowest + 1 }, (_, i) => ({ l: lowest + i, p }));
}

/** Number of components 2l + 1. */
export function irrepDimension({ l }: Irrep): number {
  return 2 * l + 1;
}

/** Number of components of a list: Σ multiplicity·(2l + 1). */
export function dimension(blocks: readonly IrrepBlock[]): number {
  return blocks.reduce((sum, { multiplicity, irrep }) => sum + multiplicity * irrepDimension(irrep), 0);
}

/** Number of irreps of a list: Σ multiplicity. */
export function irrepCount(blocks: readonly IrrepBlock[]): number {
  return blocks.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}

/** How often one irrep occurs in a list, over all its blocks. */
export function countOf(blocks: readonly IrrepBlock[], irrep: Irrep): number {
  return irrepCount(blocks.filter((block) => sameIrrep(block.irrep, irrep)));
}

/** Whether a list has a block of this irrep. */
export function includesIrrep(blocks: readonly IrrepBlock[], irrep: Irrep): boolean {
  return blocks.some((block) => sameIrrep(block.irrep, irrep));
}

/**
 * Largest degree in a list.
 *
 * @throws GraphError for an empty list
 */
export function maxDegree(blocks: readonly IrrepBlock[]): number {
  if (blocks.length === 0)
    throw new GraphError(
      'no largest degree: in an empty list of irreps: expected at least one block, got none. Pass irreps with at least one block.',
    );
  return Math.max(...blocks.map(({ irrep }) => irrep.l));
}

/** `1x0e+1x1o+1x2e+…` to degree `lmax`: parity (−1)^l, or all even with `so3`. */
export function sphericalHarmonicsIrreps(lmax: number, so3 = false): IrrepBlock[] {
  return Array.from({ length: lmax + 1 }, (_, l) => ({
    multiplicity: 1,
    irrep: { l, p: so3 || l % 2 === 0 ? 1 : -1 } as const,
  }));
}
