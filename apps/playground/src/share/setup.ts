/** What a link and a kept session hold beside atoms: the model by name, how it is asked, settings of runs, and the look. */
import { batch, signal } from '@preact/signals';
import type { Structure } from '@mace/core/structure';
import type { Choice, Controls, ModelFacts } from '../engine/messages.js';
import * as state from '../state.js';

/** A model that others can have too. */
export type ModelReference =
  | { readonly kind: 'bundled' }
  | { readonly kind: 'published'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly sha256: string };

export interface Setup {
  readonly model: ModelReference;
  readonly choice: Choice;
  readonly head: string | null;
  readonly inputs: Readonly<Record<string, number>>;
  /** Atoms, counted from 0. */
  readonly fixed: readonly number[];
  readonly relaxation: state.RelaxSettings;
  readonly dynamics: Omit<Controls, 'fixed'>;
  /** Of the random numbers of the next dynamics. */
  readonly seed: number;
  readonly look: state.Look;
}

/** What a link holds. */
export interface Shared {
  readonly name: string;
  /** Elements, positions, cell, periodic directions, and charge and the like; nothing else of it is in a link. */
  readonly structure: Structure;
  readonly setup: Setup;
}

/** What a link or a kept session is for, until its model is open. */
export const wanted = signal<Setup | null>(null);

/** The settings as they are now. */
export function setupOfNow(): Setup {
  const { facts } = state.opened.value ?? {};
  return {
    model: facts ? referenceTo(facts) : (wanted.value?.model ?? { kind: 'bundled' }),
    choice: state.choice.value,
    head: state.head.value,
    inputs: state.inputs.value,
    fixed: state.fixed.value,
    relaxation: state.relaxSettings.value,
    dynamics: state.controls.value,
    seed: state.seed.value,
    look: state.look.value,
  };
}

/** Takes all settings but those that need the model, and the fixed atoms, which go with the structure. */
export function takeSetup(setup: Setup): void {
  batch(() => {
    state.relaxSettings.value = setup.relaxation;
    state.controls.value = setup.dynamics;
    state.look.value = setup.look;
    state.seed.value = setup.seed;
  });
}

export function isOf(reference: ModelReference, facts: ModelFacts): boolean {
  if (reference.kind === 'bundled') return facts.source === 'bundled';
  if (reference.kind === 'published') return facts.published === reference.name;
  return facts.sha256 === reference.sha256;
}

function referenceTo({ source, published, name, sha256 }: ModelFacts): ModelReference {
  if (source === 'bundled') return { kind: 'bundled' };
  if (published !== null) return { kind: 'published', name: published };
  return { kind: 'file', name, sha256: sha256! };
}
