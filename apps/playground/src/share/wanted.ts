/** The model that a link or a kept session is for: opened where it is here, asked for where it is not. */
import { batch, effect } from '@preact/signals';
import { clearNotices, notice } from '../actions/notices.js';
import { openModel } from '../actions/open.js';
import { choice, defaultChoice, evaluated, head, inputs, notices, opened } from '../state.js';
import { keptModels } from '../storage/kept-models.js';
import { isOf, wanted, type ModelReference, type Setup } from './setup.js';

/** Where the wanted model opens, from wherever, it is asked as the link says. */
export function followWanted(): void {
  effect(() => {
    const [setup, { facts }] = [wanted.value, opened.value ?? {}];
    if (!setup || !facts || !isOf(setup.model, facts)) return;
    batch(() => {
      head.value = setup.head;
      inputs.value = setup.inputs;
      wanted.value = null;
    });
  });
}

/** Nothing of another model is shown as if it were of the one of this setup, until that is open. */
export function waitFor(setup: Setup): void {
  batch(() => {
    wanted.value = setup;
    opened.value = null;
    evaluated.value = null;
  });
}

/** Opens the model of a setup that is waited for, on its backend or where that cannot run here on the default one. Else no model is open, and the page asks for it. */
export async function openWanted(setup: Setup): Promise<void> {
  const source = await sourceOf(setup.model);
  if (!source) {
    choice.value = setup.choice;
    return;
  }
  if (await openModel(source, setup.choice)) return;
  const why = notices.value.find((one) => one.place === 'model')?.text ?? '';
  if (!(await openModel(source, defaultChoice))) return;
  clearNotices('model');
  notice('backend', 'error', `${why} The default backend computes in its place.`);
}

type Here = { kind: 'bundled' } | { kind: 'kept'; name: string; file: string };

async function sourceOf(model: ModelReference): Promise<Here | null> {
  if (model.kind === 'bundled') return { kind: 'bundled' };
  const models = await keptModels().catch(() => []);
  const found = models.find((one) =>
    model.kind === 'published' ? one.published === model.name : one.sha256 === model.sha256,
  );
  return found ? { kind: 'kept', name: found.name, file: found.file } : null;
}
