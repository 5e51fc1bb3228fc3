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
    readonly webgpu?: object;
  };
}

/** A compiled model. */
export interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
  dispose(): void;
}

export interface SessionOptions {
  readonly executionProviders?: readonly string[];
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  readonly executionMode?: 'sequential' | 'parallel';
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

/** The first version whose CPU kernels are the ones that were tested. */
const oldest = [1, 20] as const;

/** Why an engine cannot be used, and what to do. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

/** Looks at a module without starting anything. */
export function inspect(ort: unknown, provider: Provider | undefined, threads: number): Engine | Refusal {
  if (!isOrt(ort))
    return {
      reason: 'the option ort is not the module of an ONNX Runtime.',
      remedy:
        "Pass it: import * as ort from 'onnxruntime-node' (or onnxruntime-web), then onnx({ ort }). Install it with npm install onnxruntime-node.",
    };
  const { node, web, common } = ort.env.versions;
  const kind = node !== undefined ? 'node' : web !== undefined ? 'web' : undefined;
  const version = node ?? web ?? common;
  if (kind === undefined || version === undefined || isOlder(version))
    return {
      reason: `ONNX Runtime ${version ?? 'of unknown version'} is too old; ${oldest.join('.')} is needed.`,
      remedy: `Install a newer one: npm install onnxruntime-${kind ?? 'node'}@latest.`,
    };
  if (!Number.isInteger(threads) || threads < 1)
    return { reason: `threads is ${threads}; expected a whole number from 1.`, remedy: 'Leave it out for one thread.' };
  const chosen = provider ?? (kind === 'node' ? 'cpu' : 'wasm');
  const onHost = chosen === 'cpu' || chosen === 'wasm';
  return {
    ort,
    provider: chosen,
    threads,
    device: `onnxruntime-${kind} ${version}, ${chosen}${onHost ? `, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : ''}`,
    precisions: onHost ? ['f64', 'f32'] : ['f32'],
  };
}

function isOrt(value: unknown): value is Ort {
  const { InferenceSession, Tensor, env } = Object(value) as Partial<Ort>;
  return typeof InferenceSession?.create === 'function' && typeof Tensor === 'function' && env?.versions !== undefined;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major !== oldest[0] ? major < oldest[0] : minor < oldest[1];
}
