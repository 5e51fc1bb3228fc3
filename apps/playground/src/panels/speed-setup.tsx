/** What the speed page times: backends, precision, tables, how many runs; begin and stop. */
import { runnable } from '../trials/chosen.js';
import { chosen, isTiming, repeats, runSpeed, speedRuns, stopSpeed, tables } from '../trials/speed.js';
import { CheckField, NumberField } from '../ui/field.js';
import { BackendChoice } from './backend-choice.js';

export function SpeedSetup() {
  const count = runnable(chosen.value).length;
  const done = speedRuns.value.filter(({ status }) => !['waiting', 'running'].includes(status)).length;
  return (
    <section class="card setup" aria-label="What runs">
      <BackendChoice chosen={chosen} disabled={isTiming.value}>
        <NumberField
          label="Timed runs"
          value={repeats.value}
          min={1}
          max={1000}
          step={1}
          disabled={isTiming.value}
          onChange={(next) => (repeats.value = next)}
        />
        <CheckField
          label="Functions of distance from tables"
          value={tables.value}
          disabled={isTiming.value}
          onChange={(next) => (tables.value = next)}
        />
        {isTiming.value ? (
          <button type="button" onClick={stopSpeed}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" disabled={count === 0} onClick={() => void runSpeed()}>
            Time {count} {count === 1 ? 'backend' : 'backends'}
          </button>
        )}
        <span class="hint" role="status">
          {speedRuns.value.length > 0 && `${done} of ${speedRuns.value.length} done`}
        </span>
      </BackendChoice>
    </section>
  );
}
