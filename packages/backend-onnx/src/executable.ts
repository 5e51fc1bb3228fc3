/** One compiled graph: its program, the session that runs it, and what a run feeds. */
import {
  compileProgram,
  concreteShape,
  sizeOf,
  type BoundInputs,
  type CompileOptions,
  type ExecutableParts,
  type IndexMapValues,
  type RealArray,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { held, numbersOf, tensorOf, type Held } from './device-tensor.js';
import { emitModel, type EmittedModel, type Feed, type Traits } from './emit.js';
import { computesAlone, type Engine, type OrtTensor } from './engine.js';
import { lowerings } from './lowering.js';
import { DataType } from './model-builder.js';
import { Session, type Turns } from './session.js';

/** @throws UnsupportedError, DeviceError */
export async function compileExecutable(
  graph: Graph,
  options: CompileOptions,
  engine: Engine,
  turns: Turns,
): Promise<ExecutableParts> {
  const { ort } = engine;
  const wide = options.precision === 'f64';
  const program = compileProgram(graph, lowerings, options);
  const shapes = new Map(program.graph.inputs.map(({ attributes, type }) => [attributes.name, type.shape]));
  const emit = (parameters: Readonly<Record<string, RealArray>>): EmittedModel =>
    emitModel(program, traitsOf(engine, wide), parameters);
  let { bytes, feeds, initializerBytes } = emit(options.parameters);
  let session = await Session.create(engine, turns, bytes);
  let disposed = false;

  const fed = (feed: Feed, { dims, maps, values }: BoundInputs): OrtTensor => {
    switch (feed.kind) {
      case 'size':
        return new ort.Tensor('int64', BigInt64Array.of(BigInt(sizeOf(feed.dim, dims))) as never, [1]);
      case 'targets': {
        const targets = maps.get(feed.map)!.values;
        return new ort.Tensor('int32', targets.slice() as never, [targets.length]);
      }
      case 'rows': {
        const { table, targets, most } = rowsBeside(maps.get(feed.map)!);
        return new ort.Tensor('int32', table as never, [targets, most]);
      }
      case 'value': {
        const shape = concreteShape(shapes.get(feed.name)!, dims);
        const value = values[feed.name]!;
        if (ArrayBuffer.isView(value)) return tensorOf(engine, wide, value, shape);
        // Only the CPU has two precisions, so that a tensor of the other one is in memory.
        const { tensor } = value as Held;
        const fits = tensor.type === (wide ? 'float64' : 'float32');
        return fits ? tensor : tensorOf(engine, wide, tensor.data as RealArray, shape);
      }
    }
  };
  /** The outputs, where the runtime made them. */
  const run = async (inputs: BoundInputs, stopIfCancelled: () => void): Promise<[string, OrtTensor][]> => {
    // Made now and not when it is this run's turn: the arrays belong to the caller.
    const tensors = Object.fromEntries([...feeds].map(([name, feed]) => [name, fed(feed, inputs)]));
    const found = await session.run(() => {
      stopIfCancelled();
      return tensors;
    });
    return Object.keys(program.graph.outputs).map((name) => [name, found[`out:${name}`]!]);
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => (disposed ? { liveBytes: 0, liveBuffers: 0 } : { liveBytes: initializerBytes, liveBuffers: 1 }),
    run: async (inputs, stopIfCancelled) => {
      const outputs = await run(inputs, stopIfCancelled);
      try {
        stopIfCancelled();
        const numbers = await Promise.all(outputs.map(([, tensor]) => numbersOf(engine, turns, tensor)));
        return Object.fromEntries(outputs.map(([name], i) => [name, numbers[i]!]));
      } finally {
        for (const [, tensor] of outputs) tensor.dispose();
      }
    },
    runOnDevice: async (inputs, stopIfCancelled) =>
      Object.fromEntries(
        (await run(inputs, stopIfCancelled)).map(([name, tensor]) => [name, held(engine, turns, tensor)]),
      ),
    setParameters: async (parameters) => {
      const next = emit(parameters);
      const replacement = await Session.create(engine, turns, next.bytes);
      if (disposed) return replacement.release();
      session.release();
      session = replacement;
      ({ bytes, feeds, initializerBytes } = next);
    },
    dispose: () => {
      disposed = true;
      session.release();
    },
  };
}

/** What the kernels of the engine can be trusted with. */
function traitsOf(engine: Engine, wide: boolean): Traits {
  const alone = computesAlone(engine);
  const shaders = engine.provider === 'webgpu';
  return {
    real: wide ? DataType.DOUBLE : DataType.FLOAT,
    // The CPU kernel that adds rows has no lock: with several threads, rows of one target are lost.
    rowSums: alone ? 'added' : 'beside',
    sameBits: (alone || shaders) && (engine.provider === 'wasm' && wide ? 'padded products' : 'plain products'),
    shaders,
  };
}

/** The rows of each target side by side [targets, most], filled up with the number of rows. Not empty: no buffer of a GPU is. */
function rowsBeside({ values, offsets, order }: IndexMapValues): { table: Int32Array; targets: number; most: number } {
  const targets = offsets.length - 1;
  let most = 1;
  for (let target = 0; target < targets; target++) most = Math.max(most, offsets[target + 1]! - offsets[target]!);
  const table = new Int32Array(targets * most).fill(values.length);
  for (let target = 0; target < targets; target++)
    table.set(order.subarray(offsets[target]!, offsets[target + 1]!), target * most);
  return { table, targets, most };
}
