// `npm run tfjs:native [-- --cuda] [-- --report] [-- --force]`: builds the native binding of TensorFlow.js from the sources
// in its package against the TensorFlow of a Python wheel, because its own install script downloads a library that is
// often out of reach and old. Into .setup/tfjs-native; steps that are done are skipped, --force does them again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { npmScript } from './lib/process.mjs';
import { root, stateFolder } from './lib/workspace.mjs';

const packages = ['@tensorflow/tfjs-node@4.22.0', 'node-api-headers@1.5.0'];
// The smallest wheel whose ops are all right: 2.18 and later give zeros from a round of int32.
const cpuWheel = 'tensorflow-cpu==2.15.1';
const cudaWheel = 'tensorflow[and-cuda]==2.21.0';

const folder = join(stateFolder, 'tfjs-native');
const binding = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
const library = join(binding, 'lib', 'napi-v8', 'tfjs_binding.node');
const stamp = join(folder, 'built.json');

try {
  main();
} catch (error) {
  process.stderr.write(`tfjs:native: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function main() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const { values } = parseArgs({ options: { cuda: flag, report: flag, force: flag } });
  const { cuda, report, force } = values;
  checkTools();
  if (force) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  installSources();
  const tensorflow = cuda ? installCuda() : unpackWheel();
  compile(tensorflow, cuda ? 'cuda' : 'cpu');
  const env = environment(tensorflow, cuda);
  tryOut(env, cuda);
  const conform = ['--backend', 'tfjs-node', '--precision', 'f32'];
  if (report) {
    say('the conformance kit, whose report says what works here');
    process.exitCode = run(process.execPath, [join(root, 'scripts', 'conform.mjs'), ...conform], { env });
    if (cuda) say('done. CUDA is not verified by this project: please send the report above in as an issue');
    return;
  }
  // With CUDA the libraries have to be found too, which --report sees to.
  const next = cuda ? 'tfjs:native -- --cuda --report' : `conform -- ${conform.join(' ')}`;
  process.stdout.write(`Next: npm run ${next}\n`);
}

function checkTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `needs Linux on x86-64, this is ${process.platform} on ${process.arch}. Use the engine wasm of TensorFlow.js here.`,
    );
  if (Number(process.versions.node.split('.')[0]) > 22)
    throw new Error(
      `Node ${process.versions.node}: @tensorflow/tfjs-node 4.22 calls functions that Node 23 removed. Use Node 20 or 22.`,
    );
  const tools = [
    { command: ['g++', '--version'], remedy: 'g++ is missing. Debian: apt-get install g++' },
    { command: ['python3', '--version'], remedy: 'python3 is missing. Debian: apt-get install python3' },
    { command: ['python3', '-m', 'pip', '--version'], remedy: 'pip is missing. Debian: apt-get install python3-pip' },
  ];
  for (const { command, remedy } of tools) {
    const [program = '', ...args] = command;
    if (spawnSync(program, args).status !== 0) throw new Error(remedy);
  }
}

/** The package with the sources of the binding, without its install script, and the headers of Node's interface. */
function installSources() {
  if (
    existsSync(join(binding, 'binding', 'tfjs_backend.cc')) &&
    existsSync(join(folder, 'node_modules/node-api-headers'))
  )
    return say(`${packages.join(' and ')}: there already`);
  say(`installing ${packages.join(' and ')}`);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ name: 'tfjs-native', private: true })}\n`);
  const npm = npmScript('npm-cli.js');
  const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (run(program, [...first, 'install', ...options, ...packages], { cwd: folder }) !== 0)
    throw new Error('npm install failed (see above). It needs the network: check it, then run this again.');
}

/** Folder of the two libraries and the headers out of the wheel for the CPU; no virtual environment. */
function unpackWheel() {
  const target = join(folder, 'tensorflow-cpu');
  const tensorflow = join(target, 'tensorflow');
  if (existsSync(join(target, 'complete'))) return said(tensorflow, `${cpuWheel}: there already`);
  say(`downloading ${cpuWheel} (207 MB)`);
  const wheels = join(folder, 'wheel');
  const where = ['--python-version', '311', '--platform', 'manylinux2014_x86_64', '-d', wheels];
  const only = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--quiet'];
  if (run('python3', ['-m', 'pip', 'download', ...only, ...where, cpuWheel]) !== 0)
    throw new Error('pip download failed (see above). It needs the network: check it, then run this again.');
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl')) ?? '';
  say(`unpacking ${wheel}`);
  const script = [
    'import sys, zipfile',
    'wheel = zipfile.ZipFile(sys.argv[1])',
    "libraries = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')",
    "headers = ('tensorflow/include/tensorflow/c/', 'tensorflow/include/tensorflow/core/platform/', 'tensorflow/include/tsl/')",
    'names = [n for n in wheel.namelist() if n in libraries or n.startswith(headers)]',
    'wheel.extractall(sys.argv[2], names)',
  ].join('\n');
  if (run('python3', ['-c', script, join(wheels, wheel), target]) !== 0)
    throw new Error('the wheel cannot be unpacked (see above). It needs 900 MB of disk. Run this again with --force.');
  rmSync(wheels, { recursive: true });
  writeFileSync(join(target, 'complete'), '');
  return tensorflow;
}

