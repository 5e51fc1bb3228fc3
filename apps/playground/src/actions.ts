/** What people do: everything that changes the state of the page, with the worker at work. */
import { batch } from '@preact/signals';
import type { Structure } from '@mace/core/structure';
import { Engine, TaskError, type Task } from './engine/engine.js';
import type { Asked, Choice, DynamicsFrame, ModelSource, Progress, TaskName, Tasks } from './engine/messages.js';
import * as state from './state.js';

export const engine = new Engine();

/** Structures that people can go back to. */
const mostPast = 100;

/**
 * Shows a structure, and computes it. What is shown now can be gone back to.
 * @param options - `forget`: not to what is shown now; `keepsNotices`: of the run that led here
 */
export function show(next: state.Named, { forget = false, keepsNotices = false } = {}): void {
  if (!keepsNotices) clearNotices('run');
  batch(() => {
    const now = state.shown.value;
    if (now && !forget) state.past.value = [...state.past.value, now].slice(-mostPast);
    state.future.value = [];
    place(next);
  });
}

export function undo(): void {
  swap(state.past, state.future);
}

export function redo(): void {
  swap(state.future, state.past);
}

function swap(from: typeof state.past, to: typeof state.past): void {
  const next = from.value.at(-1);
  const now = state.shown.value;
  if (!next || !now || state.isMoving.value) return;
  batch(() => {
    clearNotices('run');
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, now];
    place(next);
  });
}

function place(next: state.Named): void {
  const { numbers } = next.structure;
  const before = state.shown.value?.structure.numbers;
  state.shown.value = next;
  state.live.value = null;
  state.evaluated.value = null;
  // Dynamics went on from elsewhere.
  state.frame.value = null;
  if (before?.length !== numbers.length || before.some((number, atom) => number !== numbers[atom])) forgetAtoms();
  void evaluate();
}

/** What is known of atoms by their numbers means nothing for others. */
function forgetAtoms(): void {
  state.selected.value = [];
  state.fixed.value = [];
  state.path.value = [];
  state.trace.value = [];
}

/** Replaces the atoms, keeping the name. */
export function edit(structure: Structure): void {
  const { name = 'structure' } = state.shown.value ?? {};
  show({ name, structure });
}

/** Opens a file or a pasted text of structures. */
export function openStructures(content: Uint8Array | string, name: string): Promise<void> {
  return alone(() => openStructuresNow(content, name));
}

async function openStructuresNow(content: Uint8Array | string, name: string): Promise<void> {
  clearNotices('structure');
  const task = engine.begin('read', { content, name });
  const read = await follow('structure', { kind: 'read', text: `reading ${name}` }, task);
  if (!read) return;
  const [structure] = read.structures;
  batch(() => {
    state.frames.value = read.structures.length > 1 ? read.structures : [];
    show({ name, structure: structure! });
    if (read.count > read.structures.length)
      notice(
        'structure',
        'note',
        `${name} has ${read.count} structures; the first ${read.structures.length} are here.`,
      );
    for (const warning of structure!.warnings ?? []) notice('structure', 'note', warning);
  });
}

/** Opens a model, or another backend for the one that is open. What was open stays where this fails. */
export function openModel(source: ModelSource | null, next: Choice = state.choice.value): Promise<boolean> {
  return alone(() => openModelNow(source, next));
}

/** What is open, or was until its worker was lost. */
let openSource: ModelSource = { kind: 'bundled' };

async function openModelNow(given: ModelSource | null, next: Choice): Promise<boolean> {
  const place = given ? 'model' : 'backend';
  const source = given ?? (state.opened.value ? null : openSource);
  clearNotices(place);
  const told = ({ text, fraction }: Progress): void => {
    state.activity.value = state.activity.value && { ...state.activity.value, text, fraction };
  };
  const task = engine.begin('open', { source, choice: next }, told);
  const done = await follow(place, { kind: 'open', text: 'opening', cancel: task.cancel }, task);
  if (!done) return false;
  openSource = source ?? openSource;
  clearNotices('run');
  batch(() => {
    state.opened.value = done;
    state.choice.value = done.choice;
    if (given) {
      state.head.value = null;
      state.inputs.value = {};
    }
    state.evaluated.value = null;
    if (done.unkept !== null) notice('model', 'note', done.unkept);
  });
  void evaluate();
  return true;
}

