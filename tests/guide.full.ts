// docs/guides, word for word: commands run in order in an empty folder of the clone, print what the guides show, and end with a
// backend that passes. The second guide goes on where the first one ends. A `text` block is what the commands before it print; `…` stands for anything.
// What is done with code says the comment before it (tests/support/guide-edits.ts). Commands succeed, but for the last one of a
// block after `<!-- ends with exit code 1 -->`.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeBlocks, commands, words, type CodeBlock } from './support/code-blocks.js';
import { editOf } from './support/guide-edits.js';
import { node, npmScript, read, root } from './support/workspace.js';

const guides = ['add-a-backend', 'asynchronous-engines'];
let scratch = '';
/** The whole kit is one command. */
const timeout = 1_800_000;
/** What the last shell block printed. */
let printed = '';

beforeAll(() => {
  mkdirSync(join(root, '.setup'), { recursive: true });
  scratch = mkdtempSync(join(root, '.setup', 'guide '));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(guides)('%s', (name) => {
  for (const block of codeBlocks(read(`docs/guides/${name}.md`))) {
    it(`line ${block.line}: ${block.language}`, () => follow(block), timeout);
  }
});

describe('the backend of the guides', () => {
  it('has written the whole table of the backend that it starts from', () => {
    const whole = read('packages/backend-typed-arrays/src/lowering.ts');
    const entries = (text: string): string[] => text.match(/^ {4}\w+: \(context, node.*/gm) ?? [];
    expect(entries(whole)).toHaveLength(18);
    expect(entries(textOf('src/lowering.ts'))).toEqual(entries(whole));
  });

  it('ends without limitations', () => {
    expect(textOf('src/limitations.ts')).toBe(read('packages/backend-typed-arrays/src/limitations.ts'));
  });
});

function follow({ language, code, comment = '' }: CodeBlock): void {
  if (language === 'sh') runAll(commands(code), comment === 'ends with exit code 1' ? 1 : 0);
  else if (language === 'text') expect(printed).toMatch(pattern(code));
  else if (language === 'ts' || language === 'diff') {
    const { path, apply } = editOf(comment, code);
    writeFileSync(join(scratch, 'my-engine', path), apply(textOf(path)));
  } else throw new Error(`a ${language} block: the guides have sh, text, ts and diff.`);
}

function textOf(path: string): string {
  const file = join(scratch, 'my-engine', path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function runAll(all: readonly string[], exitCode: number): void {
  printed = '';
  for (const [i, command] of all.entries()) {
    const { code, stdout, stderr } = run(command);
    printed += plain(`${stdout}${stderr}`);
    expect(code, `${command}\n${stdout}\n${stderr}`).toBe(i === all.length - 1 ? exitCode : 0);
  }
}

/** By npm itself, as a reader would; a shell is not needed. */
function run(command: string): ReturnType<typeof node> {
  const [program, ...args] = words(command);
  if (program !== 'npm' && program !== 'npx') throw new Error(`cannot run \`${command}\`: the guides use npm and npx.`);
  return node([npmScript(program === 'npm' ? 'npm-cli.js' : 'npx-cli.js'), ...args], scratch);
}

function pattern(expected: string): RegExp {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('[\\s\\S]*'));
}

/** Without colors. */
function plain(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
}
