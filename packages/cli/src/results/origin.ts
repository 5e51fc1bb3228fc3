/**
 * What a frame says of where its result is from: a digest of the structure that it was computed of, by which it is known again, and in
 * plain words the settings that it was computed with.
 */
import { FormatError } from '@mace/core/errors';
import { usualPrefix } from '../program/defaults.js';

/** How keys of this program begin where those of results begin with nothing, as other programs read them. */
export const ownPrefix = (prefix: string): string => (prefix === '' ? usualPrefix : prefix);

export interface Origin {
  /** Of the structure and everything that the result depends on, hexadecimal. */
  readonly hash: string;
  /** As `settingsText` writes them. */
  readonly settings: string;
}

/** Keys and values of an origin in a frame. */
export function originInfo(prefix: string, { hash, settings }: Origin): Record<string, string> {
  return { [`${ownPrefix(prefix)}settings`]: settings, [`${ownPrefix(prefix)}input`]: `sha256:${hash}` };
}

/** The origin that the comment line of a frame names; null where it names none. */
export function originOf(frame: Buffer, prefix: string): Origin | null {
  const from = frame.indexOf(10) + 1;
  const comment = ` ${frame.toString('utf8', from, frame.indexOf(10, from))} `;
  const settings = /^"(command=[^"]*)" /.exec(behind(comment, `${ownPrefix(prefix)}settings`));
  const input = /^sha256:([0-9a-f]{64}) /.exec(behind(comment, `${ownPrefix(prefix)}input`));
  return settings && input ? { hash: input[1]!, settings: settings[1]! } : null;
}

/** Behind the last such key: what a file said of the structure stands before it. A text in quotes holds no bare quote, and so none of ours. */
function behind(comment: string, key: string): string {
  const at = comment.lastIndexOf(` ${key}=`);
  return at < 0 ? '' : comment.slice(at + key.length + 2);
}

/** Settings in one line, `command=relax fmax=0.01`; those that are not given are left out. @param settings - plain values */
export function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name}=${word(typeof value === 'string' ? shortened(value) : JSON.stringify(value))}`)
    .join(' ');
}

/** A digest by its beginning, which is enough to tell models apart. */
const shortened = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 16) : text);

/** Without what would end the value or its quotes. */
function word(text: string): string {
  return text.replace(/[^\p{L}\p{N}.,:/+_@~-]/gu, (character) => encodeURIComponent(character).replaceAll("'", '%27'));
}

/** @throws FormatError that names each setting that differs, with what it was and is */
export function requireSameSettings(path: string, was: string, is: string): void {
  if (was === is) return;
  const [before, now] = [was, is].map(
    (text) => new Map(text.split(' ').map((pair) => [pair.split('=')[0]!, pair.slice(pair.indexOf('=') + 1)])),
  ) as [Map<string, string>, Map<string, string>];
  const list = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `${name} was ${before.get(name) ?? 'not given'} and is ${now.get(name) ?? 'not given'}`);
  throw new FormatError(
    `${path}: --resume: results that are there were computed with other settings: ${list.join('; ')}. Go on with the same, or begin anew with another --output; nothing was changed.`,
  );
}
