/** What computes: backend, precision, tables; and why one cannot run here. */
import { openModel } from '../actions/open.js';
import { backendEntry, backendList, type BackendName } from '../engine/backend-list.js';
import { reasonAgainst } from '../engine/browser.js';
import { precisionTitles, type Precision } from '../trials/chosen.js';
import { choice, chosenPrecision, evaluated, isMoving, opened, shown } from '../state.js';
import { CheckField, SelectField } from '../ui/field.js';
import { Panel } from '../ui/panel.js';

export function BackendPanel() {
  const now = choice.value;
  const entry = backendEntry(now.backend);
  const { milliseconds } = evaluated.value ?? {};
  const atoms = shown.value?.structure.numbers.length ?? 0;
  const choose = (backend: BackendName): void => {
    const { precisions } = backendEntry(backend);
    const wanted = chosenPrecision.value;
    const precision = precisions.includes(wanted) ? wanted : precisions[0]!;
    void openModel(null, { ...now, backend, precision });
  };
  return (
    <Panel title="Backend" place="backend" hint={`${entry.title}, ${precisionTitles[now.precision]}`} open={false}>
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
        options={entry.precisions.map((one) => [one, precisionTitles[one]])}
        onChange={(precision) => void openModel(null, { ...now, precision })}
      />
      <CheckField
        label="Functions of distance from tables (faster)"
        value={now.tables}
        disabled={isMoving.value}
        onChange={(tables) => void openModel(null, { ...now, tables })}
      />
      <p class="hint">
        {entry.note}{' '}
        {!entry.precisions.includes(chosenPrecision.value) && onlyText(now.precision, chosenPrecision.value)}
        {opened.value?.device}
        {milliseconds !== undefined && atoms > 0 && `; ${((1000 * milliseconds) / atoms).toFixed(0)} µs/atom`}
      </p>
    </Panel>
  );
}

function onlyText(only: Precision, chosen: Precision): string {
  return `It computes in ${precisionTitles[only]} only; ${precisionTitles[chosen]} comes back with a backend that has it. `;
}
