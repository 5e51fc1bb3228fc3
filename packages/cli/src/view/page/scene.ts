/** The structure in space, drawn by 3Dmol. */
import { createViewer, type AtomSpec, type GLModel, type GLShape, type GLViewer } from '3dmol';
import { chemicalSymbol } from '@mace/core/structure';
import type { ViewFrame } from '../record.js';
import { bondsOf } from './bonds.js';
import { cellEdges, wrapped } from './cell.js';

/** What is drawn, and how. */
export interface Look {
  style: 'balls' | 'spheres' | 'sticks';
  bonds: boolean;
  cell: boolean;
  forces: boolean;
  labels: boolean;
  wrap: boolean;
}

/** Beyond so many atoms bonds, labels and arrows are left out: drawing them would take seconds. */
const mostBonded = 20_000;
const mostLabels = 500;
const mostArrows = 3_000;
/** Å of the longest arrow of the first frame that has forces; all frames have its scale. */
const longestArrow = 2;

export class Scene {
  readonly #viewer: GLViewer;
  #frame: ViewFrame | undefined;
  #drawn: { readonly model: GLModel; readonly shapes: readonly GLShape[] } | undefined;
  #stage = '';
  #x: Float32Array = new Float32Array(0);
  #scale: number | undefined;
  #chosen: readonly number[] = [];

  /** @param onClick - an atom that was clicked, or null for the background */
  constructor(
    element: HTMLElement,
    readonly look: Look,
    readonly onClick: (atom: number) => void,
  ) {
    this.#viewer = createViewer(element, { antialias: !isInSoftware(), cartoonQuality: 1 }) as GLViewer;
    new ResizeObserver(() => {
      this.#viewer.resize();
      this.#viewer.render();
    }).observe(element);
  }

  /** Å, as drawn [atoms 3] */
  get positions(): Float32Array {
    return this.#x;
  }

  /** Draws a frame; the first one is moved into view. */
  show(frame: ViewFrame, chosen: readonly number[]): void {
    const isFirst = this.#frame === undefined;
    this.#frame = frame;
    this.#chosen = chosen;
    this.draw();
    if (isFirst) this.reset();
  }

  /**
   * What was drawn before stays, hidden, until the new is drawn: 3Dmol compiles the shaders of a material when it comes first, and throws
   * them away with the last one that has them.
   */
  draw(): void {
    const frame = this.#frame;
    if (!frame) return;
    const viewer = this.#viewer;
    const colors = this.#takeTheme();
    const old = this.#drawn;
    old?.model.hide();
    old?.shapes.forEach((shape) => shape.updateStyle({ hidden: true }));
    viewer.removeAllLabels();
    this.#x = this.look.wrap && frame.cell ? wrapped(frame.positions, frame.cell, frame.pbc) : frame.positions;
    this.#drawn = {
      model: this.#drawAtoms(frame),
      shapes: [
        ...this.#drawChosen(colors.force),
        ...(this.look.cell && frame.cell ? [this.#drawCell(frame.cell, colors.cell)] : []),
        ...(this.look.forces && frame.forces ? this.#drawForces(frame.forces, colors.force) : []),
      ],
    };
    this.#drawLabels(frame, colors);
    viewer.render();
    if (!old) return;
    viewer.removeModel(old.model);
    old.shapes.forEach((shape) => viewer.removeShape(shape));
  }

  /** Colours of the page; those of the viewer with it, where they are others than before. */
  #takeTheme(): Colors {
    const colors = themeColors();
    if (colors.stage !== this.#stage) {
      this.#viewer.setBackgroundColor(colors.stage, 1);
      this.#viewer.setViewStyle({ style: 'outline', width: 0.04, color: colors.outline });
    }
    this.#stage = colors.stage;
    return colors;
  }

  /** Everything in view, seen a little from above. */
  reset(): void {
    const viewer = this.#viewer;
    viewer.setView([0, 0, 0, 0, 0, 0, 0, 1]);
    viewer.zoomTo();
    viewer.rotate(-75, 'x');
    viewer.rotate(-18, 'y');
    viewer.rotate(8, 'x');
    this.#fit();
  }

  /** Along a lattice vector, or an axis where there is no cell. @param axis - 0, 1, 2 */
  along(axis: number): void {
    const { cell } = this.#frame ?? {};
    const fallback = [0, 1, 2].map((i) => Number(i === axis));
    const vector = cell ? [...cell.slice(3 * axis, 3 * axis + 3)] : fallback;
    const up = cell
      ? [...cell.slice(3 * ((axis + 2) % 3), 3 * ((axis + 2) % 3) + 3)]
      : [0, 1, 2].map((i) => Number(i === (axis + 2) % 3));
    const q = quaternionOf(vector, up);
    this.#viewer.setView([0, 0, 0, 0, ...q]);
    this.#viewer.zoomTo();
    this.#fit();
  }

  /** The picture as a PNG, in a data address. */
  picture(): string {
    return this.#viewer.pngURI();
  }

  #fit(): void {
    this.#viewer.zoom(this.look.cell && this.#frame?.cell ? 0.85 : 0.95);
    this.#viewer.render();
  }

