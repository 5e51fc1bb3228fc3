/**
 * Ours and the peers on one model and one structure: each in a process of its own, warmed up, checked against the forces of
 * the first, then timed in turns.
 */
import { openContestant } from './contestant.mjs';

/** Seconds that a turn aims at, and the most runs in it. */
const turnSeconds = 1;
const mostRuns = 10;

/** Warm-up ends with two runs within this part of each other, or with the last of these. */
const settled = 0.05;
const mostWarmUpRuns = 5;

/** Largest difference of forces, as a part of the largest force. Tables of symmetrix-xl hold to some 1e-5 in float64 too. */
const agreement = { f32: 1e-3, f64: 1e-4 };

/**
 * @typedef {{ side: string, device: string, threads: number, versions: Record<string, string>, seconds: number[],
 *   absent?: string, disagrees?: boolean, forceDifference?: number, tables?: boolean, build?: string, nativePeak?: number,
 *   vectorBits?: number | null, multiplyAdds?: number, peak?: number | null }} Measured
 * @typedef {{ measured: Measured, process: ReturnType<typeof openContestant>, runs: number }} Racer
 */

/**
 * @param {{ request: { precision: string, threads: number, model?: string, symmetrixModel?: string }, backends: readonly string[],
 *   peers: readonly string[], skipped: Readonly<Record<string, string>>, edges: number, turns: number,
 *   report: (text: string) => void }} race
 * @returns {Promise<Measured[]>}
 */
export async function measure({ request, backends, peers, skipped, edges, turns, report }) {
  const entries = [
    ...backends.map((backend) => ({ side: backend, ...oursIn(backend) })),
    ...peers.map((peer) => ({ side: peer, request: {}, ...peerIn(peer, request, skipped[peer]) })),
  ];
  const all = /** @type {Measured[]} */ ([]);
  const racers = /** @type {Racer[]} */ ([]);
  /** @type {number[] | undefined} */
  let expected;
  try {
    for (const { side, command, absent, request: own } of entries) {
      const measured = /** @type {Measured} */ ({ side, device: '', threads: 1, versions: {}, seconds: [] });
      all.push(measured);
      if (command === undefined) {
        Object.assign(measured, { absent });
        continue;
      }
      report(`${side} sets up`);
      const process = openContestant(...command, request.threads);
      const racer = { measured, process, runs: 1 };
      racers.push(racer);
      expected = await attempt(racer, async () => {
        const { edges: found, ...facts } = await process.ask({ ...request, ...own });
        Object.assign(measured, facts);
        if (found !== undefined && found !== edges) throw new Error(`has ${found} edges; expected ${edges}`);
        const { forces } = await process.ask({ forces: true });
        compare(measured, forces, expected ?? forces, request.precision);
        racer.runs = await warmUp(process);
        return expected ?? forces;
      });
      if (all.length === 1 && expected === undefined) throw new Error(`${side}: ${measured.absent}`);
    }
    for (let turn = 1; turn <= turns; turn++) {
      report(`turn ${turn} of ${turns}`);
      for (const racer of racers) {
        const { measured, process, runs } = racer;
        if (measured.absent !== undefined) continue;
        await attempt(racer, async () => measured.seconds.push(...(await process.ask({ runs })).seconds));
      }
    }
  } finally {
    for (const { process } of racers) await process.close();
  }
  return all;
}

/** What `work` gives, or the reason why this racer is out of the race. @template T @param {Racer} racer @param {() => Promise<T>} work */
async function attempt({ measured }, work) {
  try {
    return await work();
  } catch (error) {
    measured.absent = error instanceof Error ? error.message : String(error);
    measured.seconds.length = 0;
    return undefined;
  }
}

/** @param {Measured} measured @param {number[]} forces @param {number[]} expected @param {string} precision */
function compare(measured, forces, expected, precision) {
  if (forces.length !== expected.length) throw new Error(`gives ${forces.length} forces; expected ${expected.length}`);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = forces.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))), 0);
  measured.forceDifference = difference / largest;
  const limit = agreement[precision === 'f64' ? 'f64' : 'f32'];
  if (measured.forceDifference <= limit) return;
  measured.disagrees = true;
  throw new Error(`forces differ by ${measured.forceDifference.toExponential(1)} of the largest; at most ${limit}`);
}

/** Runs until times settle; gives how many make a turn. @param {ReturnType<typeof openContestant>} process */
async function warmUp(process) {
  let before = Infinity;
  for (let run = 0; run < mostWarmUpRuns; run++) {
    const [now] = (await process.ask({ runs: 1 })).seconds;
    const near = Math.abs(now - before) < settled * Math.max(now, before);
    before = now;
    if (near) break;
  }
  return Math.min(mostRuns, Math.max(1, Math.round(turnSeconds / before)));
}

/** @typedef {[program: string, args: string[]]} Command */

/** @param {string} backend @returns {{ request: object, command?: Command, absent?: string }} */
function oursIn(backend) {
  return { request: { backend }, command: [process.execPath, [script('./turns.mjs')]] };
}

/**
 * @param {string} peer
 * @param {{ model?: string, symmetrixModel?: string }} files
 * @param {string | undefined} reason why it is left out
 * @returns {{ command?: Command, absent?: string, request?: object }}
 */
function peerIn(peer, files, reason) {
  if (reason !== undefined) return { absent: reason };
  const torch = process.env['MACE_TORCH_PYTHON'];
  if (!torch || !files.model) return { absent: 'set MACE_TORCH_PYTHON to an interpreter with mace-torch' };
  const command = /** @type {Command} */ ([torch, [script('../peers/mace_torch_turns.py')]]);
  if (peer === 'mace-torch') return { command };
  if (peer === 'mace-torch-compiled') return { command, request: { compiled: true } };
  const own = process.env['SYMMETRIX_PYTHON'];
  if (!own) return { absent: 'set SYMMETRIX_PYTHON to an interpreter with symmetrix-xl' };
  return { command: [own, [script('../peers/symmetrix_time.py')]] };
}

/** @param {string} path */
function script(path) {
  return new URL(path, import.meta.url).pathname;
}
