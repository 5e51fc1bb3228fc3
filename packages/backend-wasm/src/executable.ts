/** One graph, compiled: a module, the memory that it runs in, and what the contract asks of it. */
import { compileProgram, type BoundInputs, type CompileOptions, type ExecutableParts } from '@mace/core/backend';
import type { RealArray, RunOptions, TensorParts } from '@mace/core/backend';
import { DisposedError } from '@mace/core/errors';
import type { Graph } from '@mace/core/ir';
import type { Arena } from './arena.js';
import { chunksOf } from './chunks.js';
import { AddressList, writeDrivers } from './driver.js';
import { emit } from './emit.js';
import { hostImports } from './kernels/kernel-set.js';
import { lanesOf } from './lanes.js';
import { loweringsFor } from './lowering.js';
import { RunLayout, RunSpace } from './run-space.js';
import { Runner } from './runner.js';
import { tensorIn } from './tensor.js';
import type { ThreadPool } from './threads/pool.js';

/** What holds for all graphs of a backend. */
export interface ExecutableSettings {
  readonly relaxed: boolean;
  readonly atomsPerChunk: number;
  /** Null where everything runs on the thread that asks. */
  readonly pool: ThreadPool | null;
}

export async function compileExecutable(
  arena: Arena,
  graph: Graph,
  options: CompileOptions,
  { relaxed, atomsPerChunk, pool }: ExecutableSettings,
): Promise<ExecutableParts> {
  const lanes = lanesOf(options.precision as 'f32' | 'f64', relaxed);
  const program = compileProgram(graph, loweringsFor(lanes), options);
  const emitter = emit(program, lanes);
  const list = new AddressList();
  writeDrivers(emitter, list);
  const module = await WebAssembly.compile(
    emitter.kernels.encode({ shared: arena.shared, maximum: arena.maximumPages }),
  );
  const instance = await WebAssembly.instantiate(module, { host: { ...hostImports, memory: arena.memory } });
  const code = instance.exports as Runner['code'];
  const layout = new RunLayout(emitter, list);
  const runner = new Runner(program, emitter, arena, new RunSpace(arena, layout), module, code, pool);
  const { owner } = emitter.plan;
  const otherEnds = program.graph.maps
    .filter(({ name, from, to, derivation }) => from === 'edges' && to === 'atoms' && !derivation && name !== owner)
    .map(({ name }) => name);

  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let folded = false;
  let running = 0;
  let disposed = false;

  const compute = async (
    inputs: BoundInputs,
    between: () => void,
    profile?: RunOptions['profile'],
  ): Promise<Map<string, RealArray>> => {
    const chunks = chunksOf(inputs, owner, otherEnds, layout.scatteredMaps, atomsPerChunk);
    runner.space.prepare(inputs, chunks, pool && chunks.count > 1 ? pool.size : 1);
    if (!folded) runner.fold(parameters);
    folded = true;
    await runner.run(inputs, chunks, parameters, between, profile);
    const outputs = Object.entries(program.graph.outputs);
    return new Map(outputs.map(([name, node]) => [name, runner.numbers(node, inputs.dims)]));
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
  const release = (): void => {
    runner.dispose();
    parameters = {};
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => runner.space.memory(),
    run: (inputs, between, profile) =>
      alone(async () => {
        const found = await compute(inputs, between, profile);
        return Object.fromEntries([...found].map(([name, values]) => [name, values.slice()]));
      }),
    runOnDevice: (inputs, between) =>
      alone(async () => {
        const made: Record<string, TensorParts> = {};
        for (const [name, values] of await compute(inputs, between)) {
          const { shape } = program.graph.outputs[name]!.type;
          const sizes = shape.map((dim) => (typeof dim === 'number' ? dim : inputs.dims[dim]));
          made[name] = tensorIn(arena, values.slice(), sizes);
        }
        return made;
      }),
    setParameters: (replacements) => {
      parameters = copied(replacements);
      folded = false;
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      if (running === 0) release();
    },
  };
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}
