/** Which backends take part, in which precision; those that cannot say why. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { backendList, type BackendName } from '../engine/backend-list.js';
import { precisionTitles, reasonAgainstIn, type ChosenBackends, type Precision } from '../trials/chosen.js';
import { SelectField } from '../ui/field.js';

const precisions: readonly Precision[] = ['f32', 'f64'];

/** @param props - `children`: what else is chosen, and begins it */
export function BackendChoice(props: {
  chosen: Signal<ChosenBackends>;
  disabled: boolean;
  children: ComponentChildren;
}) {
  const { chosen, disabled } = props;
  const { names, precision } = chosen.value;
  const toggle = (name: BackendName): void => {
    const next = names.includes(name) ? names.filter((one) => one !== name) : [...names, name];
    chosen.value = { names: next, precision };
  };
  return (
    <>
      <fieldset class="backends" disabled={disabled}>
        <legend>Backends</legend>
        {backendList.map(({ name, title, note }) => {
          const reason = reasonAgainstIn(name, precision);
          return (
            <label key={name} class="check backend" data-off={reason !== null || undefined}>
              <input
                type="checkbox"
                value={name}
                checked={reason === null && names.includes(name)}
                disabled={reason !== null}
                onChange={() => toggle(name)}
              />
              <span>
                {title}
                <small>{reason ?? note}</small>
              </span>
            </label>
          );
        })}
      </fieldset>
      <div class="begin">
        <SelectField
          label="Precision"
          value={precision}
          disabled={disabled}
          options={precisions.map((one) => [one, precisionTitles[one]])}
          onChange={(next) => (chosen.value = { names, precision: next })}
        />
        {props.children}
      </div>
    </>
  );
}
