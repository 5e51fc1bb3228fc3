/** One compiled graph: its program, its parameters, and buffers that grow to the largest sizes seen. */
import {
  compileProgram,
  concreteShape,
  foldProgram,
  planMemory,
  runProgram,
  slotSize,
  type BoundSizes,
  type BoundValues,
  type CompileOptions,
  type ExecutableParts,
  type FixedValues,
  type RealArray,
  type TensorParts,
} from '@mace/core/backend';
import type { Graph, Node } from '@mace/core/ir';
import { isView, lowerings, type Context, type Tensor } from './lowering.js';

export function compileExecutable(graph: Graph, options: CompileOptions): ExecutableParts {
  const allocate =
    options.precision === 'f32' ? (n: number) => new Float32Array(n) : (n: number) => new Float64Array(n);
  const convert = (values: RealArray): RealArray => {
    const copy = allocate(values.length);
    copy.set(values);
    return copy;
  };
  const copied = (parameters: CompileOptions['parameters']): Record<string, RealArray> =>
    Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, convert(values)]));

  const program = compileProgram(graph, lowerings, options);
  const plan = planMemory(program, isView);
  const buffers: RealArray[] = plan.slots.map(() => allocate(0));
  /** What depends on parameters alone; made in the first run after they change. */
  let fixed: FixedValues<Tensor> | undefined;
  let parameters = copied(options.parameters);

  const run = ({ dims, maps }: BoundSizes, values: BoundValues, between: () => void): Record<string, Tensor> => {
    const context: Context = {
      maps,
      parameters,
      input: (name) => {
        const value = values[name]!;
        return convert(ArrayBuffer.isView(value) ? value : (value as unknown as Tensor).data);
      },
      constant: (numbers) => convert(Float64Array.from(numbers)),
      shapeOf: (node) => concreteShape(node.type.shape, dims),
      result: (node: Node) => {
        const number = plan.slotOf.get(node)!;
        const capacity = slotSize(plan.slots[number]!, dims);
        if (buffers[number]!.length < capacity) buffers[number] = allocate(capacity);
        const shape = concreteShape(node.type.shape, dims);
        return {
          shape,
          data: buffers[number]!.subarray(
            0,
            shape.reduce((size, dim) => size * dim, 1),
          ),
        };
      },
    };
    fixed ??= foldProgram(program, lowerings, context, between);
    const outputs = runProgram(program, lowerings, context, fixed, undefined, between);
    // Copies: results belong to the caller, and the buffers to the next run.
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    );
  };
  const held = (): readonly RealArray[] =>
    [...buffers, ...Object.values(parameters)].filter(({ length }) => length > 0);

  return {
    graph: program.graph,
    report: program.report,
    memory: () => ({
      liveBytes: held().reduce((sum, { byteLength }) => sum + byteLength, 0),
      liveBuffers: held().length,
    }),
    bind: (sizes) => ({
      run: async (values, { keep, stopIfCancelled }) => {
        const outputs = run(sizes, values, stopIfCancelled);
        return Object.fromEntries(
          Object.entries(outputs).map(([name, { shape, data }]) => [
            name,
            keep.has(name) ? tensorOf(data, shape) : data,
          ]),
        );
      },
    }),
    setParameters: (replacements) => {
      parameters = { ...parameters, ...copied(replacements) };
      fixed = undefined;
    },
    dispose: () => {
      buffers.length = 0;
      parameters = {};
      fixed = undefined;
    },
  };
}

/** An array as a tensor that stays with the engine, which here is the same memory. */
export function tensorOf(data: RealArray, shape: readonly number[]): TensorParts & { readonly data: RealArray } {
  return { data, shape, bytes: data.byteLength, read: async () => data.slice(), dispose: () => {} };
}
