/** Structures in: a gallery, files, pasted text, SMILES; and the frames of a file. */
import { useState } from 'preact/hooks';
import { openSmiles, openStructures } from '../actions/open.js';
import { show, showFrame } from '../actions/show.js';
import { takeFile } from '../files/drop.js';
import { clearNotices } from '../actions/notices.js';
import { gallery } from '../files/gallery.js';
import { frames, isMoving, shown } from '../state.js';
import { Panel } from '../ui/panel.js';

export function StructurePanel() {
  const { name } = shown.value ?? {};
  return (
    <Panel title="Structure" place="structure" hint={name}>
      <div class="chips" role="group" aria-label="Gallery">
        {gallery.map((one) => (
          <button
            key={one.name}
            type="button"
            class="chip"
            aria-pressed={name === one.name}
            disabled={isMoving.value}
            onClick={() => {
              clearNotices('structure');
              show(one);
            }}
          >
            {one.name}
          </button>
        ))}
      </div>
      <FileField />
      <Pasting />
      <Smiles />
      <Frames />
    </Panel>
  );
}

function FileField() {
  return (
    <p class="row">
      <label class="button">
        Open a file …
        <input
          type="file"
          class="unseen"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) void takeFile(file);
            currentTarget.value = '';
          }}
        />
      </label>
      <span class="hint">or drop one here: XYZ, CIF, POSCAR, PDB, JSON, a trajectory; or a model</span>
    </p>
  );
}

function Pasting() {
  const [text, setText] = useState('');
  return (
    <details class="more">
      <summary>Paste text</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void openStructures(text, 'pasted text');
        }}
      >
        <label for="paste" class="unseen">
          Text of a structure
        </label>
        <textarea
          id="paste"
          rows={5}
          spellcheck={false}
          value={text}
          placeholder={'3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0'}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit" disabled={text.trim() === ''}>
          Open
        </button>
      </form>
    </details>
  );
}

function Smiles() {
  const [text, setText] = useState('');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void openSmiles(text.trim());
      }}
    >
      <label for="smiles">SMILES</label>
      <input
        id="smiles"
        value={text}
        placeholder="CC(=O)O"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" disabled={text.trim() === ''}>
        Build
      </button>
    </form>
  );
}

function Frames() {
  const all = frames.value;
  if (all.length < 2) return null;
  const { structure, frame: at = 0 } = shown.value ?? {};
  const isChanged = structure !== all[at];
  return (
    <p class="row">
      <label for="frame">
        Frame {at + 1} of {all.length}
        {isChanged && ', changed'}
      </label>
      <input
        id="frame"
        type="range"
        min={0}
        max={all.length - 1}
        value={at}
        disabled={isMoving.value}
        onInput={({ currentTarget }) => showFrame(all[currentTarget.valueAsNumber]!)}
      />
    </p>
  );
}
