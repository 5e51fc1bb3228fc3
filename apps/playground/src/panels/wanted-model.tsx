/** Asks for the model of a link that is not here. */
import { openModel } from '../actions/open.js';
import { wanted } from '../share/setup.js';
import { reveal } from '../ui/reveal.js';
import { ModelFile } from './model-file.js';

export function WantedModel() {
  const { model } = wanted.value ?? {};
  // The bundled one is on its way.
  if (!model || model.kind === 'bundled') return null;
  return (
    <div class="notice" role="status">
      {model.kind === 'published' ? (
        <p>These settings are for the published model {model.name}, which is not in this browser.</p>
      ) : (
        <p>
          These settings are for the model file {model.name}, which is not in this browser: drop it here, or choose it.
          Its SHA-256 is <span class="hash">{model.sha256}</span>.
        </p>
      )}
      <p class="row">
        {model.kind === 'published' ? (
          <button type="button" onClick={() => reveal(`published-${model.name}`)}>
            Show it
          </button>
        ) : (
          <ModelFile label="Choose the file …" />
        )}
        <button
          type="button"
          onClick={() => {
            wanted.value = null;
            void openModel({ kind: 'bundled' });
          }}
        >
          Use the bundled model
        </button>
      </p>
    </div>
  );
}