/** Folder of TensorFlow in a virtual environment with its CUDA packages (several GB). */
function installCuda() {
  const environmentFolder = join(folder, 'cuda');
  const python = join(environmentFolder, 'bin', 'python');
  const complete = join(environmentFolder, 'complete');
  if (!existsSync(complete)) {
    say(`installing ${cudaWheel} (several GB)`);
    if (run('python3', ['-m', 'venv', environmentFolder]) !== 0)
      throw new Error('python3 -m venv failed (see above). Debian: apt-get install python3-venv');
    if (run(python, ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', cudaWheel]) !== 0)
      throw new Error(
        'pip install failed (see above). It needs the network, and a Python that the wheel is made for (3.10 to 3.13).',
      );
    writeFileSync(complete, '');
  } else say(`${cudaWheel}: there already`);
  const script = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  return join(spawnSync(python, ['-c', script], { encoding: 'utf8' }).stdout.trim(), 'tensorflow');
}

/**
 * Compiles and links the binding. The path of the library is absolute: the folder must stay where it is.
 * @param {string} tensorflow
 * @param {string} kind
 */
function compile(tensorflow, kind) {
  const wanted = `${kind} ${tensorflow} ${process.versions.modules}`;
  if (existsSync(library) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return say('the binding: there already');
  say('compiling the binding (10 to 20 s)');
  mkdirSync(join(library, '..'), { recursive: true });
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(binding, 'binding', name));
  const includes = [join(folder, 'node_modules', 'node-api-headers', 'include'), join(tensorflow, 'include'), binding];
  const flags = ['-O2', '-std=c++17', '-shared', '-fPIC', '-fvisibility=hidden', '-DNAPI_VERSION=8'];
  const libraries = ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'];
  const link = [`-L${tensorflow}`, ...libraries, `-Wl,-rpath,${tensorflow}`];
  const args = [...flags, ...includes.map((path) => `-I${path}`), ...sources, '-o', library, ...link];
  if (run('g++', args) !== 0)
    throw new Error('g++ failed (see above). It needs C++17 (g++ 9 or newer). Run this again with --force.');
  writeFileSync(stamp, wanted);
}

/**
 * The environment in which the binding finds its libraries.
 * @param {string} tensorflow
 * @param {boolean} cuda
 * @returns {NodeJS.ProcessEnv}
 */
function environment(tensorflow, cuda) {
  if (!cuda) return process.env;
  const nvidia = join(tensorflow, '..', 'nvidia');
  const folders = readdirSync(nvidia)
    .map((name) => join(nvidia, name, 'lib'))
    .filter((path) => existsSync(path));
  const path = [...folders, ...(process.env['LD_LIBRARY_PATH']?.split(':') ?? [])].join(':');
  return { ...process.env, LD_LIBRARY_PATH: path, TF_FORCE_GPU_ALLOW_GROWTH: 'true' };
}

/**
 * Loads the binding in a process of its own and multiplies two matrices.
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} cuda
 */
function tryOut(env, cuda) {
  const script = `
    const tf = require(${JSON.stringify(binding)});
    const product = tf.tidy(() => Array.from(tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).dataSync())).join(' ');
    if (product !== '19 22 43 50') throw new Error('the product of two matrices is wrong: ' + product);
    const device = tf.backend().isUsingGpuDevice ? 'a CUDA device' : 'the CPU';
    console.log('tfjs:native: TensorFlow ' + tf.backend().binding.TF_Version + ' multiplies matrices on ' + device + '.');
    if (${cuda} && !tf.backend().isUsingGpuDevice)
      console.log('tfjs:native: it found no GPU. nvidia-smi says whether the driver works; CUDA 12 needs 525 or newer.');`;
  if (run(process.execPath, ['-e', script], { env: { TF_CPP_MIN_LOG_LEVEL: '2', ...env } }) !== 0)
    throw new Error('the binding does not work (see above). Run this again with --force.');
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {number} the exit code
 */
function run(program, args, { cwd = root, env = process.env } = {}) {
  const { status, error } = spawnSync(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw new Error(`${program} cannot be started: ${error.message}`);
  return status ?? 1;
}

/** @param {string} step */
function say(step) {
  process.stdout.write(`tfjs:native: ${step}.\n`);
}

/**
 * @param {string} value
 * @param {string} step
 */
function said(value, step) {
  say(step);
  return value;
}
