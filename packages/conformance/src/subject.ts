/**
 * The backend under test, in one precision and configuration, and the reference beside it.
 *
 * A subject is what checks get. It makes the backend when it is first needed and again after `renew`, which follows a
 * time-out or a lost device.
 */
import { reference } from '@mace/core';
import type { Backend, BackendDefinition, Choice, CompileOptions, RealArray, RunInputs } from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { testedExecutable, type TestedExecutable } from './tested-executable.js';
import type { TestedPrecision } from './tolerance.js';

/** Which optional parts of a backend are on. */
export interface Configuration {
  readonly fusions?: Choice;
  readonly passes?: Choice;
}

export type Parameters = Readonly<Record<string, RealArray>>;
export type Outputs = Readonly<Record<string, RealArray>>;

/** One measurement of noise. */
export interface Sample {
  readonly exact: Outputs;
  readonly rounded: Outputs;
}

interface Disposable {
  dispose(): Promise<void>;
}

export class Subject {
  #backend: Promise<Backend> | undefined;
  readonly #reference = reference().create();
  #kept: { readonly key: unknown; readonly value: Promise<Disposable> } | undefined;

  constructor(
    readonly definition: BackendDefinition,
    readonly precision: TestedPrecision,
    readonly configuration: Configuration = {},
  ) {}

  /** The backend, compiling in the configuration of this subject. */
  async backend(): Promise<Backend> {
    this.#backend ??= this.definition.create().then((backend) => configured(backend, this.configuration));
    return this.#backend;
  }

  async compile(
    graph: Graph,
    parameters: Parameters,
    options: Partial<CompileOptions> = {},
  ): Promise<TestedExecutable> {
    const backend = await this.backend();
    const executable = await backend.compile(graph, { precision: this.precision, parameters, ...options });
    return testedExecutable(executable, graph, backend);
  }

  /** Compiles, runs once, disposes. */
  async run(graph: Graph, parameters: Parameters, inputs: RunInputs): Promise<Outputs> {
    const executable = await this.compile(graph, parameters);
    try {
      return await executable.run(inputs);
    } finally {
      executable.dispose();
    }
  }

  /** What the reference computes in each of some inputs. */
  async expected(
    graph: Graph,
    parameters: Parameters,
    inputs: readonly RunInputs[],
    precision: TestedPrecision,
  ): Promise<Outputs[]> {
    const executable = await (await this.#reference).compile(graph, { precision, parameters });
    try {
      const outputs: Outputs[] = [];
      for (const one of inputs) outputs.push(await executable.run(one));
      return outputs;
    } finally {
      executable.dispose();
    }
  }

  /** Something that several checks share, made when its key is first asked for and disposed of when another is. */
  async keep<T extends Disposable>(key: unknown, make: () => Promise<T>): Promise<T> {
    if (this.#kept?.key !== key) {
      await this.release();
      this.#kept = { key, value: make() };
    }
    return this.#kept!.value as Promise<T>;
  }

  /** Whether `keep` holds this. */
  keeps(key: unknown): boolean {
    return this.#kept?.key === key;
  }

  /** Disposes of what `keep` holds. */
  async release(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await (await kept?.value.catch(() => undefined))?.dispose();
  }

  /** Forgets the backend without waiting for it: it hangs or its device is lost. */
  renew(): void {
    const old = this.#backend;
    this.#backend = undefined;
    this.#kept = undefined;
    old?.then((backend) => backend.dispose()).catch(() => {});
  }

  async dispose(): Promise<void> {
    await this.release();
    const backend = this.#backend;
    this.#backend = undefined;
    await (await backend)?.dispose();
  }
}

/** A backend that compiles in a configuration unless told otherwise. Whoever gets the backend, a calculator too, gets it so. */
function configured(backend: Backend, { fusions, passes }: Configuration): Backend {
  if (fusions === undefined && passes === undefined) return backend;
  const defaults = { ...(fusions !== undefined && { fusions }), ...(passes !== undefined && { passes }) };
  return {
    name: backend.name,
    device: backend.device,
    capabilities: backend.capabilities,
    ...(backend.fusions && { fusions: backend.fusions }),
    compile: (graph, options) => backend.compile(graph, { ...defaults, ...options }),
    upload: (values, shape) => backend.upload(values, shape),
    memory: () => backend.memory(),
    dispose: () => backend.dispose(),
    ...(backend.neighbors && { neighbors: (request) => backend.neighbors!(request) }),
  };
}
