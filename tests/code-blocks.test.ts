// The reader of code blocks sees each block, the reason it is not run, and the commands in it.
import { describe, expect, it } from 'vitest';
import { codeBlocks, commands, words } from './support/code-blocks.js';

const markdown = [
  'Text',
  '```ts',
  'const a = 1;',
  '```',
  '<!-- not run: needs a GPU -->',
  '',
  '~~~sh',
  'run "this one" now',
  '~~~',
  '- in a list',
  '  ````',
  '  ```',
  '  plain',
  '  ````',
].join('\n');

describe('code blocks', () => {
  it('are found with language, line, reason and contents', () => {
    expect(codeBlocks(markdown)).toEqual([
      { language: 'ts', code: 'const a = 1;', line: 2 },
      { language: 'sh', code: 'run "this one" now', line: 7, comment: 'not run: needs a GPU', notRun: 'needs a GPU' },
      { language: '', code: '```\nplain', line: 11 },
    ]);
  });

  it('give their commands and words', () => {
    expect(commands('# why\n$ npm start\n\nmace eval \\\n  --json # done\n')).toEqual([
      'npm start',
      'mace eval --json',
    ]);
    expect(words(`eval --model "my model.json" 'a b' c`)).toEqual(['eval', '--model', 'my model.json', 'a b', 'c']);
  });
});
