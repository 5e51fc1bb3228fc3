/**
 * One compiled graph: its program, its parameters and what depends on them alone, kept on the engine. Everything else lives
 * in a scope of TensorFlow.js that ends with the run, also with one that fails.
 */
import {
  compileProgram,
  concreteShape,
  foldProgram,
  runProgram,
  type BoundInputs,
  type CompileOptions,
  type ExecutableParts,
  type FixedValues,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import type { Engine } from './engine.js';
import { full } from './layout.js';
import { lowerings } from './lowering.js';
import type { Context } from './context.js';
import type { Tensor, Value } from './tensors.js';
import { onEngine } from './turn.js';
import { bytesOf, held, kept, numbersOf, type Uploaded } from './uploaded.js';

export function compileExecutable(graph: Graph, options: CompileOptions, engine: Engine): ExecutableParts {
  const { tf } = engine;
  const program = compileProgram(graph, lowerings, options);
  let fixed: FixedValues<Value> | undefined;
  let parameters: ReadonlyMap<string, Tensor> = new Map();

  const upload = (values: CompileOptions['parameters']): void => {
    const made = onEngine(engine, () =>
      program.graph.parameters.map(({ attributes: { name }, type }): [string, Tensor] => [
        name,
        kept(engine, values[name]!, type.shape as readonly number[]),
      ]),
    );
    release();
    parameters = new Map(made);
  };
  const release = (): void => {
    for (const { tensor } of fixed?.values() ?? []) tensor.dispose();
    for (const tensor of parameters.values()) tensor.dispose();
    fixed = undefined;
    parameters = new Map();
  };
  upload(options.parameters);

  /** What depends on parameters alone, outside of every scope; of a folding that fails nothing is left. */
  const folded = (context: Context, between: () => void): FixedValues<Value> => {
    const values = foldProgram(program, lowerings, context, between);
    for (const { tensor } of values.values()) tf.keep(tensor);
    return values;
  };

  /** The outputs, outside of every scope. */
  const run = ({ dims, maps, values }: BoundInputs, between: () => void): Record<string, Tensor> => {
    const temporary = new Map<string, readonly Tensor[]>();
    const context: Context = {
      engine,
      map: (name) => maps.get(name)!,
      parameter: (name) => parameters.get(name)!,
      input: (name) => {
        const value = values[name]!;
        return ArrayBuffer.isView(value) ? value : (value as Uploaded).tensor;
      },
      shapeOf: (node) => concreteShape(node.type.shape, dims),
      forRun: (key, make) => {
        const known = temporary.get(key);
        if (known) return known;
        const made = make();
        made.forEach((tensor) => tf.keep(tensor));
        temporary.set(key, made);
        return made;
      },
    };
    try {
      return tf.tidy(() => {
        fixed ??= folded(context, between);
        const results = runProgram(program, lowerings, context, fixed, ({ tensor }) => tensor.dispose(), between);
        // Copies, because a result may be a parameter, and two outputs may be one value. Neither moves any number.
        return Object.fromEntries(
          Object.entries(results).map(([name, value]) => [name, tf.keep(tf.clone(full(tf, value)))]),
        );
      });
    } finally {
      for (const tensors of temporary.values()) tensors.forEach((tensor) => tensor.dispose());
    }
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => {
      const tensors = [...parameters.values(), ...[...(fixed?.values() ?? [])].map(({ tensor }) => tensor)];
      const buffers = new Map(tensors.map((tensor) => [tensor.dataId, bytesOf(tensor)]));
      return {
        liveBytes: [...buffers.values()].reduce((sum, bytes) => sum + bytes, 0),
        liveBuffers: buffers.size,
      };
    },
    run: async (inputs, between) => {
      const results = Object.entries(onEngine(engine, () => run(inputs, between)));
      try {
        const numbers = await Promise.all(results.map(([, tensor]) => numbersOf(engine, tensor)));
        return Object.fromEntries(results.map(([name], i) => [name, numbers[i]!]));
      } finally {
        for (const [, tensor] of results) tensor.dispose();
      }
    },
    runOnDevice: async (inputs, between) => {
      const results = Object.entries(onEngine(engine, () => run(inputs, between)));
      return Object.fromEntries(results.map(([name, tensor]) => [name, held(engine, tensor)]));
    },
    setParameters: upload,
    dispose: release,
  };
}
