/** Keys of the canvas: arrows turn, with shift they move, plus and minus zoom, Page Up and Page Down go from atom to atom. */

export interface KeyTargets {
  /** By steps of ten degrees. */
  turn(right: number, up: number): void;
  /** By steps of forty pixels. */
  pan(right: number, up: number): void;
  zoom(factor: number): void;
  /** To the next atom, or the one before. */
  pickNext(step: 1 | -1, shift: boolean): void;
}

const ways: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** What a key does; undefined for one that means nothing here. */
export function actionOf(key: string, shift: boolean, targets: KeyTargets): (() => void) | undefined {
  const way = ways[key];
  if (way) return () => (shift ? targets.pan(...way) : targets.turn(...way));
  if (key === '+' || key === '=') return () => targets.zoom(1.2);
  if (key === '-' || key === '_' || key === '−') return () => targets.zoom(1 / 1.2);
  if (key === 'PageDown') return () => targets.pickNext(1, shift);
  if (key === 'PageUp') return () => targets.pickNext(-1, shift);
  return undefined;
}

/** Listens until the signal is given; keys that mean something go no further. */
export function listenToKeys(canvas: HTMLCanvasElement, targets: KeyTargets, signal: AbortSignal): void {
  canvas.tabIndex = 0;
  canvas.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const action = actionOf(event.key, event.shiftKey, targets);
      if (!action) return;
      event.preventDefault();
      event.stopPropagation();
      action();
    },
    { signal },
  );
}
