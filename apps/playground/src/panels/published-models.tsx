/** Published models by name: what they are before anything is fetched, a yes where the licence asks for one, then the download. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { modelsCovering, publishedModels, type PublishedModel } from '@mace/models';
import { clearNotices } from '../actions/notices.js';
import { openModel } from '../actions/open.js';
import { stop } from '../actions/tasks.js';
import { activity, isMoving, notices, onlyCovering, opened, shown } from '../state.js';
import { kept } from '../storage/kept-list.js';
import { CheckField } from '../ui/field.js';
import { LicenceLink } from './model-facts.js';
import { ModelFile } from './model-file.js';
import { PeriodicTable } from './periodic-table.js';

export function PublishedModels() {
  const asked = [...new Set(shown.value?.structure.numbers)];
  const listed = onlyCovering.value ? modelsCovering(asked) : publishedModels;
  return (
    <details class="more" id="published">
      <summary>Published models</summary>
      <CheckField
        label="Only those that know all elements of this structure"
        value={onlyCovering.value}
        onChange={(next) => (onlyCovering.value = next)}
      />
      <p class="hint">{listed.length === 0 ? 'None.' : `${listed.length} of ${publishedModels.length} models.`}</p>
      <p class="hint">
        Names, licences, elements and hashes are those that the makers of MACE publish (mace-torch 0.3.16,{' '}
        <Outside address="https://github.com/ACEsuit/mace-foundations">mace-foundations</Outside>), and came with this
        page: nothing is asked of anybody before you press Download.
      </p>
      <ul class="models">
        {listed.map((one) => (
          <li key={one.name}>
            <details name="published-model" id={`published-${one.name}`}>
              <summary>
                <span class="name">{one.title}</span>
                <span class="hint">
                  {one.elements.length > 0 ? `${one.elements.length} elements, ` : ''}
                  {one.licence}, size unknown, {one.sha256 ? 'with hash' : 'no hash published'}
                </span>
              </summary>
              <Facts model={one} asked={asked} />
              <Getting model={one} />
            </details>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Facts({ model, asked }: { model: PublishedModel; asked: readonly number[] }) {
  return (
    <dl class="facts">
      <dt>Name</dt>
      <dd>{model.name}</dd>
      <dt>Elements</dt>
      <dd>
        {model.elements.length > 0 ? (
          <PeriodicTable known={model.elements} asked={asked} />
        ) : (
          'not stated by its makers'
        )}
      </dd>
      {model.cutoff !== undefined && (
        <>
          <dt>Cutoff</dt>
          <dd>{model.cutoff} Å</dd>
        </>
      )}
      {model.heads.length > 0 && (
        <>
          <dt>Heads</dt>
          <dd>{model.heads.join(', ')}</dd>
        </>
      )}
      <dt>Trained on</dt>
      <dd>
        {model.trainedOn} (<Outside address={`https://doi.org/${model.doi}`}>paper</Outside>)
      </dd>
      <dt>Licence</dt>
      <dd>
        <LicenceLink licence={model.licence} />
      </dd>
      <dt>SHA-256</dt>
      <dd class={model.sha256 && 'hash'}>
        {model.sha256 ?? 'not stated by its makers; computed and shown once it is here'}
      </dd>
      <dt>File</dt>
      <dd>
        <Outside address={model.address}>{model.address.split('/').at(-1)}</Outside> of {new URL(model.address).host}
      </dd>
      <dt>File size</dt>
      <dd>unknown: its makers do not state it; its host says it when the download begins, which can be cancelled</dd>
    </dl>
  );
}

/** Licences that somebody has accepted in this visit. */
const accepted = signal<readonly string[]>([]);
/** The model whose host did not give its file to this page. */
const unreachable = signal<string | null>(null);

function Getting({ model }: { model: PublishedModel }) {
  const [isAsked, setAsked] = useState(false);
  const { name, licence, refused } = model;
  if (refused) return <p class="notice">It cannot be computed here: {refused}.</p>;
  const here = kept.value.models.find((one) => one.published === name);
  const isFree = licence === 'MIT' || accepted.value.includes(licence);
  const isBusy = isAsked && activity.value?.kind === 'open';
  const get = async (): Promise<void> => {
    setAsked(true);
    unreachable.value = null;
    const isOpen = await (here
      ? openModel({ kind: 'kept', name: here.name, file: here.file })
      : openModel({ kind: 'published', name, acceptedLicences: accepted.value }));
    setAsked(false);
    if (isOpen || !notices.value.some((one) => one.place === 'model' && one.reason === 'unreachable')) return;
    // Said here, with what to do.
    clearNotices('model');
    unreachable.value = name;
  };
  return (
    <>
      {licence !== 'MIT' && !here && (
        <CheckField
          label="My use is academic: I have read the Academic Software License and accept it."
          value={isFree}
          onChange={(yes) =>
            (accepted.value = accepted.value.filter((one) => one !== licence).concat(yes ? [licence] : []))
          }
        />
      )}
      <p class="row">
        <button
          type="button"
          class="primary"
          disabled={isMoving.value || isBusy || !(here || isFree)}
          onClick={() => void get()}
        >
          {here ? 'Open the kept file' : 'Download and open'}
        </button>
        {isBusy && (
          <button type="button" onClick={() => void stop()}>
            Cancel
          </button>
        )}
        {opened.value?.facts.published === name && <span class="hint">This is the open model.</span>}
      </p>
      {isBusy && (
        <>
          <progress aria-label={`Download of ${model.title}`} max={1} value={activity.value?.fraction} />
          <p class="hint">{activity.value?.text}</p>
        </>
      )}
      {unreachable.value === name && <ByHand model={model} />}
    </>
  );
}

/** The way by hand, for hosts that do not let pages read their files. */
function ByHand({ model }: { model: PublishedModel }) {
  const { host } = new URL(model.address);
  if (!navigator.onLine)
    return (
      <p class="notice error">There is no connection. Try again when there is one, or open a file that you have.</p>
    );
  return (
    <div class="notice" role="alert">
      <p>{host} does not let this page read the file, or cannot be reached. The browser itself may download it:</p>
      <ol>
        <li>
          <Outside address={model.address}>Download {model.address.split('/').at(-1)}</Outside>
        </li>
        <li>Drop it anywhere on this page, or choose it here. It is read, never executed.</li>
      </ol>
      <ModelFile label="Choose the downloaded file …" />
    </div>
  );
}

function Outside({ address, children }: { address: string; children: preact.ComponentChildren }) {
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