let evaluating: Task<'evaluate'> | null = null;

/** Computes what is shown; the newest question wins. */
export async function evaluate(): Promise<void> {
  const { shown, opened } = state;
  if (!shown.value || !opened.value || state.isMoving.value) return;
  evaluating?.cancel();
  // Said by the panel, with the models that know them.
  if (state.missing.value.length > 0) return;
  const { structure } = shown.value;
  const task = engine.begin('evaluate', { structure, asked: asked() });
  evaluating = task;
  try {
    const done = await task.done;
    if (evaluating === task && shown.value.structure === structure) state.evaluated.value = done;
  } catch (error) {
    if (evaluating === task) fail('run', error);
  } finally {
    if (evaluating === task) evaluating = null;
  }
}

export function relax(): Promise<void> {
  return alone(relaxNow);
}

async function relaxNow(): Promise<void> {
  const named = state.shown.value;
  if (!named || !state.opened.value) return;
  clearNotices('run');
  state.path.value = [];
  const input = { structure: restingStructure(named.structure), asked: asked(), fixed: state.fixed.value };
  const task = engine.begin('relax', { ...input, ...state.relaxSettings.value }, (point) => {
    batch(() => {
      state.live.value = { positions: point.positions, cell: point.cell, forces: point.forces };
      state.path.value = [
        ...state.path.value,
        { step: point.step, energy: point.energy, largestForce: point.largestForce },
      ];
      tell(`relaxing: step ${point.step}, largest force ${point.largestForce.toFixed(3)} eV/Å`);
    });
  });
  const done = await follow('run', { kind: 'relax', text: 'relaxing', cancel: task.cancel }, task);
  const stopped = state.live.value;
  batch(() => {
    if (done) {
      state.path.value = [...state.path.value, { step: done.steps, energy: done.energy, largestForce: done.fmax }];
      show({ name: named.name, structure: done.structure });
      const change = (done.energy - done.initialEnergy).toFixed(4);
      notice(
        'run',
        'note',
        done.isConverged
          ? `Relaxed in ${done.steps} steps: ${change} eV, largest force ${done.fmax.toFixed(4)} eV/Å.`
          : `Not converged after ${done.steps} steps: the largest force is ${done.fmax.toFixed(4)} eV/Å. Run it again, or allow more steps.`,
      );
    } else if (stopped)
      show({ name: named.name, structure: movedTo(named.structure, stopped) }, { keepsNotices: true });
  });
}

let dynamics: Task<'dynamics'> | null = null;
/** Points of the trace that are kept; beyond them every second one goes. */
const mostTrace = 4000;

/** @param from - a frame to go on from */
export function runDynamics(from: DynamicsFrame | null = null): Promise<void> {
  return alone(() => runDynamicsNow(from));
}

async function runDynamicsNow(from: DynamicsFrame | null): Promise<void> {
  const named = state.shown.value;
  if (!named || !state.opened.value) return;
  clearNotices('run');
  batch(() => {
    if (!from) state.trace.value = [];
    state.frame.value = from;
  });
  const input = {
    structure: from ? movedTo(named.structure, from) : restingStructure(named.structure),
    asked: asked(),
    controls: { ...state.controls.value, fixed: state.fixed.value },
    seed: state.seed.value,
    momenta: from?.momenta ?? null,
    step: from?.step ?? 0,
    time: from?.time ?? 0,
  };
  state.seed.value = state.newSeed();
  const task = engine.begin('dynamics', input, takeFrame);
  dynamics = task;
  const activity = { kind: 'dynamics', text: 'dynamics', cancel: task.cancel } as const;
  const done = await follow('run', activity, task);
  if (dynamics === task) dynamics = null;
  const last = done ?? state.frame.value;
  if (last)
    batch(() => {
      show({ name: named.name, structure: movedTo(named.structure, last) }, { keepsNotices: true });
      state.frame.value = last;
    });
}

