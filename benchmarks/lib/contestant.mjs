/**
 * A process that stays alive and answers one line for each request (protocol: benchmarks/peers/turns.py), on the first cores
 * where `taskset` can put it there, with a thread for each of them for every library that asks the environment.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Whether processes are pinned to cores. */
export const pinned = spawnSync('taskset', ['-c', '0', process.execPath, '--version']).status === 0;

/** An allocator that keeps its memory, without which system time alone doubles the figure of mace-torch. */
const environment = {
  MALLOC_MMAP_THRESHOLD_: '8589934592',
  MALLOC_TRIM_THRESHOLD_: '8589934592',
  OMP_PROC_BIND: 'false',
};

/** How libraries are told the number of threads. */
const threadVariables = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'];

/** Of what a dead process wrote to standard error, the end. */
const errorLength = 1500;

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {number} [threads] - as many cores are used
 */
export function openContestant(program, args, threads = 1) {
  const [command, ...rest] = pinned ? ['taskset', '-c', `0-${threads - 1}`, program, ...args] : [program, ...args];
  const ofThreads = Object.fromEntries(threadVariables.map((name) => [name, String(threads)]));
  const child = spawn(command, rest, { env: { ...process.env, ...environment, ...ofThreads } });
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
