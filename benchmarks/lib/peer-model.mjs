/** One set of random weights as files: for mace-torch and us, and for symmetrix-xl where it is installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What pipes may carry back, bytes. */
const mostOutput = 1 << 26;

/**
 * The paths of the files that could be made; none without MACE_TORCH_PYTHON.
 * @param {string} folder
 * @param {import('./prepared.mjs').ModelShape} shape
 * @param {boolean} symmetrix whether its file is wanted as well
 * @returns {{ model?: string, symmetrixModel?: string }}
 */
export function makeModel(folder, shape, symmetrix) {
  const python = process.env['MACE_TORCH_PYTHON'];
  if (!python) return {};
  const model = join(folder, 'suite.model');
  const symmetrixModel = join(folder, 'suite.json');
  const own = process.env['SYMMETRIX_PYTHON'];
  const packages = symmetrix && own ? packagesOf(own) : undefined;
  const files = { model, ...(packages !== undefined && { symmetrixModel }) };
  const request = { ...shape, ...files, seed: 1, ...(packages !== undefined && { symmetrixPackages: packages }) };
  output(python, [new URL('../peers/make_model.py', import.meta.url).pathname], JSON.stringify(request));
  return files;
}

/** The folder of site packages that holds symmetrix-xl. @param {string} python */
function packagesOf(python) {
  const code = 'from importlib.util import find_spec as f; print(f("symmetrix").submodule_search_locations[0])';
  return join(output(python, ['-c', code], '').trim(), '..');
}

/** @param {string} program @param {readonly string[]} args @param {string} input */
function output(program, args, input) {
  const run = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: mostOutput });
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${run.stderr.slice(-2000)}`);
  return run.stdout;
}
