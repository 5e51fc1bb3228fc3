// A new package changes one line of tsconfig.json and one entry of the lockfile, and nothing else of either.
import { describe, expect, it } from 'vitest';
import { withImporter, withReference } from '../scripts/lib/add-to-workspace.mjs';
import { identifierOf } from '../scripts/lib/backend-template.mjs';
import { read } from './support/workspace.js';

/** What a text has that another has not, if that is one piece. */
function insertedInto(before: string, after: string): string {
  const length = after.length - before.length;
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  expect(after.slice(0, at) + after.slice(at + length)).toBe(before);
  return after.slice(at, at + length);
}

describe('a new package', () => {
  it('is one line of tsconfig.json', () => {
    const before = read('tsconfig.json');
    const after = withReference(before, 'gpu');
    expect(insertedInto(before, after)).not.toBe('');
    expect(after.split('\n').length).toBe(before.split('\n').length + 1);
    expect(JSON.parse(after).references).toContainEqual({ path: 'packages/backend-gpu' });
    expect(withReference(after, 'gpu')).toBe(after);
  });

  it.each(['aaa', 'gpu', 'zzz'])('is one entry of the lockfile, %s in its place', (name) => {
    const before = read('pnpm-lock.yaml');
    const after = withImporter(before, name);
    expect(insertedInto(before, after).split('\n').length).toBe(11);
    const paths = after.match(/^ {2}packages\/[^:]+/gm) ?? [];
    expect(paths).toContain(`  packages/backend-${name}`);
    expect(paths).toEqual([...paths].sort());
    expect(withImporter(after, name)).toBe(after);
  });

  it('says what it did not find', () => {
    expect(() => withReference('{}', 'gpu')).toThrow('tsconfig.json');
    expect(() => withImporter('packages:\n', 'gpu')).toThrow('pnpm-lock.yaml');
  });

  it('has a name that can be one of a function', () => {
    expect(identifierOf('my-engine-2')).toBe('myEngine2');
    expect(['class', 'device', 'tensor'].map(identifierOf)).toEqual([undefined, undefined, undefined]);
  });
});
