/** Plots of numbers over frames, and over the first column of a log: drawn by uPlot, with a line where the page is. */
import uPlot from 'uplot';

/** One curve, by its name. */
export interface Curve {
  readonly name: string;
  /** Over what: the number of the frame, or the column of a log. */
  readonly over: string;
  readonly x: number[];
  readonly y: (number | null)[];
}

/** A plot in the page, and where its value now stands. */
interface Drawn {
  readonly curve: Curve;
  readonly plot: uPlot;
  readonly value: HTMLElement;
}

/** Shown at first: energies, temperature, the largest force. */
const usual = [/energy/i, /^temp/i, /largest force/, /^pressure/i];
const shownAtFirst = 3;
/** Pixels; less is a click. */
const leastDrag = 6;

export class Plots {
  readonly #chosen = new Set<string>();
  #curves: readonly Curve[] = [];
  #plots: Drawn[] = [];
  #hasChosen = false;
  #place: ReadonlyMap<string, number> = new Map();

  /** @param go - called with the place on the axis that was clicked */
  constructor(
    readonly choices: HTMLElement,
    readonly element: HTMLElement,
    readonly go: (over: string, x: number) => void,
  ) {
    new ResizeObserver(() => this.#plots.forEach(({ plot }) => plot.setSize(this.#size()))).observe(element);
  }

  /** Other numbers; what is chosen stays. */
  set(curves: readonly Curve[]): void {
    // One number is no curve.
    const drawn = curves.filter(({ y }) => y.filter((value) => value !== null).length > 1);
    const isSame =
      drawn.length === this.#curves.length &&
      drawn.every(({ name, over }, i) => name === this.#curves[i]!.name && over === this.#curves[i]!.over);
    this.#curves = drawn;
    if (!this.#hasChosen) {
      this.#chosen.clear();
      for (const pattern of usual) {
        const curve = drawn.find(({ name }) => pattern.test(name));
        if (curve && this.#chosen.size < shownAtFirst) this.#chosen.add(keyOf(curve));
      }
      for (const curve of drawn) if (this.#chosen.size < Math.min(2, drawn.length)) this.#chosen.add(keyOf(curve));
    }
    if (!isSame || this.#plots.length === 0) this.draw();
    else
      for (const { curve, plot } of this.#plots) {
        const now = drawn.find((one) => keyOf(one) === keyOf(curve));
        if (now) plot.setData([now.x, now.y]);
      }
  }

  /** Where the page is on each axis. */
  mark(place: ReadonlyMap<string, number>): void {
    this.#place = place;
    for (const { curve, plot, value } of this.#plots) {
      value.textContent = this.#valueText(curve);
      plot.redraw(false, false);
    }
  }

  /** All anew, in the colours of the page as it is now. */
  draw(): void {
    for (const { plot } of this.#plots) plot.destroy();
    this.element.replaceChildren();
    this.choices.replaceChildren(
      ...this.#curves.map((curve) => {
        const button = document.createElement('button');
        button.textContent = curve.name;
        button.setAttribute('aria-pressed', String(this.#chosen.has(keyOf(curve))));
        button.onclick = () => this.#toggle(keyOf(curve));
        return button;
      }),
    );
    this.choices.hidden = this.#curves.length < 2;
    this.#plots = this.#curves.filter((curve) => this.#chosen.has(keyOf(curve))).map((curve) => this.#drawn(curve));
  }

  #toggle(key: string): void {
    this.#hasChosen = true;
    if (!this.#chosen.delete(key)) this.#chosen.add(key);
    this.draw();
  }

  #drawn(curve: Curve): Drawn {
    const box = document.createElement('div');
    box.className = 'plot';
    const title = document.createElement('h3');
    const value = document.createElement('b');
    value.textContent = this.#valueText(curve);
    title.append(curve.name, value);
    box.append(title);
    this.element.append(box);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--quiet'),
      font: '11px system-ui',
      ticks: { show: false },
      grid: { stroke: color('--line'), width: 1 },
    };
    const plot = new uPlot(
      {
        ...this.#size(),
        legend: { show: false },
        scales: { x: { time: false } },
        cursor: { sync: { key: curve.over }, drag: { x: true, y: false, dist: leastDrag }, points: { size: 6 } },
        axes: [
          {
            ...axis,
            size: 24,
            label: curve.over === 'frame' ? '' : curve.over,
            labelSize: curve.over === 'frame' ? 0 : 16,
            labelFont: '11px system-ui',
          },
          { ...axis, size: 62, values: (_, ticks) => ticksText(ticks) },
        ],
        series: [
          {},
          { stroke: color('--accent'), width: 1.5, spanGaps: true, points: { show: curve.x.length < 60, size: 4 } },
        ],
        hooks: { draw: [(u) => this.#drawMark(u, curve, color('--warn'))] },
      },
      [curve.x, curve.y],
      box,
    );
    // By the pointer, as uPlot keeps clicks to itself that it takes for drags.
    let down = NaN;
    plot.over.addEventListener('pointerdown', (event) => (down = event.offsetX));
    plot.over.addEventListener('pointerup', (event) => {
      if (Math.abs(event.offsetX - down) < leastDrag) this.go(curve.over, plot.posToVal(event.offsetX, 'x'));
    });
    return { curve, plot, value };
  }

  #drawMark(u: uPlot, { over }: Curve, color: string): void {
    const x = this.#place.get(over);
    if (x === undefined) return;
    const at = u.valToPos(x, 'x', true);
    u.ctx.save();
    u.ctx.strokeStyle = color;
    u.ctx.lineWidth = 1.5 * devicePixelRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(at, u.bbox.top);
    u.ctx.lineTo(at, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
    u.ctx.restore();
  }

  #valueText(curve: Curve): string {
    const x = this.#place.get(curve.over);
    if (x === undefined) return '';
    const now = this.#curves.find((one) => keyOf(one) === keyOf(curve)) ?? curve;
    const value = now.y[nearest(now.x, x)];
    return value === null || value === undefined ? '' : String(Number(value.toPrecision(8)));
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.element.clientWidth), height: 128 };
  }
}

/** Where in ascending numbers the nearest to one stands. */
export function nearest(x: readonly number[], value: number): number {
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= value) low = middle;
    else high = middle;
  }
  return Math.abs(x[high]! - value) < Math.abs(x[low]! - value) ? high : low;
}

function keyOf({ over, name }: Curve): string {
  return `${over}\n${name}`;
}

/** With as many digits as tell neighbours apart. */
function ticksText(ticks: readonly number[]): string[] {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) || 1;
  const digits = Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) + 0.01)));
  return ticks.map((tick) =>
    Math.abs(tick) >= 1e7 || (tick !== 0 && step < 1e-7) ? tick.toExponential(1) : tick.toFixed(digits),
  );
}
