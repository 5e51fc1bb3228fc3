/** What every refused file must give: an error of this project, with a text that says what, where and what to do. */
import { isMaceError, type MaceError } from '@mace/core';
import { expect } from 'vitest';
import { readModel, type ReadModelOptions } from '../../src/model/index.js';

/** Reads the bytes, expects a refusal whose text matches, and returns it. */
export async function refusal(bytes: Uint8Array, text: RegExp, options: ReadModelOptions = {}): Promise<MaceError> {
  const error = await readModel(bytes, options).then(
    () => new Error('the file was read'),
    (reason: unknown) => reason as Error,
  );
  expect(error.message).toMatch(text);
  expect(isMaceError(error), `${error.name}: ${error.stack}`).toBe(true);
  // What to do stands in a last sentence of its own; a message for a terminal holds no control characters.
  expect(error.message).toMatch(/\. [A-Z][^.]+.*[.)]$/s);
  expect(error.message).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  expect(error.message.length).toBeLessThan(1500);
  return error as MaceError;
}
