/**
 * What this package needs of ONNX Runtime, written out: the module is handed in by the caller, never imported.
 *
 * `onnxruntime-node` and `onnxruntime-web` both fit.
 */
import type { Precision } from '@mace/core/backend';

/** The module `onnxruntime-node` or `onnxruntime-web`. */
export interface Ort {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: SessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: new (
    type: 'float32' | 'float64' | 'int32' | 'int64',
    data: never,
    dims: readonly number[],
  ) => OrtTensor;
  readonly env: {
    readonly versions: { readonly common?: string; readonly node?: string; readonly web?: string };
    readonly wasm?: { readonly numThreads?: number };
  };
}

/** A compiled model. */
export interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly size: number;
  /** `cpu`, or where on a device. */
  readonly location: string;
  /** Throws unless the location is the CPU. */
  readonly data: unknown;
  getData(): Promise<unknown>;
  dispose(): void;
}

export interface SessionOptions {
  readonly executionProviders?: readonly string[];
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  readonly executionMode?: 'sequential' | 'parallel';
  /** Where outputs are made. Default: in memory. */
  readonly preferredOutputLocation?: 'cpu' | 'gpu-buffer';
}

/** Where the runtime computes: `cpu`, `wasm`, `webgpu`, `cuda`, … */
export type Provider = 'cpu' | 'wasm' | 'webgpu' | 'cuda' | 'coreml' | 'dml' | (string & {});

/** What the runtime is, or what is wrong with it. */
export interface Engine {
  readonly ort: Ort;
  readonly provider: Provider;
  readonly threads: number;
  /** Runtime, version and provider, for people. */
  readonly device: string;
  readonly precisions: readonly Precision[];
}

/** Why an engine cannot be used, and what to do. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

/** Whether the kernels are those of the CPU. */
export function isOnHost({ provider }: Pick<Engine, 'provider'>): boolean {
  return provider === 'cpu' || provider === 'wasm';
}

/** Whether one thread of the CPU does everything, so that nothing depends on how work is divided. */
export function computesAlone(engine: Engine): boolean {
  return isOnHost(engine) && engine.threads === 1;
}
