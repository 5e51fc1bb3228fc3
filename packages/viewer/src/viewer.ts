/** A structure in an element of a page: seen from all sides, picked from, and moved while it is looked at. */
import { DisposedError } from '@mace/core/errors';
import { contentsOf, Drawing, type Contents, type Extent } from './drawing.js';
import { Eye } from './eye.js';
import { listenToPointers } from './gestures.js';
import { listenToKeys } from './keys.js';
import { atomAt } from './pick.js';
import { principalAxes } from './principal-axes.js';
import {
  checkShown,
  checkValues,
  lightColors,
  type Look,
  type Shown,
  type ViewerColors,
  type ViewerEvents,
} from './shown.js';
import { Stage, type View } from './stage.js';

const degree = Math.PI / 180;

/** Draws atoms, bonds, forces and the cell on a canvas in an element, whose size it has. Draws only when something changes. */
export class Viewer {
  /** Whether an atom can be drawn along by the pointer; the program moves it, as `dragged` says. */
  dragging = false;
  readonly #eye = new Eye();
  readonly #stage: Stage;
  readonly #drawing: Drawing;
  readonly #ending = new AbortController();
  #look: Look;
  #contents: Contents | undefined;
  #isFitted = false;
  #isStale = false;
  #ball: Pick<View, 'middle' | 'radius'> = { middle: [0, 0, 0], radius: 1 };
  #picked = -1;
  /** Where the atom was that is drawn along, Å [3]. */
  #draggedFrom: readonly number[] = [];

