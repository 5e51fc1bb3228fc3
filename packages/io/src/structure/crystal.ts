/**
 * Sites and symmetry operations to the atoms of one cell.
 *
 * A site nearer to its own images than its digits tell is on a special position: it counts once, and is moved there when that is
 * visible. Sites that are listed twice, as atom and as image of another, count once with a warning.
 */
import { FormatError } from '@mace/core';
import { chemicalSymbol } from '@mace/core/structure';
import { timesMatrix } from './cell-parameters.js';
import { SiteMerger, sameSiteDistance } from './site-merger.js';
import { applyOperation, isIdentity, type Operation } from './symmetry-operations.js';
import { failAt, quoted } from './text.js';

export interface Site {
  readonly label: string;
  readonly line: number;
  /** Atomic number. */
  readonly number: number;
  readonly fractional: readonly [number, number, number];
  /** Å, where the file gives it: the listed atom keeps it to the last bit. */
  readonly cartesian?: readonly [number, number, number];
  /** Fractional, for each axis: how far the digits of the coordinates leave the place open. */
  readonly uncertainty: readonly [number, number, number];
}

export interface Crystal {
  /** Site of each atom [atoms]. */
  readonly siteOf: readonly number[];
  /** Å [atoms 3]. */
  readonly positions: readonly number[];
  /** Atoms in the cell for each site; 0 for a site that another one stands for. */
  readonly multiplicities: readonly number[];
  readonly warnings: readonly string[];
}

/** Most atoms that are made of a file. */
const maximumImages = 1_000_000;
/** No two atoms are nearer, so images of one site that are nearer are one atom. Å. */
const largestTolerance = 0.5;
/** Å: a site that far from its special position is moved onto it. */
const visible = 0.005;

/** The atoms of a cell. Throws FormatError when two elements meet, or a site is neither on a special position nor off it. */
export function crystalOf(
  sites: readonly Site[],
  operations: readonly Operation[],
  cell: Float64Array,
  inverse: Float64Array,
  source: string,
): Crystal {
  if (sites.length * operations.length > maximumImages) {
    throw new FormatError(
      `${source}: ${sites.length} atoms under ${operations.length} operations are more than ${maximumImages} atoms. Write the cell that you need.`,
    );
  }
  const merger = new SiteMerger(cell, inverse);
  const siteOf: number[] = [];
  const positions: number[] = [];
  const multiplicities: number[] = [];
  const warnings: string[] = [];
  sites.forEach((site, index) => {
    const { place, order, moved } = specialPosition(site, operations, cell);
    const isMoved = moved > visible;
    const [u, v, w] = isMoved ? place : site.fractional;
    if (isMoved)
      warnings.push(
        `line ${site.line}: ${quoted(site.label)} was moved by ${moved.toFixed(3)} Å onto the special position ${site.uncertainty.every((step) => step >= 1) ? 'amid its images, which are nearer than atoms can be' : 'that its digits mean'}`,
      );
    let images = 0;
    for (const operation of operations) {
      const isListed = isIdentity(operation);
      const [p, q, r] = isListed ? [u, v, w] : applyOperation(operation, u, v, w).map(wrapped);
      const same = merger.find(p as number, q as number, r as number);
      if (same === undefined) {
        merger.add(p as number, q as number, r as number);
        siteOf.push(index);
        images++;
        if (isListed && !isMoved && site.cartesian !== undefined) positions.push(...site.cartesian);
        else positions.push(...timesMatrix(p as number, q as number, r as number, cell));
        continue;
      }
      const other = siteOf[same] as number;
      if (other === index) continue;
      meet(sites[other] as Site, site, source);
      if (isListed)
        warnings.push(
          `line ${site.line}: ${quoted(site.label)} stands where ${quoted(sites[other]?.label ?? '')} of line ${sites[other]?.line} or an image of it stands, and was counted once`,
        );
    }
    if (images > 0 && images * order !== operations.length) {
      failAt(
        source,
        site.line,
        `${quoted(site.label)} and its images are so near that they are neither one atom nor several. Give its coordinates with more digits, or choose an ordered structure.`,
      );
    }
    multiplicities.push(images);
  });
  return { siteOf, positions, multiplicities, warnings: firstOf(warnings) };
}

/** A few of many, and how many more. */
function firstOf(warnings: readonly string[]): readonly string[] {
  const shown = 4;
  return warnings.length <= shown
    ? warnings
    : [...warnings.slice(0, shown), `and ${warnings.length - shown} more sites of that kind`];
}

/** Two sites in one place are the same atom, or a mistake. */
function meet(first: Site, second: Site, source: string): void {
  if (first.number === second.number) return;
  failAt(
    source,
    second.line,
    `two elements share one place (${chemicalSymbol(first.number)} and ${chemicalSymbol(second.number)}). Choose an ordered structure with one atom a site.`,
  );
}

/** The mean of the images of a site that its digits do not tell apart, how many they are, and how far it is, Å. */
function specialPosition(
  site: Site,
  operations: readonly Operation[],
  cell: Float64Array,
): { place: [number, number, number]; order: number; moved: number } {
  const [u, v, w] = site.fractional;
  const sum = [0, 0, 0];
  let order = 0;
  for (const operation of operations) {
    const image = applyOperation(operation, u, v, w);
    const step = image.map((value, axis) => {
      const difference = value - (site.fractional[axis] ?? 0);
      return difference - Math.round(difference);
    });
    const distance = Math.hypot(...timesMatrix(step[0] ?? 0, step[1] ?? 0, step[2] ?? 0, cell));
    if (distance >= sameSiteDistance && (distance >= largestTolerance || !isWithinDigits(step, operation, site)))
      continue;
    order++;
    step.forEach((value, axis) => (sum[axis] = (sum[axis] ?? 0) + value));
  }
  const [x = 0, y = 0, z = 0] = sum.map((value) => value / order);
  return { place: [u + x, v + y, w + z], order, moved: Math.hypot(...timesMatrix(x, y, z, cell)) };
}

/** Whether the last digits of the coordinates can make up the whole way between a site and its image. */
function isWithinDigits(step: readonly number[], operation: Operation, { uncertainty }: Site): boolean {
  return step.every((value, i) => {
    const open = uncertainty.reduce(
      (sum, each, j) => sum + each * Math.abs((operation[3 * i + j] ?? 0) - (i === j ? 1 : 0)),
      0,
    );
    return Math.abs(value) <= open * (1 + 1e-9);
  });
}

function wrapped(value: number): number {
  const inside = value - Math.floor(value);
  return inside >= 1 - 1e-12 ? 0 : inside;
}
