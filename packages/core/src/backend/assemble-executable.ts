/** An executable and its bindings around what an engine does: checks, errors by name, order, use after dispose, outputs. */
import { CancelledError, DisposedError, GraphError, ShapeError, UnsupportedError } from '../errors.js';
import type { Graph } from '../ir/types.js';
import type { BindingParts, BoundValues, ExecutableParts, RunParts, TensorParts } from './parts.js';
import { bindMaps, checkReplacements, checkSizes, checkValues, concreteShape, type RunInput } from './bind.js';
import { checkGeometry, checkGeometryValues, inputsWithGeometry } from './geometry.js';
import type {
  Binding,
  Cancellation,
  DeviceTensor,
  Executable,
  KeepingRunOptions,
  KeptOutputs,
  RealArray,
  RunOptions,
  RunSizes,
  RunValues,
} from './contract.js';

/** What an executable needs of its backend. */
export interface Host {
  readonly name: string;
  readonly deviceTensors: boolean;
  /** Whether the executable is not disposed of. */
  isAlive(): boolean;
  /** @throws UnsupportedError (`size`) where a value of a run does not fit into a buffer */
  checkFit(dims: RunSizes['dims']): void;
  wrap(tensor: TensorParts): DeviceTensor;
  /** A tensor of a caller as what the engine made. @throws ShapeError, DisposedError that begin with `what` */
  unwrapped(what: string, value: RealArray | DeviceTensor): RealArray | TensorParts;
  dispose(): void;
}

type Options = RunOptions | KeepingRunOptions;

