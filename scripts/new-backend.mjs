// `npm run new:backend -- NAME [--folder FOLDER]`: a package for a backend of your own, copied from the smallest one
// (packages/backend-typed-arrays) with an empty table of ops. Without --folder it becomes packages/backend-NAME.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runPnpm } from './lib/process.mjs';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

const template = join(root, 'packages', 'backend-typed-arrays');

try {
  await main();
} catch (error) {
  process.stderr.write(`new:backend: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main() {
  const { values, positionals } = parseArgs({ options: { folder: { type: 'string' } }, allowPositionals: true });
  const [name] = positionals;
  if (positionals.length !== 1 || !name || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(
      `expected one name in kebab-case, such as my-engine; got ${positionals.join(' ') || 'none'}. Example: npm run new:backend -- my-engine`,
    );
  const inside = values.folder === undefined;
  const folder = inside ? join(root, 'packages', `backend-${name}`) : resolve(values.folder ?? '');
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty. Choose another name, or remove the folder first.`);

  copy(folder, name, inside);
  if (inside) {
    reference(name);
    // The manifests have changed, so the lockfile has to; `ready` then finds everything in place.
    const options = ['--no-frozen-lockfile', '--config.confirm-modules-purge=false', '--loglevel=error'];
    if ((await runPnpm(['install', ...options])) !== 0) throw new Error('pnpm install failed (see above).');
    await ready('all');
  }
  const shown = relative(process.cwd(), folder) || '.';
  process.stdout.write(`Made ${shown}.\n`);
  process.stdout.write('Next: fill in src/lowering.ts, build, and ask what is missing:\n');
  process.stdout.write(`  npx --no-install tsc -p ${shown}\n  npx --no-install mace conform --backend ${shown}\n`);
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {boolean} inside - whether it becomes a package of this workspace
 */
function copy(folder, name, inside) {
  const words = name.split('-');
  const camel = words.map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join('');
  mkdirSync(folder, { recursive: true });
  for (const part of ['src', 'test']) {
    if (existsSync(join(template, part))) cpSync(join(template, part), join(folder, part), { recursive: true });
  }
  for (const path of ['src/index.ts', 'src/lowering.ts', 'test/conformance.test.ts']) {
    const file = join(folder, path);
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8').replaceAll('typed-arrays', name).replaceAll('typedArrays', camel);
    writeFileSync(file, path === 'src/lowering.ts' ? emptied(text) : text);
  }
  const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
  manifest.name = inside ? `@mace/backend-${name}` : `mace-backend-${name}`;
  manifest.description = `MACE for JavaScript on ${name}.`;
  if (!inside) {
    for (const group of ['dependencies', 'devDependencies']) {
      for (const key of Object.keys(manifest[group] ?? {})) manifest[group][key] = '*';
    }
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(folder, 'tsconfig.json'), `${JSON.stringify(compilerOptions(inside), null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${manifest.description}\n`);
}

/**
 * The table of ops without the ops: what a new backend starts from.
 * @param {string} text
 */
function emptied(text) {
  const marker = '    // From here on the table is what';
  const start = text.indexOf(marker);
  const end = text.indexOf('\n  },\n};', start);
  if (start < 0 || end < 0) throw new Error(`the template's src/lowering.ts has lost its marker "${marker.trim()} …".`);
  return `${text.slice(0, start)}    // Fill in here: docs/guides/add-a-backend.md, step 3.${text.slice(end)}`;
}

/** @param {boolean} inside */
function compilerOptions(inside) {
  const own = { rootDir: 'src', outDir: 'dist', types: [] };
  if (inside)
    return {
      extends: '../../tsconfig.base.json',
      compilerOptions: { ...own, tsBuildInfoFile: 'dist/.tsbuildinfo' },
      include: ['src'],
      exclude: ['src/**/*.test.ts'],
      references: [{ path: '../core' }],
    };
  const { compilerOptions: shared } = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8'));
  return { compilerOptions: { ...shared, composite: false, ...own }, include: ['src'], exclude: ['src/**/*.test.ts'] };
}

/**
 * Adds the package to what `tsc -b` builds.
 * @param {string} name
 */
function reference(name) {
  const file = join(root, 'tsconfig.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.references.push({ path: `packages/backend-${name}` });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
}
