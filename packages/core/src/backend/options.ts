/**
 * Options of a backend, checked where its definition is made: there the caller still knows where a value comes from. An engine
 * that is handed in is not looked at here; `probe` says what is wrong with it.
 */
import { UnsupportedError } from '../errors.js';

/** What an option may be, beside left out. */
export interface OptionRule {
  readonly expected: string;
  holds(value: unknown): boolean;
}

/** A rule for each option that the type has: one without a rule does not compile. */
export type OptionRules<Options extends object> = { readonly [K in keyof Options]-?: OptionRule };

/** @throws UnsupportedError (`option`) for the first option that is unknown or not what its rule says */
export function checkOptions<Options extends object>(
  backend: string,
  options: unknown,
  rules: OptionRules<Options>,
): void {
  if (options === undefined) return;
  const known = Object.keys(rules).join(', ') || 'none';
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuse(`${backend}: options are ${shown(options)}. Expected an object with some of: ${known}.`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(rules, name))
      refuse(`${backend}: there is no option ${name}. Known: ${known}. Correct its name, or leave it out.`);
    const { expected, holds } = rules[name as keyof Options];
    if (value !== undefined && !holds(value))
      refuse(
        `${backend}: the option ${name} is ${shown(value)}. Expected ${expected}. Correct it, or leave it out for its default.`,
      );
  }
}

export const anything: OptionRule = { expected: 'anything', holds: () => true };

export const trueOrFalse: OptionRule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };

export function wholeNumber(least: number, most = Infinity): OptionRule {
  return {
    expected: `a whole number ${most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}

export function oneOf(...values: readonly string[]): OptionRule {
  return {
    expected: values.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    holds: (value) => values.includes(value as string),
  };
}

/** A name of which only the engine knows whether there is such a thing. */
export const someName: OptionRule = { expected: 'a name', holds: (value) => typeof value === 'string' && value !== '' };

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' || value === null
    ? String(value)
    : `of type ${Array.isArray(value) ? 'array' : typeof value}`;
}

function refuse(message: string): never {
  throw new UnsupportedError('option', message);
}