/** @param source - the graph that people know, for messages */
export function assembleExecutable(source: Graph, parts: ExecutableParts, host: Host): Executable {
  const bindings = new Set<Binding>();
  const usable = (): void => {
    if (!host.isAlive())
      throw new DisposedError(`use after dispose: executable ${source.name} of ${host.name}. Compile it again.`);
  };
  const bound = (sizes: RunSizes): BindingParts => {
    const { dims, borders } = sizes;
    checkSizes(sizes);
    const maps = bindMaps(parts.graph, sizes);
    return parts.bind({ dims: { ...dims }, maps, ...(borders && { borders }) });
  };

  const bind = async (sizes: RunSizes): Promise<Binding> => {
    usable();
    const binding = assembleBinding(bound(sizes), { ...sizes.dims });
    bindings.add(binding);
    return binding;
  };

  const assembleBinding = (own: BindingParts, dims: RunSizes['dims']): Binding => {
    let [underWay, isDisposed] = [0, false];
    let inputs: readonly RunInput[] = parts.graph.inputs;
    const bindingUsable = (): void => {
      usable();
      if (isDisposed)
        throw new DisposedError(`use after dispose: a binding of ${source.name} of ${host.name}. Bind it again.`);
    };
    const release = (): void => {
      if (isDisposed && underWay === 0) own.dispose?.();
    };
    const binding: Binding = {
      get bytes() {
        return own.bytes;
      },
      largestBufferBytes: own.largestBufferBytes,
      ...(own.multiplyAdds && { multiplyAdds: () => own.multiplyAdds!() }),
      run: (async (values: RunValues, options: Options = {}) => {
        bindingUsable();
        underWay++;
        try {
          return await run(own, dims, inputs, values, options);
        } finally {
          underWay--;
          release();
        }
      }) as Binding['run'],
      ...(own.setGeometry && {
        setGeometry: async (geometry) => {
          bindingUsable();
          const given = inputsWithGeometry(source, parts.graph);
          checkGeometry(geometry, dims);
          await own.setGeometry!(geometry);
          bindingUsable();
          inputs = given;
        },
      }),
      dispose: () => {
        if (isDisposed) return;
        isDisposed = true;
        bindings.delete(binding);
        release();
      },
    };
    return binding;
  };

  /** Nothing is waited for before the engine has been called. */
  const run = async (
    own: BindingParts,
    dims: RunSizes['dims'],
    inputs: readonly RunInput[],
    values: RunValues,
    { cancellation, profile, into = {}, keep = [] }: Options,
  ): Promise<KeptOutputs> => {
    stopIfCancelled(cancellation);
    // Not where it is bound: who sees that a run is too large may make several of it.
    host.checkFit(dims);
    if (inputs !== parts.graph.inputs) checkGeometryValues(values);
    checkValues(inputs, { dims }, values);
    checkOutputs(parts.graph, dims, host, into, keep);
    const given: Record<string, RealArray | TensorParts> = {};
    for (const { attributes } of inputs)
      given[attributes.name] = host.unwrapped(`input ${attributes.name}`, values[attributes.name]!);
    const how: RunParts = {
      stopIfCancelled: () => stopIfCancelled(cancellation),
      keep: new Set(keep),
      into,
      ...(profile && { profile }),
    };
    return finished(await own.run(given as BoundValues, how), into);
  };

  const finished = (
    outputs: Readonly<Record<string, RealArray | TensorParts>>,
    into: RunParts['into'],
  ): KeptOutputs => {
    const found: Record<string, RealArray | DeviceTensor> = {};
    for (const [name, value] of Object.entries(outputs)) {
      const wanted = into[name];
      if (!ArrayBuffer.isView(value)) found[name] = host.wrap(value);
      else if (wanted) {
        if (wanted !== value) wanted.set(value);
        found[name] = wanted;
      } else found[name] = value;
    }
    return found;
  };

  return {
    report: parts.report,
    bind,
    run: (async (inputs, options: Options = {}) => {
      usable();
      const own = bound(inputs);
      try {
        return await run(own, inputs.dims, parts.graph.inputs, inputs.values, options);
      } finally {
        own.dispose?.();
      }
    }) as Executable['run'],
    setParameters: async (parameters) => {
      usable();
      checkReplacements(source, parameters);
      // Those that a pass found to be of no use are not there any more.
      const used = new Set(parts.graph.parameters.map(({ attributes }) => attributes.name));
      const given = Object.entries(parameters)
        .filter(([name]) => used.has(name))
        .map(([name, value]) => [name, host.unwrapped(`parameter ${name}`, value)] as const);
      if (parts.setParametersOnDevice) return parts.setParametersOnDevice(Object.fromEntries(given));
      const arrays: Record<string, RealArray> = {};
      for (const [name, value] of given) arrays[name] = ArrayBuffer.isView(value) ? value : await value.read();
      usable();
      await parts.setParameters(arrays);
    },
    dispose: () => {
      for (const binding of [...bindings]) binding.dispose();
      host.dispose();
    },
  };
}

function checkOutputs(
  graph: Graph,
  dims: RunSizes['dims'],
  { name, deviceTensors }: Host,
  into: RunParts['into'],
  keep: readonly string[],
): void {
  const outputOf = (output: string, option: string): Graph['outputs'][string] => {
    const node = Object.hasOwn(graph.outputs, output) ? graph.outputs[output] : undefined;
    if (!node)
      throw new GraphError(
        `${option}: ${graph.name} has no output ${output}; it has ${Object.keys(graph.outputs).join(', ')}.`,
      );
    return node;
  };
  for (const [output, array] of Object.entries(into)) {
    const { shape } = outputOf(output, 'into').type;
    const wanted = concreteShape(shape, dims).reduce((size, dim) => size * dim, 1);
    if (array.length !== wanted)
      throw new ShapeError(
        `into.${output}: expected [${shape.join(' ')}] = ${wanted} values, got ${array.length}. Give an array of this size.`,
      );
  }
  for (const output of keep) outputOf(output, 'keep');
  if (keep.length > 0 && !deviceTensors)
    throw new UnsupportedError('op', `${name} keeps no tensors on a device. Leave \`keep\` out, and take the arrays.`);
}

export function stopIfCancelled(cancellation: Cancellation | undefined): void {
  if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
}
