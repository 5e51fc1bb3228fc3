/** Labelled controls of forms. */
import { useId, useState } from 'preact/hooks';

export function NumberField(props: {
  label: string;
  unit?: string;
  value: number;
  min?: number;
  max?: number;
  /** What whole numbers are counted by; others are typed with any decimals. */
  step?: number;
  /** What an arrow key adds where `step` is left out. */
  arrowStep?: number;
  disabled?: boolean;
  onChange: (value: number) => void;
}) {
  const { label, unit, value, onChange, step = 'any', arrowStep = 1, ...rest } = props;
  const id = useId();
  /** What is in the field and cannot be taken, while this value holds instead. */
  const [refused, setRefused] = useState<{ readonly why: string; readonly instead: number } | null>(null);
  const isRefused = refused?.instead === value;
  /** What is being typed: a panel that is drawn anew meanwhile, as in dynamics, must not take it away. */
  const [typed, setTyped] = useState<string | null>(null);
  const take = (input: HTMLInputElement): void => {
    const next = input.valueAsNumber;
    const isGood = input.validity.valid && Number.isFinite(next);
    setTyped(null);
    setRefused(isGood ? null : { why: input.validationMessage, instead: value });
    if (isGood) onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void => {
    const { key, currentTarget: input } = event;
    if (key === 'Escape') setTyped(null);
    if (step !== 'any' || (key !== 'ArrowUp' && key !== 'ArrowDown')) return;
    event.preventDefault();
    const { min = -Infinity, max = Infinity } = props;
    const next = input.valueAsNumber + (key === 'ArrowUp' ? arrowStep : -arrowStep);
    // Without the last digits, in which sums of decimals differ from what people write.
    input.valueAsNumber = Number(Math.min(max, Math.max(min, next)).toPrecision(12));
    take(input);
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
          value={typed ?? value}
          required
          aria-invalid={isRefused}
          aria-describedby={isRefused ? `${id}-why` : undefined}
          {...rest}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onChange={({ currentTarget }) => take(currentTarget)}
          onKeyDown={onKeyDown}
          // A wheel scrolls the page, and changes no number.
          onWheel={({ currentTarget }) => currentTarget.blur()}
          onBlur={() => setTyped(null)}
        />
        {unit && <span class="unit">{unit}</span>}
      </span>
      {isRefused && (
        <small class="refused" id={`${id}-why`} role="alert">
          {refused.why} {value} is used.
        </small>
      )}
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
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value as T);
          // What cannot be, as a backend that does not begin, is not shown as chosen.
          currentTarget.value = value;
        }}
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
        onChange={({ currentTarget }) => {
          onChange(currentTarget.checked);
          currentTarget.checked = value;
        }}
      />
      {label}
    </label>
  );
}
