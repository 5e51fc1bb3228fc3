// Runs the built command line in this process, in the folder the user typed the command in (npm moves to the root).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './workspace.mjs';

/**
 * @param {string[]} args - as typed after `mace`
 */
export async function runCli(args) {
  const bin = join(root, 'packages', 'cli', 'bin', 'mace.js');
  process.argv = [process.execPath, bin, ...args];
  if (process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
  await import(pathToFileURL(bin).href);
}
