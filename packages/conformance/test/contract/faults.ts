/** One broken backend for every promise about graphs, inputs and numbers. `object-faults.ts` and `member-faults.ts` have the others. */
import { GraphError } from '@mace/core';
import type {
  CompileOptions,
  IndexMapValues,
  RealArray,
  Precision,
  RunInputs,
  RunOptions,
  Executable,
} from '@mace/core/backend';
import { nodesOf } from '@mace/core/ir';
import {
  compiledOtherwise,
  fault,
  givenOtherwise,
  keyOf,
  resultsChanged,
  scale,
  type Fault,
  type Results,
} from './fault.js';

/** As long as wanted: cut, or filled up with zeros. */
function fitted(values: RealArray, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => values[i] ?? 0);
}

const bits = 1 + 2 ** -52;

export const graphFaults: readonly Fault[] = [
  fault('graphs/ill-typed', () => ({
    backend: ({ compile }) => ({
      compile: (graph, options) =>
        compile(graph, options).catch((error: unknown) => {
          if (
            error instanceof GraphError &&
            graph.name === 'edited' &&
            nodesOf(graph).every(({ op }) => op !== ('frobnicate' as string))
          )
            throw new GraphError('the graph is ill-typed.');
          throw error;
        }),
    }),
  })),
  fault('graphs/unknown-op', () => ({
    backend: ({ compile }) => ({
      compile: async (graph, options) => {
        if (nodesOf(graph).some(({ op }) => op === ('frobnicate' as string)))
          throw new TypeError('undefined is not a function');
        return compile(graph, options);
      },
    }),
  })),
  fault('graphs/unknown-fusion', () => compiledOtherwise((_graph, options) => ({ ...options, fusions: 'all' }))),
  fault('graphs/unknown-pass', () => compiledOtherwise((_graph, options) => ({ ...options, passes: 'all' }))),
];

export const inputFaults: readonly Fault[] = [
  fault('inputs/missing', () =>
    givenOtherwise((inputs) => ({
      ...inputs,
      values: { ...(inputs.values.start && { features: new Float64Array(3 * inputs.dims.edges) }), ...inputs.values },
    })),
  ),
  fault('inputs/ill-sized', () =>
    givenOtherwise((inputs) => {
      const { start } = inputs.values;
      const cut = start && fitted(start as RealArray, 4 * inputs.dims.atoms);
      return cut && ArrayBuffer.isView(start) ? { ...inputs, values: { ...inputs.values, start: cut } } : inputs;
    }),
  ),
  fault('inputs/missing-map', () =>
    givenOtherwise((inputs) => ({ ...inputs, maps: { receiver: inputs.maps.sender!, ...inputs.maps } })),
  ),
  fault('inputs/ill-sized-map', () =>
    givenOtherwise((inputs) => {
      const { sender, receiver } = inputs.maps;
      return sender && receiver && sender.values.length < receiver.values.length
        ? { ...inputs, maps: { ...inputs.maps, sender: receiver } }
        : inputs;
    }),
  ),
  fault('inputs/map-out-of-range', () =>
    givenOtherwise((inputs) => {
      const clamped = ([name, map]: [string, IndexMapValues]): [string, IndexMapValues] => {
        const last = map.offsets.length - 2;
        return [name, { ...map, values: map.values.map((target) => Math.min(Math.max(target, 0), last)) }];
      };
      return { ...inputs, maps: Object.fromEntries(Object.entries(inputs.maps).map(clamped)) };
    }),
  ),
  ...(['negative', 'fractional'] as const).map((kind) =>
    fault(`inputs/${kind}-size`, () => ({
      executable: ({ run }) => ({
        run: async (inputs, options) => {
          const wrong = Object.values(inputs.dims).some((size) =>
            kind === 'negative' ? size < 0 : !Number.isInteger(size),
          );
          return wrong ? {} : run(inputs, options);
        },
      }),
    })),
  ),
  // The order within a map that is only gathered by: no result depends on it.
  fault('inputs/unmodified', () => resultsChanged((_results, { maps }) => maps.sender?.order.reverse())),
  fault('inputs/either-array', () =>
    givenOtherwise((inputs) => {
      const doubles = ([name, values]: [string, unknown]): [string, RealArray] => [
        name,
        values instanceof Float32Array ? new Float64Array(values.length) : (values as RealArray),
      ];
      return { ...inputs, values: Object.fromEntries(Object.entries(inputs.values).map(doubles)) };
    }),
  ),
  fault('outputs/owned-by-the-caller', () => ({
    executable: ({ run, setParameters }) => {
      let last: { key: string; results: Results } | undefined;
      return {
        // Remembers what it was asked last.
        run: async (inputs, options) => {
          const results = await run(inputs, options);
          const key = keyOf(inputs);
          if (last?.key !== key) last = { key, results };
          return last.results;
        },
        setParameters: (parameters) => {
          last = undefined;
          return setParameters(parameters);
        },
      };
    },
  })),
  fault('outputs/kept', () => ({
    executable: ({ run }) => {
      const kept: Results = {};
      let running = 0;
      return {
        run: async (inputs, options) => {
          const alone = running++ === 0;
          const results = await run(inputs, options).finally(() => running--);
          if (!alone || running > 0) return results;
          return Object.fromEntries(
            Object.entries(results).map(([name, values]) => {
              if (kept[name]?.length !== values.length) kept[name] = values;
              else kept[name].set(values);
              return [name, kept[name]!];
            }),
          );
        },
      };
    },
  })),
];

