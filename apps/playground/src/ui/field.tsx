/** Labelled controls of forms. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export function NumberField(props: {
  label: string;
  unit?: string;
  value: number;
  min?: number;
  max?: number;
  step?: number | 'any';
  disabled?: boolean;
  onChange: (value: number) => void;
}) {
  const { label, unit, value, onChange, step = 'any', ...rest } = props;
  const id = useId();
  const take = (input: HTMLInputElement): void => {
    const next = input.valueAsNumber;
    if (input.validity.valid && Number.isFinite(next)) onChange(next);
    else input.reportValidity();
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="with-unit">
        <input
          id={id}
          type="number"
          inputMode="decimal"
          step={step}
          value={value}
          required
          {...rest}
          onChange={({ currentTarget }) => take(currentTarget)}
        />
        {unit && <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}

export function SelectField<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string, disabled?: boolean])[];
  disabled?: boolean;
  onChange: (value: T) => void;
}) {
  const { label, value, options, onChange, disabled } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.value as T)}
      >
        {options.map(([one, text, isOff]) => (
          <option key={one} value={one} disabled={isOff}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function CheckField(props: {
  label: string;
  value: boolean;
  disabled?: boolean;
  onChange: (value: boolean) => void;
}) {
  const { label, value, onChange, disabled } = props;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** A part of the side: a heading that opens and closes it. */
export function Panel({
  title,
  id,
  hint,
  open = true,
  children,
}: {
  title: string;
  /** For `reveal`. */
  id?: string;
  hint?: ComponentChildren;
  open?: boolean;
  children: ComponentChildren;
}) {
  return (
    <details class="panel" id={id} open={open}>
      <summary>
        <h2>{title}</h2>
        {hint && <span class="hint">{hint}</span>}
      </summary>
      <div class="body">{children}</div>
    </details>
  );
}
