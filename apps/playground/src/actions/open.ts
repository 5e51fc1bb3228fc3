/** Opens structures and models, from files, from a name, or pasted. */
import { batch } from '@preact/signals';
import { backendEntry } from '../engine/backend-list.js';
import { Engine, type Task } from '../engine/engine.js';
import type { Choice, ModelSource, Progress, TaskName, Tasks } from '../engine/messages.js';
import * as state from '../state.js';
import { kept } from '../storage/kept-list.js';
import { evaluate } from './evaluate.js';
import { heldByFile } from './held-by-file.js';
import { clearNotices, notice } from './notices.js';
import { show } from './show.js';
import { afterMoving, alone, engine, fail, follow, tell } from './tasks.js';

type Read = Tasks['read']['output'];

/** Molecules are built in a worker of their own, which ends where people stop it. */
const builder = new Engine({ lost: (why) => notice('structure', 'error', `The molecule could not be built: ${why}`) });

/** Opens a file or a pasted text of structures. What runs goes on until that has been read, and for good where it cannot be. */
export async function openStructures(content: Uint8Array | string, name: string): Promise<void> {
  clearNotices('structure');
  const read = await inSightOrBeside({ kind: 'read', text: `reading ${name}` }, () =>
    engine.begin('read', { content, name }),
  );
  if (read) await afterMoving(() => showRead(read, name));
}

/** Builds a molecule with its hydrogens, and shows it. */
export async function openSmiles(smiles: string): Promise<void> {
  clearNotices('structure');
  const cancel = (): void => builder.end('stopped');
  const built = await inSightOrBeside({ kind: 'read', text: `building ${smiles}`, cancel }, () =>
    builder.begin('build', { smiles }),
  );
  if (!built) return;
  await afterMoving(() => {
    show({ name: smiles, structure: built.structure });
    for (const text of built.notes) notice('structure', 'note', text);
  });
}

/** A task that people see and can stop; one beside a run or a model on its way, which go on. */
async function inSightOrBeside<Name extends TaskName>(
  activity: state.Activity,
  begin: () => Task<Name>,
): Promise<Tasks[Name]['output'] | null> {
  if (!state.isMoving.value && state.activity.value?.kind !== 'open')
    return alone(() => follow('structure', activity, begin()));
  return await begin().done.catch((error: unknown) => {
    fail('structure', error);
    return null;
  });
}

function showRead(read: Read, name: string): void {
  const [structure] = read.structures;
  batch(() => {
    const ofFile = read.structures.length > 1 ? { frames: read.structures, frame: 0 } : {};
    show({ name, structure: structure!, fixed: heldByFile(structure!), ...ofFile });
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
  const source = given ?? (state.opened.value ? null : whereItIsNow(openSource));
  clearNotices(place);
  state.isStranded.value = false;
  const told = ({ text, fraction }: Progress): void => tell(text, fraction);
  const task = engine.begin('open', { source, choice: next }, told);
  const done = await follow(place, { kind: 'open', text: 'opening', cancel: task.cancel }, task);
  if (!done) {
    state.isStranded.value = state.opened.value === null;
    return false;
  }
  openSource = source ?? openSource;
  clearNotices('run');
  batch(() => {
    state.opened.value = done;
    state.choice.value = done.choice;
    if (backendEntry(done.choice.backend).precisions.length > 1) state.chosenPrecision.value = done.choice.precision;
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

/** What was downloaded is kept, and is not downloaded again. */
function whereItIsNow(source: ModelSource): ModelSource {
  const here = source.kind === 'published' && kept.value.models.find((one) => one.published === source.name);
  return here ? { kind: 'kept', name: here.name, file: here.file } : source;
}