/** Replaces some of the parameters where all are given. */
function parametersChanged(
  change: (given: CompileOptions['parameters']) => CompileOptions['parameters'],
): Fault['how'] {
  return () => ({
    executable: ({ setParameters }) => ({ setParameters: (given) => setParameters(change(given)) }),
  });
}

export const parameterFaults: readonly Fault[] = [
  fault('parameters/missing', () =>
    compiledOtherwise((_graph, options) => {
      const { weights } = options.parameters;
      return weights ? { ...options, parameters: { bias: new Float64Array(4), ...options.parameters } } : options;
    }),
  ),
  fault('parameters/ill-sized', () =>
    compiledOtherwise((_graph, options) => {
      const { weights } = options.parameters;
      return weights ? { ...options, parameters: { ...options.parameters, weights: fitted(weights, 12) } } : options;
    }),
  ),
  fault('parameters/copied', () => ({
    executable: ({ run, setParameters }, _graph, { parameters }) => {
      let own = false;
      return {
        run: async (inputs, options) => {
          if (!own) await setParameters(parameters);
          return run(inputs, options);
        },
        setParameters: async (given) => {
          await setParameters(given);
          own = true;
        },
      };
    },
  })),
  fault('parameters/copied-when-replaced', () => ({
    executable: ({ run, setParameters }) => {
      let live: CompileOptions['parameters'] | undefined;
      return {
        run: async (inputs, options) => {
          if (live) await setParameters(live);
          return run(inputs, options);
        },
        setParameters: async (given) => {
          await setParameters(given);
          live = given;
        },
      };
    },
  })),
  ...(
    [
      ['parameters/replaced', 'weights'],
      ['parameters/folded-again', 'bias'],
    ] as const
  ).map(([promise, stale]) =>
    fault(promise, () => ({
      executable: ({ setParameters }, _graph, { parameters }) => {
        const old = parameters[stale]?.slice();
        return {
          setParameters: async (given) => {
            await setParameters(given);
            if (old) await setParameters({ ...given, [stale]: old });
          },
        };
      },
    })),
  ),
  fault(
    'parameters/refused',
    parametersChanged((given) => ({
      ...given,
      weights: given.weights ?? new Float64Array(12),
      bias: fitted(given.bias ?? new Float64Array(0), 4),
    })),
  ),
  fault('parameters/some', () => ({
    executable: ({ setParameters }, _graph, { parameters }) => ({
      setParameters: (given) =>
        setParameters({
          ...Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.map(() => 0)])),
          ...given,
        }),
    }),
  })),
  fault(
    'parameters/tensors',
    () => ({
      executable: ({ setParameters }) => ({
        setParameters: (given) =>
          setParameters(Object.fromEntries(Object.entries(given).filter(([, value]) => ArrayBuffer.isView(value)))),
      }),
    }),
    'device tensors',
  ),
  fault('parameters/kept-after-refusal', () => ({
    executable: ({ setParameters }) => ({
      setParameters: async (given) => {
        const { bias, ...rest } = given;
        if (bias && bias.length !== 4) await setParameters({ ...rest, bias: fitted(bias, 4) });
        return setParameters(given);
      },
    }),
  })),
  fault('parameters/either-array', () =>
    compiledOtherwise((_graph, options) => {
      const read = ([name, values]: [string, RealArray]): [string, RealArray] => [
        name,
        values instanceof Float32Array ? new Float64Array(values.length) : values,
      ];
      return { ...options, parameters: Object.fromEntries(Object.entries(options.parameters).map(read)) };
    }),
  ),
];

