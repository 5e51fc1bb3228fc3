/** Commands in messages, as they are typed in a clone and where the command line is installed. */
import { expect, test } from 'vitest';
import { installation, typed } from '../src/clone.js';

test('a clone has no mace on the search path', () => {
  const text = 'Take it by `mace models import FILE`, or see `mace eval --help`. MACE models, `mace-torch`, a `mace`.';
  expect(typed(text, false)).toBe(text);
  expect(typed(text, true)).toBe(
    'Take it by `npm run mace -- models import FILE`, or see `npm run mace -- eval --help`. MACE models, `mace-torch`, a `mace`.',
  );
});

test('what is missing comes with the set-up of a clone', () => {
  expect(installation('gpu.js', true)).toBe('Install it: npm run setup.');
  expect(installation('gpu.js', false)).toBe('Install it: npm install gpu.js.');
});