  /** @param element - of the page, with a size of its own @throws DeviceError (`rejected`) where there is no WebGL 2 */
  constructor(
    readonly element: HTMLElement,
    look: Look,
    readonly events: ViewerEvents = {},
  ) {
    this.#look = { ...look };
    this.#stage = new Stage(
      element,
      this.#eye,
      () => this.#view(),
      () => events.drawn?.(),
      lightColors,
    );
    this.#drawing = new Drawing(this.#stage.light, this.#stage.smoothEdges);
    const { canvas } = this.#stage;
    canvas.setAttribute('role', 'application');
    this.#describe();
    this.#listen(canvas, this.#ending.signal);
  }

  /** Shows atoms, of which everything may have changed. The first are moved into view. @throws StructureError for what cannot be shown */
  show(shown: Shown): void {
    this.#live();
    checkShown(shown);
    this.#contents = contentsOf(shown);
    this.#describe();
    this.#change();
    if (!this.#isFitted) this.reset();
  }

  /**
   * Moves the atoms that are shown; what is left out stays as it is.
   * @param positions - Å [atoms 3] @param forces - eV/Å [atoms 3] @param cell - Å [3 3]
   * @throws StructureError for other numbers of values, and for places that are not finite
   */
  move(positions: ArrayLike<number>, forces?: ArrayLike<number> | null, cell?: ArrayLike<number> | null): void {
    this.#live();
    const { numbers, ...others } = this.#contents ?? contentsOf({ numbers: [], positions: [] });
    checkValues('positions', positions, 3 * numbers.length, true);
    if (forces) checkValues('forces', forces, 3 * numbers.length, false);
    if (cell) checkValues('cell', cell, 9, true);
    this.#contents = {
      numbers,
      ...others,
      positions: Float64Array.from(positions),
      ...(forces !== undefined && { forces: forces && Float64Array.from(forces) }),
      ...(cell !== undefined && { cell: cell && Float64Array.from(cell) }),
    };
    this.#change();
  }

  get look(): Look {
    return this.#look;
  }

  set look(look: Look) {
    this.#look = { ...look };
    this.#change();
  }

  /** Å of an arrow for each eV/Å; where it is undefined, the longest arrow of the next forces becomes 1.6 Å. */
  get forceScale(): number | undefined {
    return this.#drawing.scale;
  }

  set forceScale(scale: number | undefined) {
    this.#drawing.scale = scale;
    this.#change();
  }

  /** Values of the ends of the colour map, where atoms have colours by values. */
  get colorRange(): readonly [number, number] | undefined {
    return this.#contents?.colors ? this.#contents.colorRange : undefined;
  }

  /** Å, as drawn: wrapped, where the look says so [atoms 3]. */
  get positions(): Float64Array {
    this.#refresh();
    return this.#drawing.x;
  }

  theme(colors: ViewerColors): void {
    this.#stage.colors = colors;
    this.#change();
  }

  /** Everything in view: a crystal a little from above, a molecule from where it is widest. */
  reset(): void {
    this.#refresh();
    const { cell, positions } = this.#contents ?? { cell: null, positions: [] };
    this.#eye.turn.identity();
    if (cell || positions.length === 0) this.#eye.rotate(0, -75 * degree);
    else {
      const [, up, towards] = principalAxes(positions);
      this.#eye.lookAlong(towards, up);
    }
    this.#eye.rotate(-18 * degree, (cell ? 8 : 14) * degree);
    this.#fit();
  }

  /** Against a lattice vector, or an axis where there is no cell. @param axis - 0, 1, 2 */
  along(axis: number): void {
    this.#refresh();
    const { cell } = this.#contents ?? {};
    const vector = (k: number): [number, number, number] => {
      const unit = [0, 1, 2].map((at) => Number(at === k));
      const own = cell ? [cell[3 * k]!, cell[3 * k + 1]!, cell[3 * k + 2]!] : unit;
      return (own.some((value) => value !== 0) ? own : unit) as [number, number, number];
    };
    this.#eye.lookAlong(vector(axis), vector((axis + 2) % 3));
    this.#fit();
  }

  /** A PNG. @param ratio - pixels of it for each CSS pixel */
  async picture(ratio = 2): Promise<Blob> {
    this.#live();
    return this.#stage.picture(ratio);
  }

  /** Gives back the device, and leaves the element as it was. */
  dispose(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#drawing.dispose();
    this.#stage.dispose();
  }

  #live(): void {
    if (this.#ending.signal.aborted) throw new DisposedError('This viewer was disposed. Make another one.');
  }

  #change(): void {
    this.#isStale = true;
    if (!this.#ending.signal.aborted) this.#stage.ask();
  }

  /** Draws anew what has changed since. */
  #refresh(): void {
    if (!this.#isStale || !this.#contents) return;
    this.#isStale = false;
    this.#drawing.draw(this.#contents, this.#look, this.#stage.colors);
    this.#ball = ballAround(this.#drawing.extent(this.#contents, this.#look));
  }

  #view(): View {
    this.#refresh();
    // An element without a size shows nothing to fit.
    if (!this.#isFitted) this.reset();
    const { group, labels } = this.#drawing;
    return { group, labels, ...this.#ball };
  }

  #fit(): void {
    const { width, height } = this.#stage.size;
    if (!this.#contents) return;
    const { points, radii } = this.#drawing.extent(this.#contents, this.#look);
    this.#eye.fit(points, radii, width, height, !this.#contents.cell);
    this.#isFitted = width > 0 && height > 0 && points.length > 0;
    this.#stage.ask();
  }

  #describe(): void {
    const atoms = this.#contents?.numbers.length ?? 0;
    this.#stage.canvas.setAttribute(
      'aria-label',
      `Structure of ${atoms} ${atoms === 1 ? 'atom' : 'atoms'}. Arrow keys turn it, with shift they move it, plus and minus zoom, Page Down and Page Up go from atom to atom.`,
    );
  }

  #listen(canvas: HTMLCanvasElement, signal: AbortSignal): void {
    const eye = this.#eye;
    const seen =
      <T extends readonly number[]>(change: (...values: T) => void) =>
      (...values: T): void => {
        change(...values);
        this.#stage.ask();
      };
    const pan = seen((right: number, up: number) => eye.pan(right, up));
    const zoom = seen((factor: number, right: number, up: number) => eye.zoom(factor, right, up));
    const rotate = seen((aboutUp: number, aboutRight: number, aboutSight: number) =>
      eye.rotate(aboutUp, aboutRight, aboutSight),
    );
    listenToPointers(
      canvas,
      {
        turn: (right, up) => rotate(0.5 * degree * right, -0.5 * degree * up, 0),
        roll: (angle) => rotate(0, 0, angle),
        pan,
        zoom,
        atomAt: (right, up, slack) => atomAt(eye, this.positions, this.#drawing.radii, right, up, slack),
        pick: (atom, shift) => this.#pick(atom, shift),
        canDrag: () => this.dragging && this.events.dragged !== undefined,
        drag: (atom, right, up, phase) => this.#drag(atom, right, up, phase),
      },
      signal,
    );
    listenToKeys(
      canvas,
      {
        turn: (right, up) => rotate(10 * degree * right, -10 * degree * up, 0),
        pan: (right, up) => pan(40 * right, 40 * up),
        zoom: (factor) => zoom(factor, 0, 0),
        pickNext: (step, shift) => {
          const atoms = this.#contents?.numbers.length ?? 0;
          if (atoms > 0) this.#pick((Math.max(this.#picked, step === 1 ? -1 : 0) + step + atoms) % atoms, shift);
        },
      },
      signal,
    );
  }

  #pick(atom: number | null, shift: boolean): void {
    this.#picked = atom ?? -1;
    this.events.picked?.(atom, { shift });
  }

  #drag(atom: number, right: number, up: number, phase: 'start' | 'move' | 'end'): void {
    const { positions } = this.#contents!;
    if (phase === 'start') this.#draggedFrom = [0, 1, 2].map((axis) => positions[3 * atom + axis]!);
    const [x, y, z] = this.#draggedFrom as [number, number, number];
    const by = this.#eye.across(right, up);
    this.events.dragged?.(atom, [x + by.x, y + by.y, z + by.z], phase);
  }
}

/** A ball around points, with room for halos and what is cut off of bonds. */
function ballAround({ points, radii }: Extent): Pick<View, 'middle' | 'radius'> {
  if (radii.length === 0) return { middle: [0, 0, 0], radius: 1 };
  const [low, high] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ];
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3]!, points[i]!);
    high[i % 3] = Math.max(high[i % 3]!, points[i]!);
  }
  const middle = low.map((value, axis) => (value + high[axis]!) / 2) as [number, number, number];
  const diagonal = Math.hypot(...low.map((value, axis) => high[axis]! - value)) / 2;
  return { middle, radius: diagonal + radii.reduce((most, radius) => Math.max(most, radius), 0) + 3 };
}
