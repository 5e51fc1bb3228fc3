/**
 * What a thread runs, as text: so it starts in Node, in pages and in bundles alike, from no file.
 *
 * Threads take the chunks of a phase in order. A chunk's sums for rows of other chunks are added when its turn comes, so every
 * sum is in the order of the chunks, whatever the number of threads. No phase starts before all threads have ended the last one.
 */

/** Words of shared memory for the phases of one job; `next`: chunk, `turn`: chunk that may add, `arrived`: threads at the end. */
export const phaseWords = { next: 0, turn: 1, arrived: 2, count: 3 } as const;
/** The word that is not 0 once a job shall stop. */
export const stopWord = 0;
/** Where the words of the first phase start. */
export const firstPhaseWord = 1;

/** What is posted to a thread. */
export type ToThread =
  | {
      readonly kind: 'open';
      readonly id: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
    }
  | { readonly kind: 'close'; readonly id: number }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly thread: number;
      readonly threads: number;
      /** Address of the list that drivers read. */
      readonly list: number;
      /** Address of the words above. */
      readonly control: number;
      /** Names of the drivers of each phase. */
      readonly phases: readonly { readonly run: string; readonly commit: string }[];
      readonly chunks: number;
    };

/** What a thread posts: that it still works (thread 0 only), that it is done, what went wrong. */
export type FromThread =
  | { readonly kind: 'tick' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

export const workerSource = `
const port = typeof self === 'object' && typeof self.postMessage === 'function' ? self : require('node:worker_threads').parentPort;
const opened = new Map();
const host = { log: Math.log, sin: Math.sin, cos: Math.cos, pow: Math.pow };
const waitWhile = (words, at, value) => { if (Atomics.load(words, at) === value) Atomics.wait(words, at, value); };
const runPhase = (code, words, at, { run, commit }, job, tick) => {
  for (;;) {
    const chunk = Atomics.add(words, at + ${phaseWords.next}, 1);
    if (chunk >= job.chunks) return;
    const stopped = Atomics.load(words, ${stopWord}) !== 0;
    if (!stopped) code[run](job.list, job.thread, chunk);
    if (code[commit]) {
      for (let turn; (turn = Atomics.load(words, at + ${phaseWords.turn})) !== chunk; ) waitWhile(words, at + ${phaseWords.turn}, turn);
      if (!stopped) code[commit](job.list, job.thread, chunk);
      Atomics.store(words, at + ${phaseWords.turn}, chunk + 1);
      Atomics.notify(words, at + ${phaseWords.turn});
    }
    tick();
  }
};
const runJob = (job) => {
  const { code, memory } = opened.get(job.id);
  const words = new Int32Array(memory.buffer, job.control, ${firstPhaseWord} + ${phaseWords.count} * job.phases.length);
  let last = performance.now();
  const tick = () => {
    if (job.thread > 0 || performance.now() - last < 20) return;
    last = performance.now();
    port.postMessage({ kind: 'tick' });
  };
  let failure;
  job.phases.forEach((phase, i) => {
    const at = ${firstPhaseWord} + ${phaseWords.count} * i;
    try {
      runPhase(code, words, at, phase, job, tick);
    } catch (error) {
      failure = failure ?? error;
      Atomics.store(words, ${stopWord}, 1);
    }
    if (Atomics.add(words, at + ${phaseWords.arrived}, 1) + 1 === job.threads) Atomics.notify(words, at + ${phaseWords.arrived});
    for (let seen; (seen = Atomics.load(words, at + ${phaseWords.arrived})) < job.threads; ) waitWhile(words, at + ${phaseWords.arrived}, seen);
  });
  if (failure) throw failure;
};
const receive = (message) => {
  try {
    if (message.kind === 'open') {
      const { module, memory } = message;
      const instance = new WebAssembly.Instance(module, { host: { ...host, memory } });
      opened.set(message.id, { code: instance.exports, memory });
    } else if (message.kind === 'close') opened.delete(message.id);
    else {
      runJob(message);
      port.postMessage({ kind: 'done' });
    }
  } catch (error) {
    port.postMessage({ kind: 'failed', message: String(error) });
  }
};
if (port.on) port.on('message', receive);
else port.onmessage = ({ data }) => receive(data);
`;
