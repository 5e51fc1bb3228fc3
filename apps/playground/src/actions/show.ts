/** The structure that is shown: another one, an edited one, an earlier one. */
import { batch } from '@preact/signals';
import type { Structure } from '@mace/core/structure';
import { isCrystal } from '../files/crystal.js';
import * as state from '../state.js';
import { evaluate } from './evaluate.js';
import { clearNotices, notice } from './notices.js';

/** Structures that people can go back to, fewer where they are large: the sum of their atoms. */
const mostPast = 100;
const mostPastAtoms = 1_000_000;

/**
 * Shows a structure, and computes it. What is shown now can be gone back to.
 * @param options - `forget`: not to what is shown now; `keepsNotices`: of the run that led here
 */
export function show(next: state.Named, { forget = false, keepsNotices = false } = {}): void {
  if (!keepsNotices) clearNotices('run');
  batch(() => {
    const now = state.shown.value;
    if (now && !forget) state.past.value = latest([...state.past.value, now]);
    state.future.value = [];
    place(next);
  });
}

/** Those at the end for which there is room. */
function latest(past: readonly state.Named[]): readonly state.Named[] {
  let atoms = 0;
  const kept = past.slice(-mostPast).reverse();
  return kept.filter(({ structure }) => (atoms += structure.numbers.length) <= mostPastAtoms).reverse();
}

/** Replaces the atoms, keeping the name. */
export function edit(structure: Structure): void {
  const { name = 'structure' } = state.shown.value ?? {};
  show({ name, structure });
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
  keepEnsemble(next.structure);
  if (before?.length !== numbers.length || before.some((number, atom) => number !== numbers[atom])) forgetAtoms();
  void evaluate();
}

/** A molecule has no pressure. */
function keepEnsemble(structure: Structure): void {
  if (state.controls.value.ensemble !== 'npt' || isCrystal(structure)) return;
  state.controls.value = { ...state.controls.value, ensemble: 'nvt' };
  notice('run', 'note', 'Dynamics at constant pressure need a cell: constant temperature is chosen instead.');
}

/** What is known of atoms by their numbers means nothing for others. */
function forgetAtoms(): void {
  state.selected.value = [];
  state.fixed.value = [];
  state.path.value = [];
  state.trace.value = [];
}
