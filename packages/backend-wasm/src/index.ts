/**
 * MACE on any CPU: kernels in WebAssembly, written for the graph when it is compiled. Runs wherever JavaScript does, needs no
 * installation, and computes in float64 and float32.
 */
import {
  assembleBackend,
  checkOptions,
  trueOrFalse,
  wholeNumber,
  type Availability,
  type BackendDefinition,
  type Capabilities,
  type OptionRules,
} from '@mace/core/backend';
import { BackendUnavailableError } from '@mace/core/errors';
import { Arena } from './arena.js';
import { compileExecutable } from './executable.js';
import { Neighbors } from './neighbors.js';
import { measurePeak } from './peak.js';
import { hasRelaxedSimd, hasSimd, mayCompile } from './support.js';
import { tensorIn } from './tensor.js';
import { ThreadPool } from './threads/pool.js';
import { threadsAvailable, workersStart } from './threads/thread.js';

export interface WasmOptions {
  /** Multiply-add with one rounding, where the engine has relaxed SIMD. Default true. */
  readonly relaxedSimd?: boolean;
  /** Pages of 64 KiB that the memory may have. Default 65,536, which is 4 GiB. */
  readonly maximumPages?: number;
  /** Atoms that are computed together, while what they need is in a cache. Default 16. */
  readonly atomsPerChunk?: number;
  /**
   * Threads that share a run of more than one chunk, 64 at most: more are not refused, since a program may pass what a large machine has,
   * and `device` says so. Default all that the machine runs at once; in pages that are not cross-origin isolated or may not start
   * workers from text (`worker-src blob:`), one.
   */
  readonly threads?: number;
}

const name = 'wasm';
const mostThreads = 64;

/**
 * Threads of a backend that nobody can reach any more and nobody disposed of: they would hold its memory for ever. The arena is what
 * the backend, its executables and its tensors all refer to, and its threads do not.
 */
const forgotten = new FinalizationRegistry<ThreadPool>((pool) => pool.stop());

const rules: OptionRules<WasmOptions> = {
  relaxedSimd: trueOrFalse,
  maximumPages: wholeNumber(1, 65536),
  atomsPerChunk: wholeNumber(1),
  threads: wholeNumber(1),
};

/** MACE in WebAssembly. @throws UnsupportedError (`option`) */
export function wasm(options: WasmOptions = {}): BackendDefinition {
  checkOptions(name, options, rules);
  const { maximumPages = 65536, atomsPerChunk = 16 } = options;
  const wanted = Math.min(options.threads ?? threadsAvailable(), threadsAvailable() > 1 ? mostThreads : 1);
  const probe = async (): Promise<Availability> => {
    if (typeof WebAssembly === 'undefined')
      return { available: false, reason: 'there is no WebAssembly here.', remedy: 'Use a current browser, or Node.' };
    if (!mayCompile())
      return {
        available: false,
        reason: 'the Content-Security-Policy of this page or worker forbids WebAssembly.',
        remedy: "Add 'wasm-unsafe-eval' to its script-src, or use the backend typed-arrays.",
      };
    if (!hasSimd())
      return {
        available: false,
        reason: 'this engine has no SIMD in WebAssembly.',
        remedy: 'Use a browser of 2023 or later, Node 20 or later, or the backend typed-arrays.',
      };
    const relaxed = (options.relaxedSimd ?? true) && hasRelaxedSimd();
    const threads = wanted > 1 && (await workersStart()) ? wanted : 1;
    const capabilities: Capabilities = {
      precisions: ['f64', 'f32'],
      deterministic: true,
      specials: 'ieee',
      deviceTensors: true,
      maxBufferBytes: maximumPages * 65536,
      maxMemoryBytes: maximumPages * 65536,
      threads,
    };
    const asked = options.threads ?? 1;
    const ofAsked = threads === mostThreads && asked > threads ? ` (${asked} asked for, ${threads} is the most)` : '';
    return {
      available: true,
      device: `WebAssembly, SIMD${relaxed ? ' with relaxed multiply-add' : ''}, ${threads} thread${threads === 1 ? '' : 's'}${ofAsked}`,
      capabilities,
    };
  };
  return {
    contract: 2,
    name,
    probe,
    create: async () => {
      const found = await probe();
      if (!found.available) throw new BackendUnavailableError(`${name}: ${found.reason} ${found.remedy ?? ''}`.trim());
      const relaxed = found.device.includes('relaxed');
      const { threads = 1 } = found.capabilities;
      const arena = new Arena(maximumPages, threads > 1);
      const neighbors = new Neighbors(arena);
      const pool = threads > 1 ? new ThreadPool(threads, arena.memory, arena.control) : null;
      if (pool) forgotten.register(arena, pool, pool);
      return assembleBackend({
        name,
        device: found.device,
        capabilities: found.capabilities,
        fusions: ['pointwise'],
        compile: (graph, compileOptions) =>
          compileExecutable(arena, graph, compileOptions, { relaxed, atomsPerChunk, pool }),
        peak: (precision) => measurePeak(precision as 'f32' | 'f64', relaxed),
        neighbors: (request) => neighbors.find(request),
        upload: (values, shape) => tensorIn(arena, values, shape),
        dispose: () => {
          if (!pool) return;
          forgotten.unregister(pool);
          pool.stop();
        },
      });
    },
  };
}