  #drawAtoms(frame: ViewFrame): GLModel {
    const { numbers } = frame;
    const x = this.#x;
    const isBonded = this.look.bonds && this.look.style !== 'spheres' && numbers.length <= mostBonded;
    const bonds = isBonded ? bondsOf(numbers, x) : [];
    const atoms: AtomSpec[] = Array.from(numbers, (number, i) => ({
      elem: chemicalSymbol(number),
      x: x[3 * i]!,
      y: x[3 * i + 1]!,
      z: x[3 * i + 2]!,
      serial: i,
      index: i,
      bonds: bonds[i] ?? [],
      bondOrder: (bonds[i] ?? []).map(() => 1),
      properties: {},
    }));
    const model = this.#viewer.addModel();
    model.addAtoms(atoms);
    model.setStyle({}, styles[this.look.style]);
    model.setClickable({}, true, (atom: AtomSpec) => this.onClick(atom.serial!));
    return model;
  }

  /** Halos of the atoms that were clicked. */
  #drawChosen(color: string): GLShape[] {
    const x = this.#x;
    return this.#chosen.map((atom) =>
      this.#viewer.addSphere({
        center: { x: x[3 * atom]!, y: x[3 * atom + 1]!, z: x[3 * atom + 2]! },
        radius: this.look.style === 'spheres' ? 1.9 : 0.62,
        color,
        opacity: 0.35,
      }),
    );
  }

  #drawCell(cell: Float64Array, color: string): GLShape {
    const shape = this.#viewer.addShape({ color });
    cellEdges(cell).forEach(([start, end]) => shape.addCylinder({ start, end, radius: 0.022, fromCap: 1, toCap: 1 }));
    ['a', 'b', 'c'].forEach((name, i) =>
      this.#viewer.addLabel(name, {
        position: { x: cell[3 * i]! * 1.04, y: cell[3 * i + 1]! * 1.04, z: cell[3 * i + 2]! * 1.04 },
        fontSize: 13,
        fontColor: color,
        showBackground: false,
        alignment: 'center',
      }),
    );
    return shape;
  }

  #drawForces(forces: Float32Array, color: string): GLShape[] {
    if (forces.length > 3 * mostArrows) return [];
    let longest = 0;
    for (let i = 0; i < forces.length; i += 3)
      longest = Math.max(longest, Math.hypot(forces[i]!, forces[i + 1]!, forces[i + 2]!));
    if (longest === 0) return [];
    this.#scale ??= longestArrow / longest;
    const shape: GLShape = this.#viewer.addShape({ color });
    const x = this.#x;
    for (let i = 0; i < forces.length; i += 3) {
      const way = [0, 1, 2].map((axis) => this.#scale! * forces[i + axis]!) as [number, number, number];
      const length = Math.hypot(...way);
      if (length < 0.05) continue;
      const radius = Math.min(0.07, 0.2 * length);
      shape.addArrow({
        start: { x: x[i]!, y: x[i + 1]!, z: x[i + 2]! },
        end: { x: x[i]! + way[0], y: x[i + 1]! + way[1], z: x[i + 2]! + way[2] },
        radius,
        radiusRatio: 2.2,
        mid: Math.max(0.5, 1 - 0.3 / length),
      });
    }
    return [shape];
  }

  #drawLabels(frame: ViewFrame, { text, panel }: Colors): void {
    const all = this.look.labels && frame.numbers.length <= mostLabels ? frame.numbers.keys() : this.#chosen;
    for (const atom of all)
      this.#viewer.addLabel(`${chemicalSymbol(frame.numbers[atom]!)}${atom}`, {
        position: { x: this.#x[3 * atom]!, y: this.#x[3 * atom + 1]!, z: this.#x[3 * atom + 2]! },
        fontSize: 12,
        fontColor: text,
        backgroundColor: panel,
        backgroundOpacity: 0.8,
        inFront: true,
      });
  }
}

