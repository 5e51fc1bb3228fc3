/** Structures that are refused, while others go on: noted on standard error, and in their place among JSON objects. */
import { isMaceError } from '@mace/core/errors';
import { complain, printJson, yellow } from './console.js';
import type { Skipped } from './structure-stream.js';

/** Notes one that is left out. */
export function noteRefusal({ index, file, frame, error }: Skipped, json: boolean | undefined): void {
  const code = isMaceError(error) ? error.code : 'file';
  if (json) printJson({ index, file, frame, error: { code, message: error.message } });
  complain(`${yellow('skipped')} ${error.message}\n`);
}

/** What differs from what was said last is said: a note of many structures stands once. */
export function notesOnce(say: (what: string) => void): (what: string) => void {
  let said = '';
  return (what) => {
    if (what !== said) say(what);
    said = what;
  };
}
