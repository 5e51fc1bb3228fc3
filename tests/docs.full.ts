// Every code block of the READMEs and of docs/ runs, so that none can rot. TypeScript and JavaScript run as modules against
// the build; of a shell block each command runs, without a shell. They run in a scratch folder that shows the repository's
// folders, so that paths from the root work and what they write is thrown away. One that declares tests runs in vitest. A block after the comment
// `<!-- not run: reason -->`, or one that names a test of its own, `run by tests/NAME.full.ts`, is skipped, and counted so.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CodeBlock, codeBlocks, commands, words } from './support/code-blocks.js';
import { node, read, root } from './support/workspace.js';

/** Commands that are tested elsewhere: by the run this test is part of, by CI, or by tests/packaging.full.ts. */
const testedElsewhere = [
  /^npm (start|test|run (setup|test:long|format|changeset))\b/,
  /^npm (install|i) @mace\//,
  /^(git clone|cd) /,
];

const languages = new Map<string, (block: CodeBlock) => void>([
  ['js', runModule],
  ['javascript', runModule],
  ['ts', runModule],
  ['typescript', runModule],
  ['sh', runCommands],
  ['bash', runCommands],
]);

const documents: [path: string, blocks: CodeBlock[]][] = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...(existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }) : [])
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
]
  // The guides are one long story, which tests/guide.full.ts follows.
  .filter((path) => existsSync(join(root, path)) && !path.startsWith('docs/guides/'))
  .map((path): [string, CodeBlock[]] => [
    path,
    codeBlocks(read(path)).filter(({ language }) => languages.has(language)),
  ])
  .filter(([, blocks]) => blocks.length > 0);

let scratch = '';

beforeAll(() => {
  mkdirSync(join(root, '.setup'), { recursive: true });
  scratch = mkdtempSync(join(root, '.setup', 'docs '));
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) {
      symlinkSync(join(root, entry.name), join(scratch, entry.name), 'junction');
    }
  }
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(documents)('%s', (_, blocks) => {
  for (const block of blocks) {
    const name = `line ${block.line}: ${block.language}`;
    const elsewhere = /run by (tests\/[\w-]+\.full\.ts)/.exec(block.comment ?? '')?.[1];
    if (elsewhere && existsSync(join(root, elsewhere))) it.skip(`${name} (run by ${elsewhere})`, () => {});
    else if (block.notRun) it.skip(`${name} (not run: ${block.notRun})`, () => {});
    else it(name, () => languages.get(block.language)?.(block));
  }
});

function runModule({ code, language, line }: CodeBlock): void {
  const loader = language === 'ts' || language === 'typescript' ? 'ts' : 'js';
  const declaresTests = code.includes('@mace/conformance/vitest');
  const file = join(scratch, `block-${line}${declaresTests ? '.test' : ''}.mjs`);
  writeFileSync(file, transformSync(code, { loader, format: 'esm', target: 'node20' }).code);
  const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', scratch, '--config'];
  if (declaresTests) writeFileSync(join(scratch, 'vitest.config.mjs'), 'export default {};\n');
  const run = node(declaresTests ? [...vitest, 'vitest.config.mjs', `block-${line}.test`] : [file], scratch);
  expect(run.code, run.stdout + run.stderr).toBe(0);
  if (declaresTests) expect(run.stdout).toMatch(/[1-9]\d* passed/);
}

function runCommands({ code }: CodeBlock): void {
  for (const command of commands(code)) {
    if (testedElsewhere.some((pattern) => pattern.test(command))) continue;
    const args = cliArguments(command);
    if (!args)
      throw new Error(`cannot run \`${command}\`: mark the block with <!-- not run: reason --> just before it.`);
    const run = node([join(root, 'packages', 'cli', 'bin', 'mace.js'), ...args], scratch);
    expect(run.code, `${command}\n${run.stdout}\n${run.stderr}`).toBe(0);
  }
}

/** What a command gives the command line, in any of the spellings we document; undefined for another program. */
function cliArguments(command: string): string[] | undefined {
  const spelling = /^(npm run (--silent |-s )?mace( --)?|npx --no-install mace|npx @mace\/cli)(?= |$)/.exec(command);
  return spelling ? words(command.slice(spelling[0].length)) : undefined;
}
