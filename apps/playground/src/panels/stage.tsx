/** The structure in space, with what is drawn of it. */
import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Viewer } from '@mace/viewer';
import { drag } from '../actions/dynamics.js';
import { measureText } from '../files/measure.js';
import * as state from '../state.js';
import { theme } from '../theme.js';
import { ActivityBar } from './activity-bar.js';
import { countPicture } from '../ui/picture-rate.js';
import { viewColors } from './view-colors.js';

export function Stage() {
  const element = useRef<HTMLDivElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isDragging, setDragging] = useState(false);

  useEffect(() => {
    try {
      viewer.current = new Viewer(element.current!, state.look.value, {
        picked: pick,
        dragged: drag,
        drawn: countPicture,
      });
      setViewer(viewer.current);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return;
    }
    const stop = [...follow(viewer.current)];
    return () => {
      stop.forEach((end) => end());
      setViewer(null);
      viewer.current?.dispose();
    };
  }, []);
  useEffect(() => {
    if (viewer.current) viewer.current.dragging = isDragging;
  }, [isDragging]);

  const { cell } = state.shown.value?.structure ?? {};
  return (
    <section class="stage" aria-label="Structure in space">
      <div class="canvas" ref={element}>
        {failure !== null && <p class="notice error">{failure}</p>}
      </div>
      <ActivityBar />
      <LookBar hasCell={!!cell} isDragging={isDragging} setDragging={setDragging} />
      <div class="stage-foot">
        <output class="measure">{measureText(state.current.value, state.selected.value)}</output>
        <span class="ways">
          <button type="button" onClick={() => viewer.current?.reset()}>
            Reset view
          </button>
          {[0, 1, 2].map((axis) => (
            <button
              key={axis}
              type="button"
              onClick={() => viewer.current?.along(axis)}
              aria-label={`Look along ${(cell ? 'abc' : 'xyz')[axis]}`}
            >
              {(cell ? 'abc' : 'xyz')[axis]}
            </button>
          ))}
        </span>
      </div>
    </section>
  );
}

/** The viewer of the page, for pictures of it. */
export let stageViewer: Viewer | null = null;
function setViewer(next: Viewer | null): void {
  stageViewer = next;
}

function LookBar(props: { hasCell: boolean; isDragging: boolean; setDragging: (value: boolean) => void }) {
  const { look } = state;
  const toggle = (name: 'bonds' | 'cell' | 'forces' | 'labels' | 'wrap' | 'energies', text: string, isOff = false) => (
    <button
      type="button"
      disabled={isOff}
      aria-pressed={look.value[name]}
      onClick={() => (look.value = { ...look.value, [name]: !look.value[name] })}
    >
      {text}
    </button>
  );
  return (
    <div class="look-bar" role="toolbar" aria-label="What is drawn">
      <label class="unseen" for="style">
        Style
      </label>
      <select
        id="style"
        value={look.value.style}
        onChange={({ currentTarget }) =>
          (look.value = { ...look.value, style: currentTarget.value as state.Look['style'] })
        }
      >
        <option value="balls">Balls and sticks</option>
        <option value="spheres">Spheres</option>
        <option value="sticks">Sticks</option>
      </select>
      {toggle('forces', 'Forces')}
      {toggle('energies', 'Atom energies', state.isMoving.value)}
      {toggle('labels', 'Labels')}
      {props.hasCell && toggle('cell', 'Cell')}
      {props.hasCell && toggle('wrap', 'Wrap')}
      <button type="button" aria-pressed={props.isDragging} onClick={() => props.setDragging(!props.isDragging)}>
        Move atoms
      </button>
    </div>
  );
}

/** Keeps what is drawn to what the page knows. */
function* follow(viewer: Viewer): Generator<() => void> {
  let before: state.Named | null = null;
  yield effect(() => viewer.theme(viewColors(theme.value)));
  yield effect(() => {
    const { energies: _, ...look } = state.look.value;
    viewer.look = look;
  });
  yield effect(() => {
    const named = state.shown.value;
    if (!named) return;
    const isOther = named.name !== before?.name || named.structure.numbers.length !== before.structure.numbers.length;
    before = named;
    const { numbers, positions, cell, pbc } = named.structure;
    const { result } = state.evaluated.value ?? {};
    viewer.show({
      numbers,
      positions,
      cell,
      pbc,
      forces: result?.forces ?? null,
      // Of what moves, only the whole energy is known.
      colors: state.look.value.energies && !state.isMoving.value ? (result?.interactionEnergies ?? null) : null,
      selected: state.selected.value,
      fixed: state.fixed.value,
    });
    if (isOther) viewer.reset();
    const moving = state.live.peek();
    if (moving) viewer.move(moving.positions, moving.forces, moving.cell);
  });
  yield effect(() => {
    const moving = state.live.value;
    if (moving) viewer.move(moving.positions, moving.forces, moving.cell);
  });
}

/** A click chooses one atom, with shift more; beside all atoms nothing. */
function pick(atom: number | null, { shift }: { readonly shift: boolean }): void {
  const { selected } = state;
  if (atom === null) {
    if (!shift) selected.value = [];
  } else if (!shift) selected.value = selected.value.length === 1 && selected.value[0] === atom ? [] : [atom];
  else if (selected.value.includes(atom)) selected.value = selected.value.filter((one) => one !== atom);
  else selected.value = [...selected.value, atom];
}
