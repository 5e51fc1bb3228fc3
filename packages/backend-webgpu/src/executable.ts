/**
 * One compiled graph. A run gives uploads, kernels and copies of its outputs to the device without waiting in between; the
 * queue of the device keeps runs in order, so they share buffers.
 */
import {
  sizeOf,
  type BoundSizes,
  type BoundValues,
  type CompileOptions,
  type ExecutableParts,
  type RealArray,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { memoryOf, multiplyAddsIn } from './cost.js';
import type { Dispatch } from './dispatch.js';
import { usage, type Engine } from './engine.js';
import { edgeVectorKernel, edgeVectorsOf, Geometry } from './geometry.js';
import { wgslOf } from './kernel.js';
import { countIn, Memory, type Dims } from './memory.js';
import { Parameters, type Given } from './parameters.js';
import { placeOf, planOf } from './plan.js';
import { BoundNumbers, record, type Prepared, type Recording } from './recording.js';
import { isTensor, tensorIn, type Tensor } from './tensor.js';

/** What makes the edge vectors of a run. */
interface Moved {
  readonly geometry: Geometry;
  readonly pipeline: GPUComputePipeline;
  readonly points: Int32Array;
}

const noSizes: Dims = { atoms: 0, edges: 0, graphs: 0 };

/** @throws what `compileProgram` throws, DeviceError */
export async function compileExecutable(
  engine: Engine,
  graph: Graph,
  options: CompileOptions,
  mostArrays: number,
): Promise<ExecutableParts> {
  engine.check();
  const { device, buffers } = engine;
  const { program, memoryPlan, fixed, each } = planOf(graph, options, mostArrays);
  const prepare = (dispatches: readonly Dispatch[]): Promise<Prepared[]> =>
    Promise.all(
      dispatches.map(async (dispatch) => ({
        ...dispatch,
        pipeline: await engine.pipelines.get(dispatch.kernel, placeOf(dispatch.node)),
      })),
    );
  const [folding, running] = await Promise.all([prepare(fixed), prepare(each)]);
  const edgeVectors = program.graph.inputs.find(({ attributes }) => attributes.name === 'edgeVectors');
  const outputs = Object.entries(program.graph.outputs);
  const parameters = new Parameters(engine);
  const memory = new Memory(engine, memoryPlan, parameters);
  const bindings = new Set<BoundNumbers>();
  /** Whether constants are on the device, and what depends on them and on parameters alone. */
  let [hasConstants, isFolded] = [false, false];
  /** What is given to the device now is right only if this did not fail: the last parameters, or the last run that folded. */
  let basis: Promise<unknown> = Promise.resolve();
  let bases = 0;

  const uploadConstants = (): void => {
    for (const { node } of program.steps)
      if (node.op === 'constant') engine.write(memory.of(node, noSizes), Float32Array.from(node.attributes.values));
    hasConstants = true;
    isFolded = false;
  };
  /** Gives a run to the device but for its last commands. */
  const encode = (
    dims: BoundSizes['dims'],
    numbers: BoundNumbers,
    values: BoundValues,
    moved: Moved | undefined,
  ): Recording => {
    if (!hasConstants) uploadConstants();
    const encoder = device.createCommandEncoder({ label: graph.name });
    for (const node of program.graph.inputs) {
      const [value, buffer] = [values[node.attributes.name], memory.of(node, dims)];
      if (!value) continue;
      const bytes = 4 * countIn(dims)(node.type.shape);
      if (!isTensor(value)) engine.write(buffer, Float32Array.from(value as RealArray));
      else if (bytes > 0) encoder.copyBufferToBuffer(value.buffer, 0, buffer, 0, bytes);
    }
    const dispatches = isFolded ? [...running] : [...folding, ...running];
    const points = moved && edgeVectors && buffers.take(moved.points.byteLength, usage.storage);
    if (points) {
      engine.write(points, moved.points);
      const edges = numbers.named('edges', moved.geometry.edges);
      dispatches.unshift({ ...edgeVectorsOf(edgeVectors, edges, points), pipeline: moved.pipeline });
    }
    const recording = record(engine, encoder, dispatches, numbers, countIn(dims), (source) =>
      memory.source(source, dims),
    );
    if (points) buffers.release(points);
    return recording;
  };
  const submit = ({ encoder }: Recording): void => {
    device.queue.submit([encoder.finish()]);
    if (!isFolded) bases++;
    isFolded = true;
  };
  const onDevice = <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const [before, basesBefore] = [basis, bases];
    const given = engine.work(`${what} of ${graph.name}`, work);
    const finish = async (): Promise<T> => {
      try {
        const value = await given;
        await before;
        return value;
      } catch (error) {
        memory.destroy();
        for (const numbers of bindings) numbers.release();
        hasConstants = false;
        isFolded = false;
        if (basis === result) basis = Promise.resolve();
        throw error;
      }
    };
    const result = finish();
    if (bases > basesBefore) basis = result;
    return result;
  };
  const setParameters = async (values: BoundValues): Promise<void> => {
    let given: Given | undefined;
    try {
      await onDevice('parameters', async () => {
        given = parameters.give(values);
        bases++;
        isFolded = false;
      });
      given?.keep();
    } catch (error) {
      given?.undo();
      throw error;
    }
  };
  const used = program.graph.parameters.map(({ attributes: { name } }) => [name, options.parameters[name]!] as const);
  await setParameters(Object.fromEntries(used));

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
      const held = [memory.use(), parameters.use(), ...[...bindings].map((numbers) => numbers.use())];
      return {
        liveBytes: held.reduce((sum, { liveBytes }) => sum + liveBytes, 0),
        liveBuffers: held.reduce((sum, { liveBuffers }) => sum + liveBuffers, 0),
      };
    },
    bind: (sizes) => {
      const { dims } = sizes;
      const numbers = new BoundNumbers(engine, sizes.maps);
      const { bytes, largestBufferBytes } = memoryOf(program.graph, memoryPlan.slots, sizes);
      let placed: Omit<Moved, 'points'> | undefined;
      bindings.add(numbers);
      return {
        get bytes() {
          return bytes + (placed?.geometry.bytes ?? 0);
        },
        largestBufferBytes,
        multiplyAdds: () => multiplyAddsIn(program.graph, dims),
        run: async (values, { keep, stopIfCancelled }) => {
          const moved = placed && { ...placed, points: placed.geometry.points(values) };
          const made: Record<string, Tensor> = {};
          try {
            const found = await onDevice('a run', async () => {
              const begun = Date.now();
              const recording = encode(dims, numbers, values, moved);
              const copies = outputs.map(([name, node]) => {
                const { shape } = node.type;
                const source = memory.of(node, dims);
                if (!keep.has(name)) return engine.copyOf(source, countIn(dims)(shape), recording.encoder);
                const bytes = 4 * countIn(dims)(shape);
                const sizesOf = shape.map((dim) => sizeOf(dim, dims));
                const tensor = tensorIn(engine, buffers.take(bytes, usage.storage), sizesOf);
                made[name] = tensor;
                if (bytes > 0) recording.encoder.copyBufferToBuffer(source, 0, tensor.buffer, 0, bytes);
                return async () => tensor;
              });
              submit(recording);
              const results = await Promise.all(copies.map((copy) => copy()));
              if (keep.size === outputs.length) await device.queue.onSubmittedWorkDone();
              engine.pace.measured(recording.work, (Date.now() - begun) / 1000);
              return results;
            });
            stopIfCancelled();
            return Object.fromEntries(outputs.map(([name], i) => [name, found[i]!]));
          } catch (error) {
            for (const { buffer } of Object.values(made)) buffer.destroy();
            throw error;
          }
        },
        setGeometry: async (given) => {
          const geometry = new Geometry(given);
          const pipeline = await engine.pipelines.get(edgeVectorKernel, 'setGeometry');
          numbers.drop('edges');
          placed = { geometry, pipeline };
        },
        dispose: () => {
          if (bindings.delete(numbers)) numbers.release();
        },
      };
    },
    setParameters,
    setParametersOnDevice: setParameters,
    dispose: () => {
      for (const numbers of bindings) numbers.release();
      bindings.clear();
      parameters.release();
      memory.release();
    },
  };
}
