/** The structure that is shown: another one, an edited one, an earlier one. */
import { batch } from '@preact/signals';
import type { Structure } from '@mace/core/structure';
import * as state from '../state.js';
import { evaluate } from './evaluate.js';
import { heldByFile } from './held-by-file.js';
import { clearNotices, notice } from './notices.js';

/** Structures that people can go back to, fewer where they are large: the sum of their atoms. */
const mostPast = 100;
const mostPastAtoms = 1_000_000;

/**
 * Shows another structure, and computes it. What is shown now can be gone back to.
 * @param options - `forget`: not to what is shown now
 */
export function show(next: state.Named, { forget = false } = {}): void {
  batch(() => {
    state.selected.value = [];
    forgetRun();
    sayInputs();
    remember(next, forget);
  });
}

/** Shows where a run has brought the atoms of what was shown when it began; what it has told of itself stays. */
export function showEndOfRun(begun: state.Named, structure: Structure): void {
  batch(() => remember({ ...begun, fixed: state.fixed.value, structure }));
}

/**
 * Shows the same structure changed by hand.
 * @param fixed - those atoms that stay in runs, by their new numbers @param options - `forget`: what is shown now cannot be gone back to
 */
export function edit(structure: Structure, fixed = state.fixed.value, { forget = false } = {}): void {
  batch(() => {
    forgetRun();
    remember({ ...state.shown.value!, structure, fixed }, forget);
  });
}

/** Shows another structure of the file that is open. Where this one was changed it can be gone back to. */
export function showFrame(structure: Structure): void {
  const { name, structure: now, frames = [] } = state.shown.value!;
  clearNotices('structure');
  const isOfItsOwn = structure.arrays['move_mask'] !== undefined || !haveSameElements(now, structure);
  const fixed = isOfItsOwn ? heldByFile(structure) : state.fixed.value;
  const isLost = isOfItsOwn && structure.arrays['move_mask'] === undefined && state.fixed.value.length > 0;
  show({ name, structure, fixed, frames, frame: frames.indexOf(structure) }, { forget: frames.includes(now) });
  for (const warning of structure.warnings ?? []) notice('structure', 'note', warning);
  if (isLost) notice('structure', 'note', 'This frame has other elements: no atom is fixed in it.');
}

/** Atoms that stay where they are in runs. At rest it can be undone; in a run, together with where that brings the atoms. */
export function fixAtoms(atoms: readonly number[]): void {
  const now = state.shown.value;
  if (!now) return;
  batch(() => {
    if (!state.isMoving.value) keepAsPast(now);
    state.shown.value = { ...now, fixed: [...new Set(atoms)].sort((a, b) => a - b) };
    keepEnsemble();
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
    from.value = from.value.slice(0, -1);
    to.value = [...to.value, now];
    if (next.structure === now.structure) {
      // Other atoms are fixed, and nothing has moved.
      state.shown.value = next;
      keepEnsemble();
      return;
    }
    forgetRun();
    place(next);
  });
}

function remember(next: state.Named, forget = false): void {
  const now = state.shown.value;
  if (now && !forget) keepAsPast(now);
  state.future.value = [];
  place(next);
}

function keepAsPast(now: state.Named): void {
  state.past.value = latest([...state.past.value, now]);
  state.future.value = [];
}

/** Those at the end for which there is room. */
function latest(past: readonly state.Named[]): readonly state.Named[] {
  let atoms = 0;
  const kept = past.slice(-mostPast).reverse();
  return kept.filter(({ structure }) => (atoms += structure.numbers.length) <= mostPastAtoms).reverse();
}

function place(next: state.Named): void {
  const before = state.shown.value?.structure;
  clearNotices('edit');
  state.shown.value = next;
  state.live.value = null;
  state.evaluated.value = null;
  // Dynamics went on from elsewhere.
  state.frame.value = null;
  keepEnsemble();
  // Chosen atoms are numbers, which mean nothing among others.
  if (!before || !haveSameElements(before, next.structure)) state.selected.value = [];
  void evaluate();
}

/** What was said of another structure, as its charge, may be wrong for this one. */
function sayInputs(): void {
  const said = Object.entries(state.inputs.value).map(([name, value]) => `${name} ${value}`);
  if (said.length > 0) notice('run', 'note', `${said.join(', ')} holds for this structure too. Change it under Model.`);
}

function haveSameElements(one: Structure, other: Structure): boolean {
  return one.numbers.length === other.numbers.length && one.numbers.every((z, atom) => z === other.numbers[atom]);
}

/** A molecule has no pressure, and a cell that changes moves all its atoms. */
function keepEnsemble(): void {
  if (state.controls.value.ensemble !== 'npt' || state.canChangeCell.value) return;
  state.controls.value = { ...state.controls.value, ensemble: 'nvt' };
  const need = 'Dynamics at constant pressure need a cell and no fixed atoms';
  notice('run', 'note', `${need}: constant temperature is chosen instead.`);
}

/** Plots, and what was said, of a run of other atoms or from elsewhere. */
function forgetRun(): void {
  clearNotices('run');
  state.path.value = [];
  state.trace.value = [];
}
