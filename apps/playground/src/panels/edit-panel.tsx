/** Changes by hand: supercells, atoms added, deleted, or made others. */
import { useState } from 'preact/hooks';
import { clearNotices, notice } from '../actions/notices.js';
import { edit, redo, undo } from '../actions/show.js';
import {
  addAtom,
  afterDeletion,
  changeElement,
  columnsLost,
  deleteAtoms,
  inCopies,
  infoAtRest,
  repeat,
} from '../files/edit-structure.js';
import { fixed, future, isMoving, past, selected, shown } from '../state.js';
import type { Structure } from '@mace/core/structure';
import { AtomPlace } from './atom-place.js';
import { Panel } from '../ui/panel.js';
import { NumberField } from '../ui/field.js';

export function EditPanel() {
  const { structure } = shown.value ?? {};
  const [element, setElement] = useState('H');
  const [times, setTimes] = useState<readonly [number, number, number]>([2, 1, 1]);
  const chosen = selected.value;
  const copies = times[0] * times[1] * times[2];
  const isBusy = isMoving.value || !structure;
  const change = (make: (structure: Structure) => Structure, fixedThen = fixed.value): void => {
    clearNotices('edit');
    try {
      const made = make(structure!);
      edit(made, fixedThen);
      const lost = columnsLost(structure!, made);
      if (lost.length > 0)
        notice('edit', 'note', `${lost.join(', ')} of the file are left out: they are of the atoms that were there.`);
    } catch (error) {
      notice('edit', 'error', error instanceof Error ? error.message : String(error));
    }
  };
  const add = (): void => {
    const before = shown.value?.structure;
    change((one) => addAtom(one, element, chosen));
    // To be put in its place, or made another.
    if (before && shown.value?.structure !== before) selected.value = [before.numbers.length];
  };
  return (
    <Panel title="Edit" place="edit" open={false}>
      <p class="row">
        <button type="button" disabled={isBusy || past.value.length === 0} onClick={undo}>
          Undo
        </button>
        <button type="button" disabled={isBusy || future.value.length === 0} onClick={redo}>
          Redo
        </button>
        <button
          type="button"
          disabled={isBusy || chosen.length === 0}
          onClick={() => {
            change((one) => deleteAtoms(one, chosen), afterDeletion(fixed.value, chosen));
          }}
        >
          Delete chosen
        </button>
      </p>
      <p class="row">
        <label for="element">Element</label>
        <input
          id="element"
          class="short"
          value={element}
          autocomplete="off"
          onInput={({ currentTarget }) => setElement(currentTarget.value.trim())}
        />
        <button
          type="button"
          disabled={isBusy || chosen.length === 0}
          onClick={() => change((one) => changeElement(one, chosen, element))}
        >
          Change chosen
        </button>
        <button type="button" disabled={isBusy} onClick={add}>
          Add an atom
        </button>
      </p>
      {structure && <AtomPlace structure={structure} />}
      {structure?.cell && (
        <fieldset disabled={isBusy}>
          <legend>Supercell</legend>
          <div class="fields">
            {(['a', 'b', 'c'] as const).map((axis, i) => (
              <NumberField
                key={axis}
                label={`Times ${axis}`}
                value={times[i]!}
                min={1}
                max={20}
                step={1}
                onChange={(value) => setTimes(times.map((one, j) => (j === i ? value : one)) as never)}
              />
            ))}
            <button
              type="button"
              disabled={copies === 1}
              onClick={() => {
                change((one) => repeat(one, times), inCopies(fixed.value, structure.numbers.length, copies));
                const { head: _, ...ofCell } = infoAtRest(structure);
                if (Object.keys(ofCell).length > 0)
                  notice(
                    'edit',
                    'note',
                    `${Object.keys(ofCell).join(', ')} of the file are of one cell, and left out.`,
                  );
              }}
            >
              Make a supercell
            </button>
          </div>
        </fieldset>
      )}
    </Panel>
  );
}
