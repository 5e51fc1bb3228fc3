/** Models of earlier visits, in the browser's private storage. */
import { openModel } from '../actions/open.js';
import { isMoving } from '../state.js';
import { forget, kept } from '../storage/kept-list.js';
import type { KeptModel } from '../storage/kept-models.js';

export function KeptModels() {
  const { models, used, most, absent } = kept.value;
  if (absent !== null)
    return (
      <p class="hint">
        This browser keeps no files for this page, perhaps because its window is private: models have to be opened again
        at the next visit. ({absent})
      </p>
    );
  if (models.length === 0) return null;
  return (
    <section aria-labelledby="kept-title">
      <h3 id="kept-title">Kept in this browser</h3>
      <ul class="models">
        {models.map((one) => (
          <Row key={one.file} model={one} />
        ))}
      </ul>
      {used !== null && most !== null && (
        <p class="hint">
          {megabytes(used)} used, {megabytes(most - used)} free. Nobody but this page can read them.
        </p>
      )}
    </section>
  );
}

function Row({ model }: { model: KeptModel }) {
  const { name, bytes, date, file } = model;
  return (
    <li class="kept">
      <span class="what">
        <span class="name">{name}</span>
        <span class="hint">
          {megabytes(bytes)}, {date.toLocaleDateString()}, SHA-256{' '}
          <span class="hash" title={file}>
            {file.slice(0, 12)}…
          </span>
        </span>
      </span>
      <button
        type="button"
        disabled={isMoving.value}
        aria-label={`Open ${name}`}
        onClick={() => void openModel({ kind: 'kept', name, file })}
      >
        Open
      </button>
      <button type="button" class="quiet" aria-label={`Delete ${name}`} onClick={() => void forget(file)}>
        Delete
      </button>
    </li>
  );
}

const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
