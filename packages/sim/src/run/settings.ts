/** What a run was told, and must be told again where it goes on. */
import { FormatError } from '@mace/core';

/** Plain JSON. */
export type Settings = Readonly<Record<string, unknown>>;

/** Of those that only look at a run. */
const mayChange = ['gate'];

/** @throws FormatError that names each setting that differs, with what it was and is */
export function requireSameSettings(name: string, was: Settings, is: Settings): void {
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  const differing = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !mayChange.includes(key) && text(was[key]) !== text(is[key]),
  );
  if (differing.length === 0) return;
  const list = differing.map((key) => `${key} was ${text(was[key])} and is ${text(is[key])}`).join('; ');
  throw new FormatError(
    `${name}: the run was begun with other settings: ${list}. Go on with the same, or begin anew in another folder.`,
  );
}
