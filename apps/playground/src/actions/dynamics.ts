/** Dynamics of what is shown, and the hands that lead it: settings while it runs, atoms held and atoms pulled. */
import { batch } from '@preact/signals';
import type { Task } from '../engine/engine.js';
import type { DynamicsFrame } from '../engine/messages.js';
import { moveAtom, movedTo, restingStructure } from '../files/edit-structure.js';
import * as state from '../state.js';
import { momentaOfFile } from './momenta-of-file.js';
import { clearNotices } from './notices.js';
import { edit, fixAtoms, showEndOfRun } from './show.js';
import { alone, asked, engine, follow, tell } from './tasks.js';

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
    state.path.value = [];
    if (!from) state.trace.value = [];
    state.frame.value = from;
  });
  const input = {
    structure: from ? movedTo(named.structure, from) : restingStructure(named.structure),
    asked: asked(),
    controls: { ...state.controls.value, fixed: state.fixed.value },
    seed: state.seed.value,
    momenta: from ? from.momenta : momentaOfFile(named.structure),
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
      takeFrame(last);
      showEndOfRun(named, movedTo(named.structure, last));
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
    // Dynamics that go on begin with the frame that ended them.
    if (kept.at(-1)?.step !== step)
      state.trace.value = [...(kept.length < mostTrace ? kept : kept.filter((_, i) => i % 2 === 0)), point];
    tell(`step ${step}, ${(time / 1000).toFixed(3)} ps, ${temperature.toFixed(0)} K`);
  });
}

/** Settings of dynamics, which hold from the next step on. */
export function steer(next: Partial<typeof state.controls.value>): void {
  state.controls.value = { ...state.controls.value, ...next };
  sendControls();
}

/** Atoms that stay where they are in runs, from the next step on. */
export function fix(atoms: readonly number[]): void {
  fixAtoms(atoms);
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
  // One step back undoes the whole way of the hand.
  edit(moveAtom(named.structure, atom, position), named.fixed, { forget: phase !== 'start' });
}
