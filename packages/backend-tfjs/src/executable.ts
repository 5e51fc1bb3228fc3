/**
 * One compiled graph: its program, its parameters and what depends on them alone, kept on the engine. Everything else lives
 * in a scope of TensorFlow.js that ends with the run, also with one that fails.
 */
import {
  compileProgram,
  concreteShape,
  foldProgram,
  runProgram,
  type BoundSizes,
  type BoundValues,
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
    const named = program.graph.parameters.filter(({ attributes: { name } }) => Object.hasOwn(values, name));
    const made = onEngine(engine, () =>
      named.map(({ attributes: { name }, type }): [string, Tensor] => [
        name,
        kept(engine, values[name]!, type.shape as readonly number[]),
      ]),
    );
    releaseFixed();
    for (const [name] of made) parameters.get(name)?.dispose();
    parameters = new Map([...parameters, ...made]);
  };
  const releaseFixed = (): void => {
    // A parameter that nothing is made of is among them as it is.
    const own = new Set(parameters.values());
    for (const { tensor } of fixed?.values() ?? []) if (!own.has(tensor)) tensor.dispose();
    fixed = undefined;
  };
  const release = (): void => {
    releaseFixed();
    for (const tensor of parameters.values()) tensor.dispose();
    parameters = new Map();
  };
  /** What bindings made of their index maps. */
  const bindings = new Set<Map<string, readonly Tensor[]>>();
  const releaseMaps = (ofMaps: Map<string, readonly Tensor[]>): void => {
    for (const tensors of ofMaps.values()) tensors.forEach((tensor) => tensor.dispose());
    ofMaps.clear();
  };
  upload(options.parameters);

  /** What depends on parameters alone, outside of every scope; of a folding that fails nothing is left. */
  const folded = (context: Context, between: () => void): FixedValues<Value> => {
    const values = foldProgram(program, lowerings, context, between);
    for (const { tensor } of values.values()) tf.keep(tensor);
    return values;
  };

  /** The outputs, outside of every scope. */
  const run = (
    { dims, maps }: BoundSizes,
    ofMaps: Map<string, readonly Tensor[]>,
    values: BoundValues,
    between: () => void,
  ): Record<string, Tensor> => {
    const context: Context = {
      engine,
      map: (name) => maps.get(name)!,
      parameter: (name) => parameters.get(name)!,
      input: (name) => {
        const value = values[name]!;
        return ArrayBuffer.isView(value) ? value : (value as Uploaded).tensor;
      },
      shapeOf: (node) => concreteShape(node.type.shape, dims),
      ofBinding: (key, make) => {
        const known = ofMaps.get(key);
        if (known) return known;
        const made = make();
        made.forEach((tensor) => tf.keep(tensor));
        ofMaps.set(key, made);
        return made;
      },
    };
    return tf.tidy(() => {
      fixed ??= folded(context, between);
      const results = runProgram(program, lowerings, context, fixed, ({ tensor }) => tensor.dispose(), between);
      // Copies, because a result may be a parameter, and two outputs may be one value. Neither moves any number.
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, tf.keep(tf.clone(full(tf, value)))]),
      );
    });
  };

  return {
    graph: program.graph,
    report: program.report,
    memory: () => {
      const tensors = [
        ...parameters.values(),
        ...[...(fixed?.values() ?? [])].map(({ tensor }) => tensor),
        ...[...bindings].flatMap((ofMaps) => [...ofMaps.values()].flat()),
      ];
      const buffers = new Map(tensors.map((tensor) => [tensor.dataId, bytesOf(tensor)]));
      return {
        liveBytes: [...buffers.values()].reduce((sum, bytes) => sum + bytes, 0),
        liveBuffers: buffers.size,
      };
    },
    bind: (sizes) => {
      const ofMaps = new Map<string, readonly Tensor[]>();
      bindings.add(ofMaps);
      return {
        run: async (values, { keep, stopIfCancelled }) => {
          const results = Object.entries(onEngine(engine, () => run(sizes, ofMaps, values, stopIfCancelled)));
          const toHost = results.filter(([name]) => !keep.has(name));
          try {
            const numbers = await Promise.all(toHost.map(([, tensor]) => numbersOf(engine, tensor)));
            return Object.fromEntries([
              ...toHost.map(([name], i) => [name, numbers[i]!] as const),
              ...results.flatMap(([name, tensor]) => (keep.has(name) ? [[name, held(engine, tensor)] as const] : [])),
            ]);
          } finally {
            for (const [, tensor] of toHost) tensor.dispose();
          }
        },
        dispose: () => {
          bindings.delete(ofMaps);
          releaseMaps(ofMaps);
        },
      };
    },
    setParameters: upload,
    dispose: () => {
      for (const ofMaps of bindings) releaseMaps(ofMaps);
      release();
    },
  };
}
