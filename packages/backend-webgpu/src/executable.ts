/**
 * One compiled graph. A run gives uploads, kernels and copies of its outputs to the device without waiting in between; the
 * queue of the device keeps runs in order, so they share buffers.
 */
import {
  sizeOf,
  slotSize,
  type BoundInputs,
  type CompileOptions,
  type ExecutableParts,
  type RealArray,
  type TensorParts,
} from '@mace/core/backend';
import type { Graph, Node, RuntimeDim } from '@mace/core/ir';
import type { Count, Dispatch, Source } from './dispatch.js';
import { usage, type Engine } from './engine.js';
import { wgslOf } from './kernel.js';
import { isView } from './lowering.js';
import { placeOf, planOf } from './plan.js';
import { record, type Prepared, type Recording } from './recording.js';
import { costOf } from './cost.js';
import { tensorIn, isTensor } from './tensor.js';

type Dims = Readonly<Record<RuntimeDim, number>>;

/** @throws what `compileProgram` throws, DeviceError */
export async function compileExecutable(
  engine: Engine,
  graph: Graph,
  options: CompileOptions,
  mostArrays: number,
): Promise<ExecutableParts> {
  engine.check();
  const { program, memory: slots, fixed, each } = planOf(graph, options, mostArrays);
  const prepare = (dispatches: readonly Dispatch[]): Promise<Prepared[]> =>
    Promise.all(
      dispatches.map(async (dispatch) => ({
        ...dispatch,
        pipeline: await engine.pipelines.get(dispatch.kernel, placeOf(dispatch.node)),
      })),
    );
  const [folding, running] = await Promise.all([prepare(fixed), prepare(each)]);

  const outputs = Object.entries(program.graph.outputs);
  const memory = new Map<number | Node, GPUBuffer>();
  const words = new Map<Uint32Array, GPUBuffer>();
  /** Parameters and constants are on the device; and what depends on them alone. */
  let isUploaded = false;
  let isFolded = false;
  let disposed = false;
  let parameters = rounded(options.parameters);

  const { device, buffers } = engine;
  const numbersIn = (node: Node, dims: Dims): number => countIn(dims)(node.type.shape);
  /** Kept from run to run, larger when a run needs more. */
  const kept = (key: number | Node, bytes: number): GPUBuffer => {
    let buffer = memory.get(key);
    if (!buffer || buffer.size < bytes) {
      if (buffer) buffers.release(buffer);
      memory.set(key, (buffer = buffers.take(bytes, usage.storage)));
    }
    return buffer;
  };
  /** The memory of a value. Inputs are all there before the first kernel, so they share theirs with nothing but their views. */
  const memoryOf = (node: Node, dims: Dims): GPUBuffer => {
    const root = rootOf(node);
    if (root.op === 'input') return kept(root, 4 * numbersIn(root, dims));
    const number = slots.slotOf.get(node)!;
    return kept(number, 4 * slotSize(slots.slots[number]!, dims));
  };
  const noSizes: Dims = { atoms: 0, edges: 0, graphs: 0 };
  /** Parameters and constants. */
  const uploadFixed = (): void => {
    for (const { node } of program.steps) {
      if (node.op === 'parameter') engine.write(memoryOf(node, noSizes), parameters[node.attributes.name]!);
      if (node.op === 'constant') engine.write(memoryOf(node, noSizes), Float32Array.from(node.attributes.values));
    }
    isUploaded = true;
    isFolded = false;
  };
  const wordsOf = ({ words: numbers }: Extract<Source, { words: object }>): GPUBuffer => {
    let buffer = words.get(numbers);
    if (!buffer) {
      words.set(numbers, (buffer = buffers.take(4 * numbers.length, usage.storage)));
      engine.write(buffer, numbers);
    }
    return buffer;
  };

  const memoryOfSource = (source: Exclude<Source, { part: unknown }>, dims: Dims): GPUBuffer =>
    'node' in source ? memoryOf(source.node, dims) : wordsOf(source);

  /** Gives a run to the device, and returns its commands that are not submitted yet. */
  const encode = ({ dims, maps, values }: BoundInputs): Recording => {
    if (!isUploaded) uploadFixed();
    const encoder = device.createCommandEncoder({ label: graph.name });
    for (const node of program.graph.inputs) {
      const [value, buffer] = [values[node.attributes.name]!, memoryOf(node, dims)];
      const bytes = 4 * numbersIn(node, dims);
      if (!isTensor(value)) engine.write(buffer, Float32Array.from(value as RealArray));
      else if (bytes > 0) encoder.copyBufferToBuffer(value.buffer, 0, buffer, 0, bytes);
    }
    const dispatches = isFolded ? running : [...folding, ...running];
    return record(engine, encoder, dispatches, maps, countIn(dims), (source) => memoryOfSource(source, dims));
  };
  /** After a failure nothing that the device holds for this graph is trusted. */
  const forget = (): void => {
    for (const buffer of [...memory.values(), ...words.values()]) buffer.destroy();
    memory.clear();
    words.clear();
    isUploaded = false;
    isFolded = false;
  };
  const onDevice = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await engine.work(`${what} of ${graph.name}`, work);
    } catch (error) {
      forget();
      throw error;
    }
  };

  const upload = (): Promise<void> => onDevice('parameters', async () => uploadFixed());
  await upload();

  return {
    graph: program.graph,
    report: {
      ...program.report,
      kernels: [...fixed, ...each].map(({ kernel, node }) => ({
        name: kernel.name,
        nodes: [node.id],
        source: wgslOf(kernel, placeOf(node)),
      })),
    },
    memory: () => {
      const held = [...memory.values(), ...words.values()];
      return { liveBytes: held.reduce((sum, { size }) => sum + size, 0), liveBuffers: held.length };
    },
    cost: ({ dims, maps }) => costOf(program.graph, slots.slots, dims, maps),
    run: async (inputs, stopIfCancelled) => {
      const found = await onDevice('a run', async () => {
        const begun = Date.now();
        const { encoder, work } = encode(inputs);
        const copies = outputs.map(([, node]) =>
          engine.copyOf(memoryOf(node, inputs.dims), numbersIn(node, inputs.dims), encoder),
        );
        device.queue.submit([encoder.finish()]);
        isFolded = true;
        const numbers = await Promise.all(copies.map((copy) => copy()));
        engine.pace.measured(work, (Date.now() - begun) / 1000);
        return numbers;
      });
      stopIfCancelled();
      return Object.fromEntries(outputs.map(([name], i) => [name, found[i]!]));
    },
    runOnDevice: async (inputs, stopIfCancelled) => {
      const made = await onDevice('a run', async () => {
        const { encoder } = encode(inputs);
        const tensors: Record<string, TensorParts> = {};
        for (const [name, node] of outputs) {
          const shape = node.type.shape.map((dim) => sizeOf(dim, inputs.dims));
          const bytes = 4 * numbersIn(node, inputs.dims);
          const buffer = buffers.take(bytes, usage.storage);
          if (bytes > 0) encoder.copyBufferToBuffer(memoryOf(node, inputs.dims), 0, buffer, 0, bytes);
          tensors[name] = tensorIn(engine, buffer, shape);
        }
        device.queue.submit([encoder.finish()]);
        isFolded = true;
        await device.queue.onSubmittedWorkDone();
        return tensors;
      });
      try {
        stopIfCancelled();
      } catch (error) {
        for (const tensor of Object.values(made)) tensor.dispose();
        throw error;
      }
      return made;
    },
    setParameters: async (replacements) => {
      parameters = rounded(replacements);
      await upload();
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      for (const buffer of [...memory.values(), ...words.values()]) buffers.release(buffer);
      memory.clear();
      words.clear();
    },
  };
}

/** The node whose memory a value is in. */
function rootOf(node: Node): Node {
  return isView(node) ? rootOf(node.operands[0] as Node) : node;
}

function countIn(dims: Dims): Count {
  return (shape) => shape.reduce<number>((size, dim) => size * sizeOf(dim, dims), 1);
}

function rounded(parameters: Readonly<Record<string, RealArray>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, Float32Array.from(values)]));
}
