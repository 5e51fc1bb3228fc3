// `npm run new:backend -- NAME [--folder FOLDER]`: a package for a backend of your own, copied from the smallest one
// (packages/backend-typed-arrays) with an empty table of ops. Without --folder it becomes packages/backend-NAME.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addToWorkspace, folderOfPackage } from './lib/add-to-workspace.mjs';
import { copyTemplate, identifierOf } from './lib/backend-template.mjs';
import { ready } from './lib/ready.mjs';
import { root } from './lib/workspace.mjs';

/** Where the command was typed; npm itself moves to the root. */
const here = process.env['INIT_CWD'] ?? process.cwd();

try {
  await main();
} catch (error) {
  process.stderr.write(`new:backend: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main() {
  const { values, positionals } = parseArgs({ options: { folder: { type: 'string' } }, allowPositionals: true });
  const name = checkedName(positionals);
  const member = values.folder === undefined;
  const folder = member ? folderOfPackage(name) : resolve(here, values.folder ?? '');
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Error(`${folder} is not empty. Choose another name, or remove the folder first.`);
  if (!member && dirname(folder) === join(root, 'packages'))
    throw new Error(
      `${folder}: what lies in packages/ is a package of this workspace. Leave --folder out, or choose a folder elsewhere.`,
    );

  copyTemplate(folder, name, member);
  if (member) addToWorkspace(name);
  const resolvesHere = isInside(folder, root);
  if (resolvesHere) await ready('all');

  const shown = relative(here, folder).replaceAll('\\', '/') || '.';
  process.stdout.write(`Made ${shown}.\n`);
  process.stdout.write(
    resolvesHere ? nextSteps(shown, member) : `Next: ${shown}/README.md says what to install there.\n`,
  );
}

/** @param {string[]} positionals */
function checkedName(positionals) {
  const [name] = positionals;
  if (positionals.length !== 1 || !name || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(
      `expected one name in kebab-case, such as my-engine; got ${positionals.join(' ') || 'none'}. Example: npm run new:backend -- my-engine`,
    );
  if (!identifierOf(name))
    throw new Error(
      `${name} becomes the name of a function, and JavaScript or the template has that word already. Choose another name, such as ${name}-engine.`,
    );
  return name;
}

/**
 * @param {string} shown - the folder, as a person would type it
 * @param {boolean} member - whether it is a package of this workspace
 */
function nextSteps(shown, member) {
  return [
    'Next: fill in src/lowering.ts, build, and ask what is missing:',
    member ? '  npm run setup' : `  npx --no-install tsc -p ${shown}`,
    `  npx --no-install mace conform --backend ${shown}`,
    '',
  ].join('\n');
}

/**
 * @param {string} folder
 * @param {string} parent
 */
function isInside(folder, parent) {
  const way = relative(parent, folder);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
