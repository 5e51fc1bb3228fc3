/** What was thrown, as text: the message, and for a mistake in somebody's code the place where it happened. */
import { isMaceError } from '@mace/core';
import { TimeoutError } from './runtime.js';

/** Frames of the stack that are shown. */
const frames = 4;

export function thrownText(error: unknown): string {
  if (!(error instanceof Error)) return `the value ${String(error)} was thrown.`;
  if (error instanceof TimeoutError) return error.message;
  const origin = innermost(error);
  if (isMaceError(error) && (origin === error || isMaceError(origin))) return error.message;
  const stack = (origin.stack ?? '').split('\n').filter((line) => /^\s+at |@/.test(line));
  const name = isMaceError(error) ? '' : `${error.name}: `;
  return [`${name}${error.message}`, ...stack.slice(0, frames)].join('\n');
}

function innermost(error: Error): Error {
  let origin = error;
  while (origin.cause instanceof Error) origin = origin.cause;
  return origin;
}
