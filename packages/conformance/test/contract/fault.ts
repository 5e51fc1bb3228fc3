/** A backend that breaks one promise, made around a sound one. */
import type {
  Backend,
  BackendDefinition,
  Binding,
  Capabilities,
  CompileOptions,
  Executable,
  KeepingRunOptions,
  RealArray,
  RunInputs,
  RunOptions,
  RunValues,
} from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { testedExecutable, type TestedExecutable } from '../../src/tested-executable.js';

export type Results = Record<string, RealArray>;

/** How a sound backend is broken; made anew for each backend under test, so that it may remember. */
export interface Breakage {
  readonly capabilities?: Partial<Capabilities>;
  readonly definition?: (sound: BackendDefinition) => Partial<BackendDefinition>;
  readonly backend?: (backend: Backend) => Partial<Backend>;
  readonly executable?: (
    executable: TestedExecutable,
    graph: Graph,
    options: CompileOptions,
  ) => Partial<TestedExecutable>;
}

export interface Fault {
  readonly name: string;
  /** Promises that it breaks; it may break more. */
  readonly breaks: readonly string[];
  /** What is broken. Default the reference. */
  readonly of?: 'device tensors' | 'optional members';
  readonly how: () => Breakage;
}

/** A fault that breaks the promise after which it is named. */
export function fault(promise: string, how: Fault['how'], of?: Fault['of']): Fault {
  return { name: promise, breaks: [promise], how, ...(of && { of }) };
}

/** A sound backend with a fault. */
export function broken(sound: BackendDefinition, { how }: Fault): BackendDefinition {
  const { capabilities, definition, backend, executable } = how();
  const wholly: BackendDefinition = {
    ...sound,
    probe: async () => {
      const availability = await sound.probe();
      return availability.available
        ? { ...availability, capabilities: { ...availability.capabilities, ...capabilities } }
        : availability;
    },
    create: async () => {
      const made = await sound.create();
      const usual: Backend = {
        ...made,
        capabilities: { ...made.capabilities, ...capabilities },
        compile: async (graph, options) => {
          const compiled = testedExecutable(await made.compile(graph, options), graph, usual);
          return whole({ ...compiled, ...executable?.(compiled, graph, options) }, compiled);
        },
      };
      return { ...usual, ...backend?.(usual) };
    },
  };
  return { ...wholly, ...definition?.(wholly) };
}

/** Every way to run of an executable whose runs are broken. */
export function whole({ runOnDevice, ...broken }: TestedExecutable, sound: Pick<Executable, 'bind'>): Executable {
  const run = ((inputs: RunInputs, { keep, ...options }: RunOptions | KeepingRunOptions = {}) =>
    keep && runOnDevice ? runOnDevice(inputs, options) : broken.run(inputs, options)) as Executable['run'];
  const bind: Executable['bind'] = async (sizes) => {
    // Its runs are runs of the executable, which know of no geometry.
    const { setGeometry: _, ...binding } = await sound.bind(sizes);
    return {
      ...binding,
      run: ((values: RunValues, options?: RunOptions) => run({ ...sizes, values }, options)) as Executable['run'] &
        Binding['run'],
    };
  };
  const { setParameters } = broken;
  return {
    ...broken,
    setParameters: (given) => setParameters(given as Readonly<Record<string, RealArray>>),
    run,
    bind: broken.bind === sound.bind ? bind : broken.bind,
  };
}

/** A run whose inputs are changed on their way. */
export function givenOtherwise(change: (inputs: RunInputs, graph: Graph) => RunInputs): Breakage {
  return {
    executable: ({ run }, graph) => ({ run: (inputs, options) => run(change(inputs, graph), options) }),
  };
}

/** A run whose results are changed; `runs` are those of this executable so far. */
export function resultsChanged(
  change: (results: Results, inputs: RunInputs, known: { readonly graph: Graph; readonly runs: number }) => void,
): Breakage {
  return {
    executable: ({ run }, graph) => {
      let runs = 0;
      return {
        run: async (inputs, options) => {
          const results = { ...(await run(inputs, options)) };
          change(results, inputs, { graph, runs: runs++ });
          return results;
        },
      };
    },
  };
}

/** A compile that is given something else. */
export function compiledOtherwise(change: (graph: Graph, options: CompileOptions) => CompileOptions): Breakage {
  return {
    backend: ({ compile }) => ({ compile: async (graph, options) => compile(graph, change(graph, options)) }),
  };
}

export function scale(results: Results, factor: number): void {
  for (const values of Object.values(results)) values.forEach((value, i) => (values[i] = value * factor));
}

/** What tells two sets of inputs apart. */
export function keyOf({ dims, values }: RunInputs): string {
  return JSON.stringify([dims, Object.values(values).map((array) => Array.from(array as RealArray))]);
}
