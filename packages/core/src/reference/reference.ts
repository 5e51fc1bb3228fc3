/**
 * The reference backend: the contract fulfilled by plain loops in the thread that calls it.
 *
 * float64, and float32 by rounding after every elementary operation. No fusions; `call` is inlined.
 */
import { checkInputs, checkParameters, bindMaps } from '../backend/bind.js';
import type {
  Backend,
  BackendDefinition,
  Capabilities,
  CompileOptions,
  DeviceTensor,
  Executable,
  RealArray,
  RunInputs,
  RunOptions,
} from '../backend/contract.js';
import { CancelledError, DisposedError, ShapeError, UnsupportedError } from '../errors.js';
import { legalize } from '../ir/legalize.js';
import { nodesOf } from '../ir/traverse.js';
import type { Graph, OpName } from '../ir/types.js';
import { verify } from '../ir/verify.js';
import { Interpreter } from './interpreter.js';

const capabilities: Capabilities = {
  precisions: ['f64', 'f32'],
  deterministic: true,
  deviceTensors: false,
  maxBufferBytes: 2 ** 31,
};
const device = 'JavaScript, one thread';

/** The definition of every op: slow, exact, always available. */
export function reference(): BackendDefinition {
  return {
    contract: 1,
    name: 'reference',
    probe: async () => ({ available: true, device, capabilities }),
    create: async () => new ReferenceBackend(),
  };
}

class ReferenceBackend implements Backend {
  readonly name = 'reference';
  readonly device = device;
  readonly capabilities = capabilities;
  readonly #live = new Map<object, number>();
  #disposed = false;

  async compile(graph: Graph, options: CompileOptions): Promise<Executable> {
    this.#alive();
    stopIfAborted(options.cancellation);
    const { precision } = options;
    if (precision === 'f16')
      throw new UnsupportedError(
        'precision',
        'reference computes in f64 and f32; f16 was asked for. Ask for one of these.',
      );
    verify(graph);
    const legalized: { op: OpName; scope: string }[] = [];
    const flat = legalize(
      graph,
      (node) => node.op !== 'call',
      ({ op, scope }) => legalized.push({ op, scope }),
    );
    checkParameters(flat, options.parameters);
    const interpreter = new Interpreter(flat, precision, copied(options.parameters));
    const key = {};
    this.#live.set(key, bytesOf(options.parameters));
    const alive = (): void => {
      if (!this.#live.has(key)) throw new DisposedError(`run after dispose: executable ${graph.name}.`);
    };
    return {
      report: {
        kernels: nodesOf(flat).map((node) => ({ name: node.op, nodes: [node.id] })),
        fused: [],
        legalized,
      },
      run: async (inputs: RunInputs, runOptions?: RunOptions) => {
        alive();
        stopIfAborted(runOptions?.cancellation);
        checkInputs(flat, inputs);
        const values: Record<string, RealArray> = {};
        for (const { attributes } of flat.inputs) {
          const value = inputs.values[attributes.name]!;
          if (!ArrayBuffer.isView(value))
            throw new ShapeError(
              `input ${attributes.name}: reference takes arrays, got a device tensor. Read it first.`,
            );
          values[attributes.name] = value;
        }
        return interpreter.run({ dims: inputs.dims, maps: bindMaps(flat, inputs), inputs: values });
      },
      setParameters: async (parameters) => {
        alive();
        checkParameters(flat, parameters);
        interpreter.setParameters(copied(parameters));
      },
      dispose: () => void this.#live.delete(key),
    };
  }

  upload(values: RealArray, shape: readonly number[]): DeviceTensor {
    this.#alive();
    const key = {};
    const copy = values.slice();
    this.#live.set(key, copy.byteLength);
    return {
      shape,
      read: async () => {
        if (!this.#live.has(key)) throw new DisposedError('read after dispose: tensor.');
        return copy.slice();
      },
      dispose: () => void this.#live.delete(key),
    };
  }

  memory(): { liveBytes: number; liveBuffers: number } {
    return {
      liveBytes: [...this.#live.values()].reduce((total, bytes) => total + bytes, 0),
      liveBuffers: this.#live.size,
    };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#live.clear();
  }

  #alive(): void {
    if (this.#disposed) throw new DisposedError('use after dispose: reference backend.');
  }
}

function copied(parameters: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}

function bytesOf(parameters: Readonly<Record<string, RealArray>>): number {
  return Object.values(parameters).reduce((total, values) => total + values.byteLength, 0);
}

function stopIfAborted(cancellation: { readonly aborted: boolean } | undefined): void {
  if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
}
