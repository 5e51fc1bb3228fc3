/** Turns atoms into balls, rods and labels: all that is drawn, and where it is. */
import { covalentRadii } from '@mace/core/structure';
import { Group } from 'three';
import { arrowScale, eachArrow } from './arrows.js';
import { Balls } from './balls.js';
import { Bonds } from './bonds.js';
import { basisOf, cellEdges, translated, wrapsInto, type Basis } from './cell.js';
import { mapColor, rangeOf } from './color-map.js';
import { elementColor } from './element-colors.js';
import { atomLabel, mostLabels, type Label } from './labels.js';
import { Rods } from './rods.js';
import { hexOf, type Light } from './shading.js';
import type { Look, Shown, ViewerColors } from './shown.js';

/** What is shown, with nothing left out; copies of what was given. */
export type Contents = Required<Shown>;

/** What has to be in view. */
export interface Extent {
  /** Å [points 3] */
  readonly points: Float64Array;
  /** Å around them [points] */
  readonly radii: Float64Array;
}

/** Beyond so many atoms bonds and arrows are left out: they would be a thicket, and slow. */
const mostDetailed = 20_000;
/** Å */
const bondRadius = { balls: 0.1, sticks: 0.16, spheres: 0 };
const edgeRadius = 0.025;
const haloWidth = 0.14;

export class Drawing {
  readonly group = new Group();
  /** Å, as drawn [atoms 3] */
  x: Float64Array = new Float64Array(0);
  /** Å [atoms] */
  radii = new Float64Array(0);
  labels: readonly Label[] = [];
  /** Å of an arrow for each eV/Å; found at the first forces where it is undefined. */
  scale: number | undefined;
  readonly #bonds = new Bonds();
  readonly #balls: Balls;
  readonly #rods: Rods;

