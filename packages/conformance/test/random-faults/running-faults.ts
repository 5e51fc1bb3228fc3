/** Engines that are wrong for what happens around a run: overlap, failure, memory, compilation, dispose, sizes. */
import type { TestedExecutable } from '../../src/tested-executable.js';
import type { DeviceTensor, RealArray, RunInputs, RunOptions } from '@mace/core/backend';
import type { FaultDraw } from './draw.js';
import { copies, drawTurn, type Arrays, type EngineFault } from './engine-fault.js';

type Run = TestedExecutable['run'];

/** Runs that overlap use one set of buffers: the results of the earlier one are those of the later. */
export function runsMixed(draw: FaultDraw): EngineFault {
  const wide = draw.chance(0.4);
  const most = draw.size(1, 4);
  const part = draw.choose(['all numbers', 'the first number', 'the last number']);
  return {
    text: `when more than ${most} runs of ${wide ? 'any executable' : 'one executable'} overlap, ${part} of an earlier one are those of a later one`,
    how: () => {
      const common: Shared = { running: 0, last: {} };
      return {
        executable: ({ run }) => {
          const shared = wide ? common : { running: 0, last: {} as Arrays };
          return {
            run: async (inputs, options) => {
              shared.running++;
              const crowded = shared.running > most;
              try {
                const results = await run(inputs, options);
                shared.last = results;
                await Promise.resolve();
                return crowded || shared.running > most ? overwritten(results, shared.last, part) : results;
              } finally {
                shared.running--;
              }
            },
          };
        },
      };
    },
  };
}

/** Tensors of one run on the device are overwritten by another. */
export function deviceRunsMixed(draw: FaultDraw): EngineFault {
  const when = draw.choose(['overlap', 'are kept', 'follow a run to the host']);
  const only = draw.integer(3);
  return {
    text: `output ${only} of runOnDevice is overwritten by a later one when they ${when}`,
    how: () => ({
      executable: ({ run, runOnDevice }, graph) => {
        if (!runOnDevice) return {};
        const name = Object.keys(graph.outputs)[only % Object.keys(graph.outputs).length]!;
        let slot: { values: RealArray } | undefined;
        let running = 0;
        let hosted = false;
        const later = new Map<DeviceTensor, { values: RealArray }>();
        return {
          run: async (inputs, options) => {
            hosted = true;
            return run(inputs, options);
          },
          runOnDevice: async (inputs, options) => {
            running++;
            const overlaps = running > 1;
            try {
              const tensors = await runOnDevice(inputs, options);
              const tensor = tensors[name]!;
              const values = await tensor.read();
              const shares = when === 'overlap' ? overlaps || running > 1 : when === 'are kept' ? true : hosted;
              hosted = false;
              if (!shares || slot?.values.length !== values.length) slot = { values };
              else slot.values.set(values);
              const own = slot;
              later.set(tensor, own);
              return {
                ...tensors,
                [name]: { ...tensor, read: async () => tensor.read().then(() => own.values.slice()) },
              };
            } finally {
              running--;
            }
          },
        };
      },
    }),
  };
}

/** Something that went wrong, or another kind of call, spoils what comes after it. */
export function brokenAfter(draw: FaultDraw): EngineFault {
  const event = draw.choose([
    'a cancelled run',
    'a refused run',
    'a refused setParameters',
    'runOnDevice',
    'setParameters',
  ]);
  const count = draw.size(1, 3);
  const once = draw.chance(0.5);
  const factor = draw.choose([NaN, 0, 1 + draw.magnitude(1e-7, 1)]);
  return {
    text: `after ${count} × ${event} ${once ? 'the next run' : 'every run'} is multiplied by ${factor}`,
    how: () => ({
      executable: ({ run, runOnDevice, setParameters }) => {
        let events = 0;
        const noted = <T>(promise: Promise<T>, success: string, failure: string | null): Promise<T> =>
          promise.then(
            (value) => {
              if (event === success) events++;
              return value;
            },
            (error: unknown) => {
              const cancelled = (Object(error) as { code?: unknown }).code === 'cancelled';
              if (event === (cancelled ? 'a cancelled run' : failure)) events++;
              throw error;
            },
          );
        return {
          run: async (inputs, options) => {
            const spoilt = events >= count;
            const results = await noted(run(inputs, options), 'run', 'a refused run');
            if (!spoilt) return results;
            if (once) events = 0;
            return Object.fromEntries(
              Object.entries(results).map(([name, values]) => [
                name,
                values.map((x: number) => x * factor) as RealArray,
              ]),
            );
          },
          ...(runOnDevice && {
            runOnDevice: (inputs: RunInputs, options?: RunOptions) =>
              noted(runOnDevice(inputs, options), 'runOnDevice', 'a refused run'),
          }),
          setParameters: (next) => noted(setParameters(next), 'setParameters', 'a refused setParameters'),
        };
      },
    }),
  };
}

