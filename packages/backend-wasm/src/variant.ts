/** The code of a graph, in memory of its own, with what it holds for the present parameters. */
import type { Program } from '@mace/core/backend';
import type { Arena } from './arena.js';
import type { CompiledGraph } from './code.js';
import type { Emitter, Value } from './emitter.js';
import { Folder, type Parameters } from './fold.js';
import { hostImports } from './kernels/kernel-set.js';
import { RunLayout } from './run-layout.js';
import { KeptSpace } from './run-space.js';
import type { Code } from './steps.js';
import type { ThreadPool } from './threads/pool.js';

export interface Variant {
  /** Number of the module for the threads. */
  readonly id: number;
  readonly program: Program<Emitter, Value>;
  readonly emitter: Emitter;
  readonly module: WebAssembly.Module;
  readonly code: Code;
  readonly kept: KeptSpace;
  /** Null where everything runs on the thread that asks. */
  readonly pool: ThreadPool | null;
  /** Computes what depends on these parameters alone, unless it is there. */
  fold(parameters: Parameters): void;
  dispose(): void;
}

/** Number of the next module. */
let modules = 0;

/** @param isFrugal - whether sums over edges are made again where they are needed, rather than kept */
export async function variantOf(
  { program, code: compiled }: CompiledGraph,
  arena: Arena,
  pool: ThreadPool | null,
  isFrugal: boolean,
): Promise<Variant> {
  const { emitter, list, module } = await compiled(isFrugal);
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const code = instance.exports as Code;
  const kept = new KeptSpace(arena, new RunLayout(emitter, list));
  const folder = new Folder(program, emitter, kept, code);
  const id = ++modules;
  let folded: Parameters | undefined;
  return {
    id,
    program,
    emitter,
    module,
    code,
    kept,
    pool,
    fold: (parameters) => {
      if (folded === parameters) return;
      // Until all of it is there, it is of no parameters.
      folded = undefined;
      folder.fold(parameters);
      folded = parameters;
    },
    dispose: () => {
      pool?.close(id);
      kept.free();
    },
  };
}
