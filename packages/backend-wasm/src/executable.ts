/** One graph, compiled: its code, the memory that it runs in, and what the contract asks of it. */
import type {
  BoundInputs,
  CompileOptions,
  ExecutableParts,
  RealArray,
  RunCost,
  RunOptions,
  TensorParts,
} from '@mace/core/backend';
import { DisposedError } from '@mace/core/errors';
import type { Graph } from '@mace/core/ir';
import type { Arena } from './arena.js';
import { chunksOf, type Chunks } from './chunks.js';
import { compiledGraph, type CompiledGraph } from './code.js';
import type { Emitter } from './emitter.js';
import { hostImports } from './kernels/kernel-set.js';
import { RunLayout, RunSpace } from './run-space.js';
import { Runner } from './runner.js';
import { tensorIn, type ArenaTensor } from './tensor.js';
import type { ThreadPool } from './threads/pool.js';

/** What holds for all graphs of a backend. */
export interface ExecutableSettings {
  readonly relaxed: boolean;
  readonly atomsPerChunk: number;
  /** Null where everything runs on the thread that asks. */
  readonly pool: ThreadPool | null;
}

/** Bytes of a run above which sums over edges are made again where they are needed, rather than kept. */
const frugalAbove = 2 ** 29;

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  settings: ExecutableSettings,
): Promise<ExecutableParts> {
  const { atomsPerChunk, pool, relaxed } = settings;
  const compiled = compiledGraph(graph, {
    precision: options.precision as 'f32' | 'f64',
    relaxed,
    memory: { shared: arena.shared, maximum: arena.maximumPages },
    ...(options.fusions !== undefined && { fusions: options.fusions }),
    ...(options.passes !== undefined && { passes: options.passes }),
  });
  const { program } = compiled;
  const fast = await variantOf(compiled, arena, pool, false);
  let frugal: Variant | undefined;
  const { owner } = fast.plan;
  const otherEnds = program.graph.maps
    .filter(({ name, from, to, derivation }) => from === 'edges' && to === 'atoms' && !derivation && name !== owner)
    .map(({ name }) => name);

  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let running = 0;
  let disposed = false;

  /** How a run is cut, and what it needs if nothing is computed twice. */
  const sizesOf = (inputs: Pick<BoundInputs, 'dims' | 'maps'>): { chunks: Chunks; threads: number; bytes: number } => {
    const chunks = chunksOf(inputs, owner, otherEnds, fast.space.layout.scatteredMaps, atomsPerChunk);
    const threads = pool && chunks.count > 1 ? pool.size : 1;
    return { chunks, threads, bytes: fast.space.layout.bytesOf(inputs, chunks, threads) };
  };
  const cost = (inputs: Pick<BoundInputs, 'dims' | 'maps'>): RunCost => {
    const { chunks, threads, bytes } = sizesOf(inputs);
    const frugally = (): RunLayout => {
      const { emitter, list } = compiled.written(true);
      return new RunLayout(emitter, list);
    };
    const kernels = fast.runner.multiplyAdds(inputs.dims);
    return {
      bytes: bytes > frugalAbove ? frugally().bytesOf(inputs, chunks, threads) : bytes,
      multiplyAdds: Object.values(kernels).reduce((a, b) => a + b, 0),
      kernels,
    };
  };

  const variants = (): Variant[] => (frugal ? [fast, frugal] : [fast]);
  const compute = async (
    given: BoundInputs,
    weights: typeof parameters,
    between: () => void,
    profile?: RunOptions['profile'],
  ): Promise<Map<string, RealArray>> => {
    let inputs = given;
    const { chunks, threads, bytes } = sizesOf(inputs);
    let variant = fast;
    if (bytes > frugalAbove) {
      if (!frugal) inputs = copyOf(inputs);
      variant = frugal ??= await variantOf(compiled, arena, pool, true);
    }
    try {
      variant.space.prepare(inputs, chunks, threads);
      if (variant.folded !== weights) variant.runner.fold(weights);
      variant.folded = weights;
      await variant.runner.run(inputs, chunks, weights, between, profile);
      const outputs = Object.entries(program.graph.outputs);
      return new Map(outputs.map(([name, node]) => [name, variant.runner.numbers(node, inputs.dims).slice()]));
    } finally {
      variant.space.freeRun();
    }
  };
  /** One run at a time in this memory; what is disposed of meanwhile goes afterwards. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    running++;
    return arena.alone(async () => {
      try {
        if (disposed) throw new DisposedError('the executable was disposed of before its run began. Compile it again.');
        return await work();
      } finally {
        if (--running === 0 && disposed) release();
      }
    });
  };
  /** A run that has to wait reads its inputs later; until then the caller may write to them. */
  const asTheyAre = (inputs: BoundInputs): BoundInputs => (arena.busy ? copyOf(inputs) : inputs);
  const release = (): void => {
    for (const variant of variants()) variant.runner.dispose();
    parameters = {};
  };

  return {
    graph: program.graph,
    report: program.report,
    chunked: true,
    cost,
    memory: () => {
      const held = variants().map(({ space }) => space.memory());
      return {
        liveBytes: held.reduce((sum, { liveBytes }) => sum + liveBytes, 0),
        liveBuffers: held.reduce((sum, { liveBuffers }) => sum + liveBuffers, 0),
      };
    },
    run: (given, between, profile) => {
      const [inputs, weights] = [asTheyAre(given), parameters];
      return alone(async () => Object.fromEntries(await compute(inputs, weights, between, profile)));
    },
    runOnDevice: (given, between) => {
      const [inputs, weights] = [asTheyAre(given), parameters];
      return alone(async () => {
        const made: Record<string, TensorParts> = {};
        for (const [name, values] of await compute(inputs, weights, between)) {
          const { shape } = program.graph.outputs[name]!.type;
          const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : inputs.dims[dim]));
          made[name] = tensorIn(arena, values, sizes);
        }
        return made;
      });
    },
    setParameters: (replacements) => {
      parameters = copied(replacements);
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      if (running === 0) release();
    },
  };
}

/** The code of a program, in memory of its own. */
interface Variant {
  readonly plan: Emitter['plan'];
  readonly space: RunSpace;
  readonly runner: Runner;
  /** The parameters whose folded values it holds. */
  folded: Readonly<Record<string, RealArray>> | null;
}

async function variantOf(
  compiled: CompiledGraph,
  arena: Arena,
  pool: ThreadPool | null,
  isFrugal: boolean,
): Promise<Variant> {
  const { emitter, list, module } = await compiled.code(isFrugal);
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const space = new RunSpace(arena, new RunLayout(emitter, list));
  const code = instance.exports as Runner['code'];
  const runner = new Runner(compiled.program, emitter, arena, space, module, code, pool);
  return { plan: emitter.plan, space, runner, folded: null };
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}

/** The same inputs in arrays of our own, tensors too, which may be disposed of before the run begins. */
function copyOf({ dims, maps, values }: BoundInputs): BoundInputs {
  return {
    dims: { ...dims },
    maps: new Map(
      [...maps].map(([name, { values: targets, offsets, order }]) => [
        name,
        { values: targets.slice(), offsets: offsets.slice(), order: order.slice() },
      ]),
    ),
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        (ArrayBuffer.isView(value) ? value : (value as ArenaTensor).view()).slice(),
      ]),
    ),
  };
}