export function memoryKept(draw: FaultDraw): EngineFault {
  const event = draw.choose([
    'run',
    'cancelled run',
    'refused run',
    'runOnDevice',
    'setParameters',
    'compile',
    'upload',
    'overlap',
  ]);
  const turn = drawTurn(draw);
  const bytes = draw.size(4, 1e5);
  return {
    text: `${bytes} bytes stay after ${event}, ${turn.text}`,
    how: () => {
      let kept = 0;
      let call = 0;
      const note = (happened: string): void => {
        if (happened === event && turn.holds(++call)) kept++;
      };
      return {
        backend: ({ memory, upload, compile }) => ({
          memory: () => ({
            liveBytes: memory().liveBytes + kept * bytes,
            liveBuffers: memory().liveBuffers + kept,
          }),
          upload: (values, shape) => {
            note('upload');
            return upload(values, shape);
          },
          compile: (graph, options) => {
            note('compile');
            return compile(graph, options);
          },
        }),
        executable: ({ run, runOnDevice, setParameters }) => {
          let running = 0;
          const noted = async <T>(work: () => Promise<T>, name: string): Promise<T> => {
            if (running++ > 0) note('overlap');
            try {
              const value = await work();
              note(name);
              return value;
            } catch (error) {
              note((Object(error) as { code?: unknown }).code === 'cancelled' ? 'cancelled run' : 'refused run');
              throw error;
            } finally {
              running--;
            }
          };
          return {
            run: (inputs, options) => noted(() => run(inputs, options), 'run'),
            ...(runOnDevice && {
              runOnDevice: (inputs: RunInputs, options?: RunOptions) =>
                noted(() => runOnDevice(inputs, options), 'runOnDevice'),
            }),
            setParameters: (next) => noted(() => setParameters(next), 'setParameters'),
          };
        },
      };
    },
  };
}

export function compilationsConfused(draw: FaultDraw): EngineFault {
  const key = draw.choose(['the graph', 'the name of the graph', 'the graph and its precision']);
  const keeps = draw.choose(['parameters', 'precision']);
  return {
    text: `an executable compiled for ${key} has the ${keeps} of the first one`,
    how: () => {
      const known = new Map<unknown, { parameters: Arrays; precision: 'f64' | 'f32' }>();
      return {
        backend: ({ compile }) => ({
          compile: async (graph, options) => {
            const own =
              key === 'the graph' ? graph : key.includes('name') ? graph.name : `${graph.name} ${options.precision}`;
            const first = known.get(own);
            if (!first) known.set(own, { parameters: copies(options.parameters), precision: options.precision });
            if (!first) return compile(graph, options);
            const fits = Object.entries(options.parameters).every(
              ([name, values]) => first.parameters[name]?.length === values.length,
            );
            if (keeps === 'precision') return compile(graph, { ...options, precision: first.precision });
            return compile(graph, fits ? { ...options, parameters: first.parameters } : options);
          },
        }),
      };
    },
  };
}

