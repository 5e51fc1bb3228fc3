/** One compiled graph: its program, the session that runs it, and what a run feeds. */
import {
  compileProgram,
  concreteShape,
  sizeOf,
  type BoundSizes,
  type BoundValues,
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
  let parameters: Readonly<Record<string, RealArray>> = copied(options.parameters);
  let { bytes, feeds, initializerBytes } = emit(parameters);
  let session = await Session.create(engine, turns, bytes);
  let disposed = false;

  /** What a run is fed that follows from sizes and maps alone; undefined for its values. */
  const fedOnce = (feed: Feed, { dims, maps }: BoundSizes): OrtTensor | undefined => {
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
      case 'value':
        return undefined;
    }
  };
  const fedValue = (name: string, { dims }: BoundSizes, values: BoundValues): OrtTensor => {
    const shape = concreteShape(shapes.get(name)!, dims);
    const value = values[name]!;
    if (ArrayBuffer.isView(value)) return tensorOf(engine, wide, value, shape);
    // Only the CPU has two precisions, so that a tensor of the other one is in memory.
    const { tensor } = value as Held;
    const fits = tensor.type === (wide ? 'float64' : 'float32');
    return fits ? tensor : tensorOf(engine, wide, tensor.data as RealArray, shape);
  };
  /** The outputs, where the runtime made them. */
  const run = async (
    sizes: BoundSizes,
    known: Map<string, OrtTensor>,
    values: BoundValues,
    stopIfCancelled: () => void,
  ): Promise<[string, OrtTensor][]> => {
    // Made now and not when it is this run's turn: the arrays belong to the caller.
    const tensors: Record<string, OrtTensor> = {};
    for (const [name, feed] of feeds) {
      const once = known.get(name) ?? fedOnce(feed, sizes);
      if (once) known.set(name, once);
      tensors[name] = once ?? fedValue((feed as Extract<Feed, { kind: 'value' }>).name, sizes, values);
    }
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
    bind: (sizes) => {
      const known = new Map<string, OrtTensor>();
      return {
        run: async (values, { keep, stopIfCancelled }) => {
          const outputs = await run(sizes, known, values, stopIfCancelled);
          const toHost = outputs.filter(([name]) => !keep.has(name));
          try {
            stopIfCancelled();
            const numbers = await Promise.all(toHost.map(([, tensor]) => numbersOf(engine, turns, tensor)));
            return Object.fromEntries([
              ...toHost.map(([name], i) => [name, numbers[i]!] as const),
              ...outputs.flatMap(([name, tensor]) =>
                keep.has(name) ? [[name, held(engine, turns, tensor)] as const] : [],
              ),
            ]);
          } catch (error) {
            for (const [name, tensor] of outputs) if (keep.has(name)) tensor.dispose();
            throw error;
          } finally {
            for (const [, tensor] of toHost) tensor.dispose();
          }
        },
        dispose: () => {
          for (const tensor of known.values()) tensor.dispose();
        },
      };
    },
    setParameters: async (replacements) => {
      const all = { ...parameters, ...copied(replacements) };
      const next = emit(all);
      const replacement = await Session.create(engine, turns, next.bytes);
      if (disposed) return replacement.release();
      session.release();
      session = replacement;
      parameters = all;
      ({ bytes, feeds, initializerBytes } = next);
    },
    dispose: () => {
      disposed = true;
      session.release();
    },
  };
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
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
