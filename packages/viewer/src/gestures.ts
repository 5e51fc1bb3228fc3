/** Mouse, touch and pen: one turns, two fingers or another button move, wheel and pinch zoom, a click picks, an atom can be drawn along. */

/** What gestures do; points are CSS pixels from the middle of the canvas, upwards. */
export interface GestureTargets {
  turn(right: number, up: number): void;
  pan(right: number, up: number): void;
  zoom(factor: number, right: number, up: number): void;
  /** About the line of sight, radians. */
  roll(angle: number): void;
  atomAt(right: number, up: number, slack: number): number | null;
  pick(atom: number | null, shift: boolean): void;
  /** Whether this atom can be drawn along now. */
  canDrag(atom: number): boolean;
  drag(atom: number, right: number, up: number, phase: 'start' | 'move' | 'end'): void;
}

interface Finger {
  x: number;
  y: number;
}

/** Listens until the signal is given. */
export function listenToPointers(canvas: HTMLCanvasElement, targets: GestureTargets, signal: AbortSignal): void {
  const fingers = new Map<number, Finger>();
  let begin: Finger = { x: 0, y: 0 };
  let [isMoved, isPan] = [false, false];
  let atom: number | null = null;

  const at = ({ clientX, clientY }: MouseEvent): Finger => {
    const box = canvas.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: box.top + box.height / 2 - clientY };
  };
  const slackOf = (event: PointerEvent): number => (event.pointerType === 'touch' ? 14 : 4);
  const drag = (to: Finger, phase: 'start' | 'move' | 'end'): void =>
    targets.drag(atom!, to.x - begin.x, to.y - begin.y, phase);
  const endDrag = (to: Finger): void => {
    if (atom !== null && isMoved) drag(to, 'end');
    atom = null;
  };

  const down = (event: PointerEvent): void => {
    const place = at(event);
    fingers.set(event.pointerId, place);
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size > 1) {
      endDrag(begin);
      isMoved = true;
      return;
    }
    [begin, isMoved, isPan] = [place, false, event.button !== 0 || event.shiftKey];
    const found = isPan ? null : targets.atomAt(place.x, place.y, slackOf(event));
    atom = found !== null && targets.canDrag(found) ? found : null;
    canvas.style.cursor = 'grabbing';
  };
  const move = (event: PointerEvent): void => {
    const place = at(event);
    const last = fingers.get(event.pointerId);
    if (!last) {
      if (event.pointerType === 'mouse')
        canvas.style.cursor = targets.atomAt(place.x, place.y, 0) === null ? 'grab' : 'pointer';
      return;
    }
    if (fingers.size === 2) pinch(event.pointerId, last, place);
    else if (fingers.size === 1) {
      if (!isMoved && Math.hypot(place.x - begin.x, place.y - begin.y) < slackOf(event)) return;
      const isFirst = !isMoved;
      isMoved = true;
      if (atom !== null) drag(place, isFirst ? 'start' : 'move');
      else if (isPan) targets.pan(place.x - last.x, place.y - last.y);
      else targets.turn(place.x - last.x, place.y - last.y);
    }
    fingers.set(event.pointerId, place);
  };
  /** One of two fingers has moved. */
  const pinch = (id: number, last: Finger, place: Finger): void => {
    const [other] = [...fingers].flatMap(([key, finger]) => (key === id ? [] : [finger]));
    const [before, after] = [last, place].map(({ x, y }) => ({ x: x - other!.x, y: y - other!.y })) as [Finger, Finger];
    const middle = { x: (place.x + other!.x) / 2, y: (place.y + other!.y) / 2 };
    targets.pan((place.x - last.x) / 2, (place.y - last.y) / 2);
    targets.zoom(Math.hypot(after.x, after.y) / (Math.hypot(before.x, before.y) || 1), middle.x, middle.y);
    targets.roll(Math.atan2(before.x * after.y - before.y * after.x, before.x * after.x + before.y * after.y));
  };
  const up = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || fingers.size > 0) return;
    canvas.style.cursor = 'grab';
    const place = at(event);
    if (event.type === 'pointerup' && !isMoved && event.button === 0)
      targets.pick(targets.atomAt(place.x, place.y, slackOf(event)), event.shiftKey);
    endDrag(place);
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode]!;
    const { x, y } = at(event);
    targets.zoom(Math.exp(-0.0015 * Math.max(-300, Math.min(300, pixels))), x, y);
  };
  canvas.style.touchAction = 'none';
  canvas.style.cursor = 'grab';
  canvas.addEventListener('pointerdown', down, { signal });
  canvas.addEventListener('pointermove', move, { signal });
  canvas.addEventListener('pointerup', up, { signal });
  canvas.addEventListener('pointercancel', up, { signal });
  canvas.addEventListener('wheel', wheel, { signal, passive: false });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
}