/** A structure without atoms, or an atom without edges, at some place shifts what comes after it. */
export function emptyMember(draw: FaultDraw): EngineFault {
  const place = draw.choose(['first', 'last', 'inner']);
  const factor = draw.choose([NaN, 0, 1 + draw.magnitude(1e-7, 1)]);
  const of = draw.choose(['graph', 'receiver', 'sender']);
  return {
    text: `when the ${place} target of ${of} is empty, the last number of each result is multiplied by ${factor}`,
    how: () => ({
      executable: ({ run }) => ({
        run: async (inputs, options) => {
          const results = await run(inputs, options);
          const offsets = inputs.maps[of]?.offsets;
          if (!offsets || offsets.length < 4) return results;
          const empty = (target: number): boolean => offsets[target] === offsets[target + 1];
          const last = offsets.length - 2;
          const found =
            place === 'first'
              ? empty(0)
              : place === 'last'
                ? empty(last)
                : Array.from({ length: last - 1 }, (_, i) => i + 1).some(empty);
          if (!found) return results;
          return Object.fromEntries(
            Object.entries(results).map(([name, values]) => [
              name,
              values.map((x: number, i: number) => (i === values.length - 1 ? x * factor : x)) as RealArray,
            ]),
          );
        },
      }),
    }),
  };
}

export function throwsOrHangs(draw: FaultDraw): EngineFault {
  const k = draw.size(2, 8);
  const hangs = draw.chance(0.4);
  const size = draw.size(1, 300);
  const condition = draw.choose<{ text: string; holds: (inputs: RunInputs, call: number, running: number) => boolean }>(
    [
      { text: `at run ${k}`, holds: (_inputs, call) => call === k },
      { text: 'without edges', holds: ({ dims }) => dims.edges === 0 && dims.atoms > 0 },
      { text: 'without atoms', holds: ({ dims }) => dims.atoms === 0 },
      { text: `with more than ${size} atoms`, holds: ({ dims }) => dims.atoms > size },
      { text: `with ${1 + (size % 20)} atoms`, holds: ({ dims }) => dims.atoms === 1 + (size % 20) },
      { text: 'when three runs overlap', holds: (_inputs, _call, running) => running > 2 },
    ],
  );
  return {
    text: `run ${hangs ? 'never ends' : 'throws a TypeError'} ${condition.text}`,
    how: () => ({
      executable: ({ run }) => {
        let call = 0;
        let running = 0;
        return {
          run: (async (inputs, options) => {
            running++;
            try {
              if (condition.holds(inputs, ++call, running)) {
                if (hangs) await new Promise(() => {});
                throw new TypeError('x is undefined');
              }
              return await run(inputs, options);
            } finally {
              running--;
            }
          }) satisfies Run,
        };
      },
    }),
  };
}

export function disposesTooMuch(draw: FaultDraw): EngineFault {
  const what = draw.choose(['an executable of the same graph', 'the latest tensor', 'every executable but the first']);
  return {
    text: `dispose of an executable takes ${what} with it`,
    how: () => {
      const alive = new Map<object, { graph: unknown; dispose: () => void }>();
      let tensor: DeviceTensor | undefined;
      return {
        backend: ({ upload }) => ({ upload: (values, shape) => (tensor = upload(values, shape)) }),
        executable: ({ dispose }, graph) => {
          const own = {};
          alive.set(own, { graph, dispose });
          return {
            dispose: () => {
              dispose();
              alive.delete(own);
              if (what === 'the latest tensor') tensor?.dispose();
              else if (what === 'an executable of the same graph')
                [...alive.values()].find((other) => other.graph === graph)?.dispose();
              else [...alive.values()].slice(1).forEach((other) => other.dispose());
            },
          };
        },
      };
    },
  };
}

interface Shared {
  running: number;
  last: Arrays;
}

function overwritten(results: Arrays, others: Arrays, part: string): Arrays {
  return Object.fromEntries(
    Object.entries(results).map(([name, values]) => {
      const other = others[name] ?? values;
      const own = values.slice();
      const last = own.length - 1;
      own.forEach((_, i) => {
        if (part === 'the first number' ? i > 0 : part === 'the last number' ? i < last : false) return;
        own[i] = other[i] ?? own[i]!;
      });
      return [name, own];
    }),
  );
}