const none = 'f16' as Precision;

/** A precision that there is not, taken for single precision. */
function takesAny(change: (results: Results) => void): Fault['how'] {
  return () => ({
    backend: ({ compile }) => ({
      compile: async (graph, options) => {
        if (options.precision !== none) return compile(graph, options);
        const executable = await compile(graph, { ...options, precision: 'f32' });
        return {
          ...executable,
          run: (async (inputs: RunInputs, runOptions?: RunOptions) => {
            const results = { ...(await executable.run(inputs, runOptions)) };
            change(results);
            return results;
          }) as Executable['run'],
        };
      },
    }),
  });
}

export const numberFaults: readonly Fault[] = [
  fault('precision/claimed', () => ({ capabilities: { precisions: ['f64', 'f32', none] } })),
  fault(
    'precision/refused',
    takesAny((results) => scale(results, 1.5)),
  ),
  fault('precision/understated', () => ({ capabilities: { precisions: ['f64'] } })),

  {
    name: 'stale-last-value-after-shrinking',
    breaks: ['sizes/growing-and-shrinking', 'overlap/one-executable'],
    how: () => {
      const previous = new Map<string, RealArray>();
      return resultsChanged((results, _inputs, { graph, runs }) => {
        if (graph.name !== 'sample') return;
        for (const [name, values] of Object.entries(results)) {
          const old = previous.get(name);
          if (runs > 1 && old && old.length > values.length && values.length > 0)
            values[values.length - 1] = old[values.length - 1]!;
          previous.set(name, values.slice());
        }
      });
    },
  },
  fault('sizes/no-edges', () =>
    resultsChanged((results, { dims }) => dims.edges === 0 && dims.atoms > 0 && scale(results, NaN)),
  ),
  fault('sizes/no-atoms', () => resultsChanged((results, { dims }) => dims.atoms === 0 && results.energy?.fill(NaN))),
  fault('sizes/one-atom', () => resultsChanged((results, { dims }) => dims.atoms === 1 && scale(results, 2))),
  fault('sizes/empty-structure-in-a-batch', () =>
    resultsChanged((results, { dims, maps }) => {
      const { offsets } = maps.graph ?? {};
      const empty = offsets?.some((first, g) => g > 0 && first === offsets[g - 1]);
      if (empty && dims.atoms > 0) results.energy?.fill(NaN);
    }),
  ),
  fault('state/alternating-inputs', () => {
    let last: { key: string; results: Results; inputs: string } | undefined;
    return resultsChanged((results, inputs, { runs }) => {
      const [key, sizes] = [keyOf(inputs), JSON.stringify(inputs.dims)];
      if (runs > 1 && last?.inputs === sizes && last.key !== key) scale(results, 1.001);
      last = { key, results, inputs: sizes };
    });
  }),
  fault('overlap/one-executable', () => ({
    executable: ({ run }) => {
      let running = 0;
      return {
        run: async (inputs, options) => {
          const factor = ++running > 1 ? 1.5 : 1;
          const results = { ...(await run(inputs, options).finally(() => running--)) };
          scale(results, factor);
          return results;
        },
      };
    },
  })),
  fault('overlap/two-executables', () => {
    const running: object[] = [];
    return {
      executable: ({ run }, _graph, options) => ({
        run: async (inputs, runOptions) => {
          running.push(options);
          const factor = running.some((other) => other !== options) ? 1.5 : 1;
          const results = {
            ...(await run(inputs, runOptions).finally(() => running.splice(running.indexOf(options), 1))),
          };
          scale(results, factor);
          return results;
        },
      }),
    };
  }),
  fault('determinism/runs', () =>
    resultsChanged((results, { dims }, { graph, runs }) => {
      if (graph.name === 'sums' && dims.graphs === 1 && runs === 3) scale(results, bits);
    }),
  ),
  fault('determinism/batch', () =>
    resultsChanged((results, { dims }, { graph }) => graph.name === 'sums' && dims.graphs > 1 && scale(results, bits)),
  ),
  fault('determinism/understated', () => ({ capabilities: { deterministic: false } })),
  fault('limits/claim', () => ({ capabilities: { maxBufferBytes: Infinity } })),
  fault('limits/exceeded', () => ({
    executable: ({ run }, graph) => ({
      run: (inputs, options) =>
        run(inputs, options).catch((error: unknown): Results => {
          if (graph.name === 'too-large') return { y: new Float64Array(8) };
          throw error;
        }),
    }),
  })),
];