  constructor(light: Light, smoothEdges: boolean) {
    this.#balls = new Balls(light, smoothEdges);
    this.#rods = new Rods(light, smoothEdges);
    this.group.add(this.#balls.mesh, this.#rods.mesh);
  }

  draw(shown: Contents, look: Look, colors: ViewerColors): void {
    const { positions, cell, pbc, forces } = shown;
    const basis = basisOf(cell, pbc);
    const wraps = look.wrap ? wrapsInto(positions, basis) : new Int32Array(positions.length);
    this.x = translated(positions, wraps, basis);
    const paint = paintOf(shown);
    this.#rods.clear();
    const isBonded = new Uint8Array(shown.numbers.length);
    const isDetailed = isBonded.length <= mostDetailed;
    if (look.bonds && look.style !== 'spheres' && isDetailed)
      this.#drawBonds(shown, look, wraps, basis, paint, isBonded);
    if (look.cell && cell) this.#drawCell(cell, hexOf(colors.cell));
    if (look.forces && forces && isDetailed) this.#drawForces(forces, hexOf(colors.force));
    this.#rods.show();
    this.radii = Float64Array.from(shown.numbers, (number, i) => radiusOf(number, look.style, isBonded[i] === 1));
    this.#drawAtoms(shown, paint, hexOf(colors.accent));
    this.labels = this.#labelsOf(shown, look);
  }

  extent({ cell, forces }: Contents, look: Look): Extent {
    const corners = look.cell && cell ? cellEdges(cell) : [];
    const { x, scale } = this;
    const tips = look.forces && forces && scale !== undefined ? x.map((at, i) => at + scale * (forces[i]! || 0)) : [];
    const points = new Float64Array(x.length + tips.length + corners.length);
    points.set(x);
    points.set(tips, x.length);
    points.set(corners, x.length + tips.length);
    const radii = new Float64Array(points.length / 3);
    radii.set(this.radii);
    return { points, radii };
  }

  dispose(): void {
    this.#balls.dispose();
    this.#rods.dispose();
  }

  /** A bond whose other atom is drawn elsewhere ends half way, at both. */
  #drawBonds(
    { numbers, positions }: Contents,
    { style }: Look,
    wraps: Int32Array,
    basis: Basis,
    paint: Uint32Array,
    isBonded: Uint8Array,
  ): void {
    const radius = bondRadius[style];
    const [from, to] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    const rod = (atom: number, vector: Float64Array, part: number, color: number, other: number): void => {
      for (let axis = 0; axis < 3; axis++) {
        from[axis] = this.x[3 * atom + axis]!;
        to[axis] = from[axis]! + part * vector[axis]!;
      }
      this.#rods.add(from, radius, to, radius, color, other);
    };
    this.#bonds.each(numbers, positions, wraps, basis, (first, second, vector, isWhole) => {
      isBonded[first] = isBonded[second] = 1;
      if (isWhole) return rod(first, vector, 1, paint[first]!, paint[second]!);
      rod(first, vector, 0.5, paint[first]!, paint[first]!);
      rod(second, vector, -0.5, paint[second]!, paint[second]!);
    });
  }

  #drawAtoms({ numbers, selected, fixed }: Contents, paint: Uint32Array, accent: number): void {
    const { x, radii } = this;
    const held = new Set(fixed);
    this.#balls.clear();
    for (let i = 0; i < numbers.length; i++)
      this.#balls.add(x[3 * i]!, x[3 * i + 1]!, x[3 * i + 2]!, radii[i]!, paint[i]!, held.has(i) ? 'fixed' : 'atom');
    for (const i of selected)
      this.#balls.add(x[3 * i]!, x[3 * i + 1]!, x[3 * i + 2]!, radii[i]! + haloWidth, accent, 'halo');
    this.#balls.show();
  }

  #drawCell(cell: ArrayLike<number>, color: number): void {
    const edges = cellEdges(cell);
    for (let i = 0; i < edges.length; i += 6)
      this.#rods.add(edges.subarray(i, i + 3), edgeRadius, edges.subarray(i + 3, i + 6), edgeRadius, color);
  }

  #drawForces(forces: ArrayLike<number>, color: number): void {
    this.scale ??= arrowScale(forces);
    if (this.scale === undefined) return;
    eachArrow(this.x, this.radii, forces, this.scale, (from, fromRadius, to, toRadius) =>
      this.#rods.add(from, fromRadius, to, toRadius, color),
    );
  }

  #labelsOf({ numbers, cell, selected }: Contents, look: Look): Label[] {
    const atoms = look.labels && numbers.length <= mostLabels ? Array.from(numbers, (_, atom) => atom) : selected;
    const place = (at: ArrayLike<number>, i: number, times = 1): Label['place'] =>
      [0, 1, 2].map((axis) => times * at[3 * i + axis]!) as [number, number, number];
    return [
      ...(look.cell && cell ? ['a', 'b', 'c'] : []).map((text, k) => ({
        text,
        place: place(cell!, k, 1.04),
        pill: false,
      })),
      ...atoms.map((atom) => ({ text: atomLabel(numbers, atom), place: place(this.x, atom), pill: true })),
    ];
  }
}

/** Å. Van der Waals radii are about the covalent ones and 0.8 Å. */
function radiusOf(number: number, style: Look['style'], isBonded: boolean): number {
  const covalent = covalentRadii[number]!;
  if (style === 'spheres') return covalent + 0.8;
  return style === 'sticks' && isBonded ? bondRadius.sticks : 0.2 + 0.32 * covalent;
}

/** 0xRRGGBB of each atom. */
function paintOf({ numbers, colors, colorRange }: Contents): Uint32Array {
  const [least, greatest] = colorRange;
  return Uint32Array.from(numbers, (number, i) => {
    const value = colors?.[i];
    if (value === undefined || !Number.isFinite(value)) return elementColor(number);
    return mapColor(greatest > least ? (value - least) / (greatest - least) : 0.5);
  });
}

/** Copies, so that what is drawn again is what was shown. */
export function contentsOf(shown: Shown): Contents {
  const colors = shown.colors ? Float64Array.from(shown.colors) : null;
  return {
    numbers: Uint8Array.from(shown.numbers),
    positions: Float64Array.from(shown.positions),
    cell: shown.cell ? Float64Array.from(shown.cell) : null,
    pbc: shown.pbc ? [...shown.pbc] : [false, false, false],
    forces: shown.forces ? Float64Array.from(shown.forces) : null,
    colors,
    colorRange: shown.colorRange ?? (colors && rangeOf(colors)) ?? [0, 1],
    selected: [...(shown.selected ?? [])],
    fixed: [...(shown.fixed ?? [])],
  };
}