function takeFrame(frame: DynamicsFrame): void {
  batch(() => {
    state.frame.value = frame;
    state.live.value = { positions: frame.positions, cell: frame.cell, forces: frame.forces };
    const { step, time, energy, kinetic, conserved, temperature, pressure } = frame;
    const point = { step, time, energy, kinetic, conserved, temperature, pressure };
    const kept = state.trace.value;
    state.trace.value = [...(kept.length < mostTrace ? kept : kept.filter((_, i) => i % 2 === 0)), point];
    tell(`step ${step}, ${(time / 1000).toFixed(3)} ps, ${temperature.toFixed(0)} K`);
  });
}

/** Settings of dynamics, which hold from the next step on. */
export function steer(next: Partial<typeof state.controls.value>): void {
  state.controls.value = { ...state.controls.value, ...next };
  sendControls();
}

export function fix(atoms: readonly number[]): void {
  state.fixed.value = [...new Set(atoms)].sort((a, b) => a - b);
  sendControls();
}

function sendControls(): void {
  const controls = { ...state.controls.value, fixed: state.fixed.value };
  dynamics?.send({ kind: 'controls', controls });
}

/** An atom follows a hand: in dynamics it is pulled, at rest it is moved. */
export function drag(atom: number, position: readonly [number, number, number], phase: 'start' | 'move' | 'end'): void {
  if (dynamics) {
    dynamics.send({ kind: 'pull', atom, position: phase === 'end' ? null : position });
    return;
  }
  const named = state.shown.value;
  if (!named || state.isMoving.value) return;
  const positions = named.structure.positions.slice();
  positions.set(position, 3 * atom);
  const structure = { ...restingStructure(named.structure), positions };
  // One step back undoes the whole way of the hand.
  show({ name: named.name, structure }, { forget: phase !== 'start' });
}

/** Ends what runs; atoms stay where they are. */
export async function stop(): Promise<void> {
  state.activity.value?.cancel?.();
  await running;
}

/** What runs now, or ran last, to its very end. */
let running: Promise<unknown> = Promise.resolve();

/** Begins when what ran before has ended. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  await stop();
  const mine = work();
  running = mine.catch(() => undefined);
  return mine;
}

export function notice(
  place: state.Notice['place'],
  kind: state.Notice['kind'],
  text: string,
  reason?: string | undefined,
): void {
  const others = state.notices.value.filter((one) => one.place !== place || one.text !== text);
  state.notices.value = [...others, { place, kind, text, reason }];
}

export function dismiss(one: state.Notice): void {
  state.notices.value = state.notices.value.filter((other) => other !== one);
}

export function clearNotices(place: state.Notice['place']): void {
  state.notices.value = state.notices.value.filter((one) => one.place !== place);
}

function asked(): Asked {
  const { head, inputs } = state;
  return {
    ...(head.value !== null && { head: head.value }),
    ...(Object.keys(inputs.value).length > 0 && { inputs: inputs.value }),
  };
}

function tell(text: string): void {
  if (state.activity.value) state.activity.value = { ...state.activity.value, text };
}

/** Waits for a task that people see. @returns null where it was cancelled, or failed and that was said */
async function follow<Name extends TaskName>(
  place: state.Notice['place'],
  activity: state.Activity,
  task: Task<Name>,
): Promise<Tasks[Name]['output'] | null> {
  state.activity.value = activity;
  const outcome = task.done.catch((error: unknown) => {
    fail(place, error);
    return null;
  });
  const done = await outcome;
  state.activity.value = null;
  return done;
}

function fail(place: state.Notice['place'], error: unknown): void {
  if (error instanceof TaskError && error.code === 'cancelled') return;
  const text = error instanceof Error ? error.message : String(error);
  // A worker that was lost takes the open model with it.
  if (error instanceof TaskError && error.code === 'lost') state.opened.value = null;
  notice(place, 'error', text, error instanceof TaskError ? error.reason : undefined);
}

/** Without results and momenta of where atoms were. */
function restingStructure(structure: Structure): Structure {
  return { ...structure, info: {}, arrays: {} };
}

function movedTo(structure: Structure, { positions, cell }: Pick<state.Live, 'positions' | 'cell'>): Structure {
  return { ...restingStructure(structure), positions, cell };
}
