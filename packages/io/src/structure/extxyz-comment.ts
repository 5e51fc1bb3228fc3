/**
 * The comment line of an extended XYZ frame as `key=value` pairs. Values: `extxyz-values.ts`, writing: `extxyz-comment-write.ts`.
 *
 * Grammar as there; an open quote is an error, and what a line says twice or not at all is reported.
 */
import { FormatError } from '@mace/core';
import type { InfoValue } from '@mace/core/structure';
import { pairValue, quotedPiece, type RawPair } from './extxyz-values.js';
import { emptyRecord } from './text.js';

const closing: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['{', '}'],
  ['[', ']'],
]);

/** Most keys of one comment line: real ones have tens. */
const maximumPairs = 100_000;

export interface Comment {
  readonly info: Record<string, InfoValue>;
  /** Keys that are given more than once; the last value counts. */
  readonly repeated: ReadonlySet<string>;
  /** Keys with `=` and nothing after it. */
  readonly empty: ReadonlySet<string>;
}

/** Parses a comment line. `source` names the place for messages. Throws FormatError for open quotes and bad `_JSON`. */
export function parseComment(line: string, source: string): Comment {
  const info = emptyRecord<InfoValue>();
  const repeated = new Set<string>();
  const empty = new Set<string>();
  for (const pair of splitPairs(line, source)) {
    if (pair.key === '') continue;
    if (pair.key in info) repeated.add(pair.key);
    if (pair.isEmpty) empty.add(pair.key);
    info[pair.key] = pairValue(pair, info, source);
  }
  return { info, repeated, empty };
}

/** True when the line has a `=` outside quotes, so that it is not free text. */
export function hasAssignments(line: string): boolean {
  return /^\s*["']?[A-Za-z_][^\s"'=]*["']?\s*=|\s["']?[A-Za-z_][^\s"'=]*["']?\s*=/.test(line);
}

/**
 * Splits as ASE does: white space ends a pair, except around `=`; quotes and brackets may stand anywhere in a key or value.
 * Unlike there, a word before `=` is a key also after a pair that has no value: `note= pbc="T T F"` are two pairs.
 */
function splitPairs(line: string, source: string): RawPair[] {
  const pairs: { parts: string[]; bracket: string | undefined; isQuoted: boolean; isSpaced: boolean }[] = [];
  const open = () => {
    if (pairs.length > maximumPairs)
      throw new FormatError(
        `${source}: more than ${maximumPairs} keys in one comment line. This is not a comment of extended XYZ.`,
      );
    const pair = { parts: [''], bracket: undefined as string | undefined, isQuoted: false, isSpaced: false };
    pairs.push(pair);
    return pair;
  };
  let pair = open();
  const append = (text: string, isQuoted: boolean): void => {
    pair.parts[pair.parts.length - 1] += text;
    pair.bracket = undefined;
    pair.isQuoted = isQuoted;
  };
  const isEmpty = (): boolean => pair.parts[pair.parts.length - 1] === '' && !pair.isQuoted;
  const text = line.trim();
  let at = 0;
  let unmatched = 0;
  while (at < text.length) {
    const c = text.charAt(at);
    if (c === '\\') {
      append(text.charAt(at + 1), false);
      at += 2;
    } else if (closing.has(c)) {
      const startsValue = c === '[' && pair.parts.length === 2 && isEmpty();
      // Each failed search reads to the end of the line, so a hostile line gets only a few.
      const end = startsValue && unmatched < 16 ? matchingBracket(text, at) : -1;
      if (startsValue && end < 0) unmatched++;
      if (end >= 0) {
        append(text.slice(at + 1, end), true);
        pair.bracket = text.slice(at, end + 1);
        at = end + 1;
      } else {
        const [content, next] = quotedPiece(text, at, closing.get(c) ?? '', source);
        append(content, true);
        at = next;
      }
    } else if (c === '=') {
      if (pair.parts.length === 1 && isEmpty() && pairs.length > 1) {
        pairs.pop();
        pair = pairs[pairs.length - 1] as typeof pair;
      }
      const [, value = ''] = pair.parts;
      if (pair.parts.length === 2 && pair.isSpaced && value !== '') {
        pair.parts[1] = '';
        pair = open();
        pair.parts = [value];
      }
      pair.parts.push('');
      pair.bracket = undefined;
      pair.isQuoted = false;
      at++;
    } else if (/\s/.test(c)) {
      if (!isEmpty()) pair = open();
      else if (pair.parts.length === 2) pair.isSpaced = true;
      at++;
    } else {
      append(c, false);
      at++;
    }
  }
  return pairs.map(({ parts, bracket, isQuoted }) => ({
    key: parts[0] ?? '',
    value: parts.length > 1 ? parts.slice(1).join('=') : undefined,
    bracket,
    isEmpty: parts.length === 2 && parts[1] === '' && !isQuoted,
  }));
}

function matchingBracket(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === '\\') at++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[') depth++;
    else if (c === ']' && --depth === 0) return at;
  }
  return -1;
}
