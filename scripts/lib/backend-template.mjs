// The files of a new backend, made of those of packages/backend-typed-arrays: names replaced, the table of ops emptied. A
// package of this workspace gets the manifest and the tests that the others have; a folder of one's own also gets what a
// repository of one's own needs.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readme } from './backend-readme.mjs';
import { root, textOf } from './workspace.mjs';

const template = join(root, 'packages', 'backend-typed-arrays');

/** Words that the name of the exported function may not be: JavaScript's, and those that the template's index.ts has. */
const taken = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval capabilities device limitations name tensor'.split(
    ' ',
  ),
);

/**
 * `my-engine` as the name of a function, `myEngine`; undefined if that is no free name.
 * @param {string} name
 */
export function identifierOf(name) {
  const camel = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  return taken.has(camel) ? undefined : camel;
}

/**
 * @param {string} folder
 * @param {string} name - in kebab-case
 * @param {boolean} member - whether it becomes a package of this workspace
 */
export function copyTemplate(folder, name, member) {
  mkdirSync(folder, { recursive: true });
  cpSync(join(template, 'src'), join(folder, 'src'), {
    recursive: true,
    filter: (path) => !/\.(test|full|long)\.ts$/.test(path),
  });
  for (const file of readdirSync(join(folder, 'src'))) change(join(folder, 'src', file), (text) => renamed(text, name));
  change(join(folder, 'src', 'index.ts'), (text) => withHeader(text, `MACE on ${name}: what this package exports.`));
  change(join(folder, 'src', 'lowering.ts'), emptied);
  mkdirSync(join(folder, 'test'));
  if (member) copyTests(folder, name);
  else writeFileSync(join(folder, 'test', 'conformance.test.ts'), testOf('conformance.full.ts', name));
  writeFileSync(join(folder, 'package.json'), json(manifestOf(name, member)));
  if (member) writeFileSync(join(folder, 'tsconfig.json'), textOf(join(template, 'tsconfig.json')));
  else {
    writeFileSync(join(folder, 'tsconfig.json'), ownCompilerOptions());
    writeFileSync(join(folder, 'vitest.config.js'), testRunner);
    writeFileSync(join(folder, '.gitignore'), 'dist/\nnode_modules/\n');
  }
  writeFileSync(join(folder, 'README.md'), readme(name, member));
}

/** `vitest --root FOLDER` would otherwise take the nearest configuration above the folder. */
const testRunner = `// The tests of this folder alone, wherever it lies: without this file vitest takes the configuration of a folder above.
export default { test: { include: ['test/**/*.test.ts'] } };
`;

/** The tests of the kit, of every tier that the template has. @param {string} folder @param {string} name */
function copyTests(folder, name) {
  const tests = readdirSync(join(template, 'test')).filter((file) => /^conformance\.(test|full)\.ts$/.test(file));
  for (const file of tests) writeFileSync(join(folder, 'test', file), testOf(file, name));
}

/**
 * A test of the template for the new backend. It imports the sources, which need no build.
 * @param {string} file
 * @param {string} name
 */
function testOf(file, name) {
  const text = readFileSync(join(template, 'test', file), 'utf8');
  return renamed(text.replace("'@mace/backend-typed-arrays'", "'../src/index.js'"), name);
}

/**
 * @param {string} text
 * @param {string} name
 */
function renamed(text, name) {
  return text.replaceAll('typed-arrays', name).replaceAll('typedArrays', identifierOf(name) ?? name);
}

/**
 * A source with another comment at its beginning.
 * @param {string} text
 * @param {string} header
 */
function withHeader(text, header) {
  return text.replace(/^\/\*\*[\s\S]*?\*\/\n/, `/** ${header} */\n`);
}

/**
 * The table of ops without the ops, and without what only they use: what a new backend starts from.
 * @param {string} text
 */
function emptied(text) {
  const marker = '    // From here on the table is what';
  const start = text.indexOf(marker);
  const end = text.indexOf('\n  },\n};\n', start);
  if (start < 0 || end < 0) throw new Error(`the template's src/lowering.ts has lost its marker "${marker.trim()} …".`);
  const table = `${text.slice(0, start)}    // Fill in here: docs/guides/add-a-backend.md, chapter 3.\n  },\n};\n`;
  return table.replace(/^import \{[^}]*\} from '\.\/kernels\.js';\n/m, '');
}

/**
 * @param {string} name
 * @param {boolean} member
 */
function manifestOf(name, member) {
  const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
  manifest.name = member ? `@mace/backend-${name}` : `mace-backend-${name}`;
  manifest.description = `MACE for JavaScript on ${name}.`;
  manifest.keywords = manifest.keywords.filter((/** @type {string} */ word) => word !== 'template');
  if (member) return manifest;
  delete manifest.author;
  delete manifest.publishConfig;
  delete manifest.exports['.']['@mace/source'];
  manifest.scripts = { build: 'tsc', test: 'vitest run' };
  manifest.dependencies = { '@mace/core': '*' };
  manifest.devDependencies = {
    '@mace/conformance': '*',
    typescript: versionOf('typescript'),
    vitest: versionOf('vitest'),
  };
  return manifest;
}

/**
 * The version of a tool that this workspace has, and later ones that keep its promises.
 * @param {string} tool
 */
function versionOf(tool) {
  const [, version] = new RegExp(`^ {2}${tool}: (\\S+)$`, 'm').exec(textOf(join(root, 'pnpm-workspace.yaml'))) ?? [];
  return version === undefined ? '*' : `^${version}`;
}

/** The options of this workspace in one file, for a folder that has no other to extend. */
function ownCompilerOptions() {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'));
  const own = { emitDeclarationOnly: false, composite: false, rootDir: 'src', outDir: 'dist', types: [] };
  const text = json({ compilerOptions: { ...compilerOptions, ...own }, include: ['src'] });
  return text.replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, items) => `[${items.replace(/\s*\n\s*/g, ' ')}]`);
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * @param {string} file
 * @param {(text: string) => string} edit
 */
function change(file, edit) {
  if (existsSync(file)) writeFileSync(file, edit(readFileSync(file, 'utf8')));
}
