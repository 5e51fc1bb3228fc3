/**
 * A process that stays alive and answers one line for each request (protocol: benchmarks/peers/turns.py), on the first core
 * where `taskset` can put it there, with one thread for every library that asks the environment.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Whether processes are pinned to a core. */
export const pinned = spawnSync('taskset', ['-c', '0', process.execPath, '--version']).status === 0;

/** An allocator that keeps its memory, without which system time alone doubles the figure of mace-torch. */
const environment = {
  MALLOC_MMAP_THRESHOLD_: '8589934592',
  MALLOC_TRIM_THRESHOLD_: '8589934592',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  OMP_PROC_BIND: 'false',
};

/** Of what a dead process wrote to standard error, the end. */
const errorLength = 1500;

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [variables] of the environment
 */
export function openContestant(program, args, variables = {}) {
  const [command, ...rest] = pinned ? ['taskset', '-c', '0', program, ...args] : [program, ...args];
  const child = spawn(command, rest, { env: { ...process.env, ...environment, ...variables } });
  let errors = '';
  child.stderr.on('data', (text) => (errors = `${errors}${text}`.slice(-errorLength)));
  // A request to a process that has died is answered by `dead`.
  child.stdin.on('error', () => {});
  const dead = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => reject(new Error(`${program} ended (${signal ?? code}): ${errors.trim()}`)));
  });
  dead.catch(() => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    /** @param {object} request @returns {Promise<any>} */
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await Promise.race([lines.next(), dead]);
      if (line.done) return dead;
      return JSON.parse(line.value);
    },
    async close() {
      child.stdin.end();
      await dead.catch(() => {});
    },
  };
}
