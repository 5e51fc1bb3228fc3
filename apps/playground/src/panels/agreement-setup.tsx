/** What the agreement page runs: backends, precision, how much of the kit; begin and stop. */
import {
  chosen,
  extent,
  extents,
  isRunning,
  runAgreement,
  runs,
  stopAgreement,
  type Extent,
} from '../trials/agreement.js';
import { runnable } from '../trials/chosen.js';
import { SelectField } from '../ui/field.js';
import { BackendChoice } from './backend-choice.js';

export function AgreementSetup() {
  const count = runnable(chosen.value).length;
  const done = runs.value.filter(({ status }) => !['waiting', 'running'].includes(status)).length;
  return (
    <section class="card setup" aria-label="What runs">
      <BackendChoice chosen={chosen} disabled={isRunning.value}>
        <SelectField
          label="Cases"
          value={extent.value}
          disabled={isRunning.value}
          options={(Object.keys(extents) as Extent[]).map((one) => [one, extents[one].title])}
          onChange={(next) => (extent.value = next)}
        />
        {isRunning.value ? (
          <button type="button" onClick={stopAgreement}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" disabled={count === 0} onClick={() => void runAgreement()}>
            Run {count} {count === 1 ? 'backend' : 'backends'}
          </button>
        )}
        <span class="hint" role="status">
          {runs.value.length > 0 && `${done} of ${runs.value.length} done`}
        </span>
      </BackendChoice>
    </section>
  );
}
