/** Text that leaves the command line: nothing in it steers a terminal, and nothing that a person can read is lost. */
import { describe, expect, test } from 'vitest';
import { escapedJson, visible } from '../src/console.js';

/** Every character that is a control, a mark of direction, a separator of lines, or that cannot be seen. */
const unseen = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code !== 9 && code !== 10 && /[\p{C}\p{Zl}\p{Zp}]/u.test(String.fromCodePoint(code)))
  .filter((code) => code < 0x3000 || code % 101 === 0 || (code >= 0xd800 && code < 0xe000));

describe('visible', () => {
  test('writes out each character that a terminal could obey', () => {
    for (const code of unseen) {
      const text = visible(`a${String.fromCodePoint(code)}b`);
      expect(text).toMatch(/^a\\u(?:[0-9a-f]{4}|\{[0-9a-f]+\})b$/);
      expect(Number.parseInt(text.replace(/^a\\u\{?|\}?b$/g, ''), 16)).toBe(code);
    }
    expect(unseen.length).toBeGreaterThan(2000);
    expect(visible('\x1b[2J \x9b \u202e\u2028')).toBe('\\u001b[2J \\u009b \\u202e\\u2028');
  });

  test('leaves words, signs, tabs and line ends as they are', () => {
    const text = 'Å³ é 水 👍 α·β ±1\t−2\nnext \\u001b';
    expect(visible(text)).toBe(text);
  });
});

test('JSON is the same value, without such characters', () => {
  const value = { [String.fromCodePoint(...unseen.slice(0, 200))]: String.fromCodePoint(...unseen), 水: '👍\n' };
  const text = escapedJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).toContain('"水":"👍\\n"');
  expect(escapedJson([1], 2)).toBe('[\n  1\n]');
});
