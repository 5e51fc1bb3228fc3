/** What computes: backend, precision, tables; and why one cannot run here. */
import { openModel } from '../actions/open.js';
import { backendEntry, backendList, type BackendName } from '../engine/backend-list.js';
import { reasonAgainst } from '../engine/browser.js';
import { choice, evaluated, isMoving, opened, shown } from '../state.js';
import { CheckField, SelectField } from '../ui/field.js';
import { Panel } from '../ui/panel.js';

export function BackendPanel() {
  const now = choice.value;
  const entry = backendEntry(now.backend);
  const { milliseconds } = evaluated.value ?? {};
  const atoms = shown.value?.structure.numbers.length ?? 0;
  const choose = (backend: BackendName): void => {
    const { precisions } = backendEntry(backend);
    const precision = precisions.includes(now.precision) ? now.precision : precisions[0]!;
    void openModel(null, { ...now, backend, precision });
  };
  return (
    <Panel title="Backend" place="backend" hint={entry.title} open={false}>
      <SelectField
        label="Backend"
        value={now.backend}
        disabled={isMoving.value}
        options={backendList.map((one) => {
          const reason = reasonAgainst(one);
          return [one.name, reason ? `${one.title} — ${reason}` : one.title, reason !== null];
        })}
        onChange={choose}
      />
      <SelectField
        label="Precision"
        value={now.precision}
        disabled={isMoving.value || entry.precisions.length < 2}
        options={entry.precisions.map((one) => [one, one === 'f64' ? 'float64' : 'float32'])}
        onChange={(precision) => void openModel(null, { ...now, precision })}
      />
      <CheckField
        label="Functions of distance from tables (faster)"
        value={now.tables}
        disabled={isMoving.value}
        onChange={(tables) => void openModel(null, { ...now, tables })}
      />
      <p class="hint">
        {entry.note} {opened.value?.device}
        {milliseconds !== undefined && atoms > 0 && `; ${((1000 * milliseconds) / atoms).toFixed(0)} µs/atom`}
      </p>
    </Panel>
  );
}
