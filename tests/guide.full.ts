// docs/guides/add-a-backend.md, word for word: its commands run in order in an empty folder, print what the guide shows, and
// end with a backend that passes. A `text` block is what the commands before it print; `…` stands for anything.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, commands, words, type CodeBlock } from './support/code-blocks.js';
import { node, read, root } from './support/workspace.js';

const blocks = codeBlocks(read('docs/guides/add-a-backend.md'));
let scratch = '';
/** What the last shell block printed. */
let printed = '';

beforeAll(() => {
  mkdirSync(join(root, '.setup'), { recursive: true });
  scratch = mkdtempSync(join(root, '.setup', 'guide '));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the guide', () => {
  for (const block of blocks) {
    it(`line ${block.line}: ${block.language}`, () => follow(block));
  }

  it('has written the whole table of the backend that it starts from', () => {
    const own = readFileSync(join(scratch, 'my-engine', 'src', 'lowering.ts'), 'utf8');
    const whole = read('packages/backend-typed-arrays/src/lowering.ts');
    const entries = (text: string): string[] =>
      [...text.matchAll(/^ {4}(\w+): \(context, node/gm)].map(([, op]) => op ?? '');
    expect(entries(own)).toEqual(entries(whole));
  });
});

function follow({ language, code }: CodeBlock): void {
  if (language === 'sh') printed = commands(code).map(run).join('');
  else if (language === 'text') expect(printed).toMatch(pattern(code));
  else if (language === 'ts') fillIn(code);
  else throw new Error(`a ${language} block: the guide has sh, text and ts.`);
}

function run(command: string): string {
  const [program, ...args] = words(command);
  const [script, ...rest] =
    program === 'npm'
      ? [join('scripts', 'new-backend.mjs'), ...args.slice(args.indexOf('--') + 1)]
      : args[1] === 'tsc'
        ? [join('node_modules', 'typescript', 'bin', 'tsc'), ...args.slice(2)]
        : [join('packages', 'cli', 'bin', 'mace.js'), ...args.slice(2)];
  const { code, stdout, stderr } = node([join(root, script), ...rest], scratch);
  // Only the empty table fails, and says so.
  const empty = readFileSync(join(scratch, 'my-engine', 'src', 'lowering.ts'), 'utf8').includes('// Fill in here');
  const fails = empty && command.includes('--only ops');
  expect(code, `${command}\n${stdout}\n${stderr}`).toBe(fails ? 1 : 0);
  return stdout;
}

/** Puts lines above the place that the template marks; the mark goes with the last block. */
function fillIn(code: string): void {
  const file = join(scratch, 'my-engine', 'src', 'lowering.ts');
  const text = readFileSync(file, 'utf8');
  const mark = /^ {4}\/\/ Fill in here.*\n/m;
  expect(text).toMatch(mark);
  const last = code.includes('segmentSum:');
  writeFileSync(
    file,
    text.replace(mark, (line) => `${code}\n${last ? '' : line}`),
  );
}

function pattern(expected: string): RegExp {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('[\\s\\S]*'));
}
