/** A molecule that turns, and its forces with it: computed anew at each angle, beside those of the start turned by the same rotation. */
import { useEffect } from 'preact/hooks';
import { backendEntry, backendList } from '../engine/backend-list.js';
import { precisionTitles, reasonAgainstIn, type Precision } from '../trials/chosen.js';
import {
  allowed,
  choice,
  failure,
  isTurning,
  ownDifference,
  rotated,
  seen,
  startTurning,
  stopTurning,
  turned,
} from '../trials/rotation.js';
import { SelectField } from '../ui/field.js';
import { fractionText, numberText } from '../ui/numbers.js';
import { RotationTrace } from './rotation-trace.js';
import { SmallView } from './small-view.js';

export function RotationPanel() {
  useEffect(() => stopTurning, []);
  const { backend, precision } = choice.value;
  const { precisions } = backendEntry(backend);
  const now = turned.value;
  const largest = seen.value.reduce((most, one) => Math.max(most, one.difference), 0);
  const most = allowed.value;
  return (
    <section class="card" aria-labelledby="rotation">
      <header>
        <h2 id="rotation">Forces turn with the molecule</h2>
        {now && (
          <p class={`verdict ${largest <= most ? 'good' : 'bad'}`}>
            {largest <= most ? 'equivariant' : 'not equivariant'}: at most {numberText(largest)} eV/Å,{' '}
            {fractionText(largest / most)} of what is allowed
          </p>
        )}
      </header>
      <p class="hint">
        The check of the kit, to be seen: ethanol is turned about a skewed axis. Left are the forces that the backend
        computes of the turned molecule, right those of the first angle turned by the same rotation. They must be equal.
      </p>
      <div class="begin">
        <SelectField
          label="Backend of the turning molecule"
          value={backend}
          disabled={isTurning.value}
          options={backendList.map(({ name, title }) => {
            const reason = reasonAgainstIn(name, backendEntry(name).precisions[0]!);
            return [name, reason === null ? title : `${title} — ${reason}`, reason !== null];
          })}
          onChange={(next) => {
            const own = backendEntry(next).precisions;
            choose({ backend: next, precision: own.includes(precision) ? precision : own[0]! });
          }}
        />
        <SelectField
          label="Its precision"
          value={precision}
          disabled={isTurning.value || precisions.length < 2}
          options={precisions.map((one): [Precision, string] => [one, precisionTitles[one]])}
          onChange={(next) => choose({ backend, precision: next })}
        />
        {isTurning.value ? (
          <button type="button" onClick={stopTurning}>
            Stop turning
          </button>
        ) : (
          <button type="button" class="primary" onClick={() => void startTurning()}>
            Turn it
          </button>
        )}
      </div>
      {failure.value !== null && (
        <p class="notice error" role="alert">
          {failure.value}
        </p>
      )}
      <div class="two-views">
        <SmallView
          title="computed at this angle: F(R x)"
          structure={rotated}
          positions={now?.positions}
          forces={now?.forces}
        />
        <SmallView
          title="of the first angle, turned: R F(x)"
          structure={rotated}
          positions={now?.positions}
          forces={now?.turnedForces}
        />
      </div>
      {now && (
        <>
          <dl class="three">
            <div>
              <dt>Angle</dt>
              <dd data-quantity="angle">{now.angle}°</dd>
            </div>
            <div>
              <dt>Forces differ by at most</dt>
              <dd data-quantity="difference" data-value={now.difference}>
                {numberText(now.difference)}
              </dd>
              <dd class="unit">eV/Å at this angle</dd>
            </div>
            <div>
              <dt>The energy by</dt>
              <dd>{numberText(now.energyDifference)}</dd>
              <dd class="unit">eV</dd>
            </div>
          </dl>
          <RotationTrace />
          {ownDifference.value > 0 && (
            <p class="hint">
              The coefficients of this model are stored in float32, so it is itself no more equivariant than that: the
              reference in float64 differs by {numberText(ownDifference.value)} eV/Å.
            </p>
          )}
        </>
      )}
    </section>
  );
}

function choose(next: typeof choice.value): void {
  choice.value = next;
  turned.value = null;
  seen.value = [];
}