const styles = {
  balls: { stick: { radius: 0.11, colorscheme: 'Jmol' }, sphere: { scale: 0.26, colorscheme: 'Jmol' } },
  spheres: { sphere: { scale: 0.9, colorscheme: 'Jmol' } },
  sticks: { stick: { radius: 0.17, colorscheme: 'Jmol' } },
};

/** Whether there is no graphics processor: smooth edges would make each frame take eight times as long. */
function isInSoftware(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : '';
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

type Colors = ReturnType<typeof themeColors>;

/** Colours of the page as it is now. */
function themeColors(): Record<'stage' | 'text' | 'panel' | 'cell' | 'force' | 'outline', string> {
  const style = getComputedStyle(document.documentElement);
  const isDark = document.documentElement.dataset['theme'] === 'dark';
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    stage: of('--stage'),
    text: of('--text'),
    panel: of('--panel'),
    cell: isDark ? '#8b97aa' : '#8792a5',
    force: isDark ? '#ffb454' : '#e0630d',
    outline: isDark ? '#05070a' : '#3a4252',
  };
}

/** The turn that brings a vector towards the eye, and another one upwards. */
function quaternionOf(towards: readonly number[], up: readonly number[]): [number, number, number, number] {
  const unit = (v: readonly number[]): number[] => v.map((value) => value / Math.hypot(...v));
  const z = unit(towards);
  const along = up.reduce((sum, value, i) => sum + value * z[i]!, 0);
  const y = unit(up.map((value, i) => value - along * z[i]!));
  const x = [y[1]! * z[2]! - y[2]! * z[1]!, y[2]! * z[0]! - y[0]! * z[2]!, y[0]! * z[1]! - y[1]! * z[0]!];
  // Rows of the rotation are x, y, z.
  const [m, w] = [[x, y, z], Math.sqrt(Math.max(0, 1 + x[0]! + y[1]! + z[2]!)) / 2];
  if (w > 1e-4)
    return [(m[2]![1]! - m[1]![2]!) / (4 * w), (m[0]![2]! - m[2]![0]!) / (4 * w), (m[1]![0]! - m[0]![1]!) / (4 * w), w];
  const i = [0, 1, 2].reduce((best, axis) => (m[axis]![axis]! > m[best]![best]! ? axis : best), 0);
  const [j, k] = [(i + 1) % 3, (i + 2) % 3];
  const root = Math.sqrt(Math.max(0, 1 + m[i]![i]! - m[j]![j]! - m[k]![k]!));
  const q = [0, 0, 0];
  q[i] = root / 2;
  q[j] = (m[i]![j]! + m[j]![i]!) / (2 * root);
  q[k] = (m[i]![k]! + m[k]![i]!) / (2 * root);
  return [q[0]!, q[1]!, q[2]!, (m[k]![j]! - m[j]![k]!) / (2 * root)];
}
