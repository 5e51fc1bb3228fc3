/** Offers to compute again where a worker or a device was lost. */
import { openModel } from '../actions/open.js';
import { backendEntry } from '../engine/backend-list.js';
import { wanted } from '../share/setup.js';
import { choice, defaultChoice, isStranded } from '../state.js';

export function StartAgain() {
  // A link's model is asked for in its own words.
  if (!isStranded.value || (wanted.value && wanted.value.model.kind !== 'bundled')) return null;
  const { backend } = choice.value;
  return (
    <div class="notice" role="status">
      <p>No model is open, so nothing is computed. What you see, its history and your settings are still here.</p>
      <p class="row">
        <button type="button" class="primary" onClick={() => void openModel(null)}>
          Try again
        </button>
        {backend !== defaultChoice.backend && (
          <button type="button" onClick={() => void openModel(null, defaultChoice)}>
            Go on with {backendEntry(defaultChoice.backend).title}
          </button>
        )}
      </p>
    </div>
  );
}
