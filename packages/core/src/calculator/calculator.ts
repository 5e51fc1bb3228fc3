/**
 * Structures in, energies, forces and stress out, on any backend.
 *
 * The host's part is in float64: edge vectors before the graph; isolated-atom energies, shift, sums over atoms and the
 * division by the volume after it. Structures of one call are computed in batches; a result does not depend on them.
 */
import type {
  Backend,
  BackendDefinition,
  Cancellation,
  Executable,
  NeighborRequest,
  RealArray,
  RunCost,
  RunInputs,
} from '../backend/index.js';
import { DisposedError, UnsupportedError } from '../errors.js';
import { simplify, type Graph } from '../ir/index.js';
import {
  maceGraph,
  observablesGraph,
  layerConfigs,
  type MaceModel,
  type Observable,
  type Tensor,
} from '../model/index.js';
import { planValues, tableGate, type RowChoice, type TableGate, type ValuePlan } from '../planner/index.js';
import { validateStructure, type Structure } from '../structure/index.js';
import { bindBatch, type Batch } from './batch.js';
import { partsThatFit, runParts } from './parts.js';
import { RenewableBackend } from './renewable-backend.js';
import { costOfBoth, joined, type PreparedStructures } from './prepared.js';
import { nearAtoms } from './near-atoms.js';
import { headOf, type InputOptions } from './model-inputs.js';
import { finishBatch } from './finish.js';
import { finiteResults, notFinite, requireFinite, requireFiniteWeights } from './finite.js';
import type { Result } from './results.js';
import { fitsTables } from './tables.js';

/** What `evaluate` can add to the energies. */
export type Property = 'forces' | 'stress' | 'atomStresses' | 'descriptors';

export interface CalculatorOptions {
  readonly model: MaceModel;
  /** A backend, or what makes one: `reference()`, `wasm()`, … There is no default. */
  readonly backend: Backend | BackendDefinition;
  /** Default f64. */
  readonly precision?: 'f64' | 'f32';
  /** False computes with the graph as the model is written. Default true. */
  readonly plan?: boolean;
  /**
   * Computes functions of distance from tables, faster and within 1e-8 eV/atom and 1e-7 eV/Å in f64, below rounding in f32.
   * Structures with atoms nearer than a table holds for, and second derivatives, are computed without. Default false.
   */
  readonly tables?: boolean;
  /**
   * Largest number of atoms in one run of the graph; a larger structure is one run, or several where the memory of the
   * backend ends. Default 128.
   */
  readonly batchAtoms?: number;
}

export interface EvaluateOptions extends InputOptions {
  /** Default forces and stress. */
  readonly properties?: readonly Property[];
  readonly cancellation?: Cancellation;
  /** Told what each kernel took, in seconds, where the backend can say so; such a run is slower and on one thread. */
  readonly profile?: (kernel: string, seconds: number) => void;
}

export interface Calculator {
  readonly model: MaceModel;
  readonly backend: string;
  readonly device: string;
  readonly precision: 'f64' | 'f32';
  /**
   * Goes on with a new device where one was lost and the calculator was given a definition.
   * @throws StructureError, CancelledError, DeviceError
   */
  evaluate(structure: Structure, options?: EvaluateOptions): Promise<Result>;
  /** As `evaluate`, for many structures in batches; same bits as one by one. */
  evaluateAll(structures: readonly Structure[], options?: EvaluateOptions): Promise<Result[]>;
  /**
   * Neighbor lists, plan, tables and compilation once, so that `run` only computes: for timing. Holds until `setParameters`.
   * @throws StructureError
   */
  prepare(structures: readonly Structure[], options?: EvaluateOptions): Promise<PreparedStructures>;
  /** ∂²E/∂x∂x [3·atoms, 3·atoms] row-major, eV/Å². */
  hessian(
    structure: Structure,
    options?: InputOptions & { readonly cancellation?: Cancellation },
  ): Promise<Float64Array>;
  /** Hessian times a vector [atoms 3]. */
  hessianVector(structure: Structure, vector: Float64Array, options?: InputOptions): Promise<Float64Array>;
  /** Replaces weights by upstream names; those not named keep their values. @throws UnsupportedError, changing nothing */
  setParameters(weights: Readonly<Record<string, RealArray>>): Promise<void>;
  /** What the backend holds now. */
  memory(): ReturnType<Backend['memory']>;
  /** Multiply-adds a second of one thread at best, measured in less than a second; null where the backend does not tell. */
  peak(): Promise<number | null>;
  dispose(): Promise<void>;
}

/** Weights that the host adds after the graph. */
const hostWeights = ['atomic_energies_fn.atomic_energies', 'scale_shift.shift'];

interface Request {
  readonly wanted: readonly Observable[];
  readonly properties: ReadonlySet<Property>;
  readonly options: EvaluateOptions;
}

interface Compiled {
  readonly executable: Executable;
  readonly plan: ValuePlan | null;
  /** Whether tables were asked for. */
  readonly tables: boolean;
}

/** @throws BackendUnavailableError without a backend, UnsupportedError for a precision that it lacks or weights that are not finite */
export async function createCalculator(options: CalculatorOptions): Promise<Calculator> {
  const { model, precision = 'f64', plan = true, tables = false, batchAtoms = 128 } = options;
  requireFiniteWeights(model.weights);
  const engines = await RenewableBackend.of(options.backend);
  const backend = engines.current;
  if (!backend.capabilities.precisions.includes(precision)) {
    throw new UnsupportedError(
      'precision',
      `${backend.name} computes in ${backend.capabilities.precisions.join(', ')}; ${precision} was asked for. Choose another precision or backend.`,
    );
  }
  return new GraphCalculator(model, engines, precision, plan, tables, batchAtoms);
}

class GraphCalculator implements Calculator {
  readonly backend: string;
  readonly #energy: Graph;
  readonly #gate: TableGate | null;
  readonly #compiled = new Map<string, Promise<Compiled>>();
  readonly #elements = new Set<number>();
  #weights: Record<string, Tensor>;
  #disposed = false;

  constructor(
    readonly model: MaceModel,
    readonly engines: RenewableBackend,
    readonly precision: 'f64' | 'f32',
    readonly planned: boolean,
    tables: boolean,
    readonly batchAtoms: number,
  ) {
    this.backend = engines.current.name;
    this.#weights = { ...model.weights };
    this.#energy = maceGraph(model);
    this.#gate = tables ? tableGate(precision, model.config.cutoff) : null;
  }

  get device(): string {
    return this.engine.device;
  }

  async evaluate(structure: Structure, options: EvaluateOptions = {}): Promise<Result> {
    return (await this.evaluateAll([structure], options))[0]!;
  }

  async evaluateAll(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<Result[]> {
    const results: Result[] = [];
    const request = this.#request(structures, options);
    for (const group of this.#groups(structures, options)) {
      const found = await this.#onDevice(async () => (await this.#prepareGroup(group, request)).run());
      results.push(...finiteResults(found, structures.length > 1 ? results.length : null));
    }
    return results;
  }

  async prepare(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<PreparedStructures> {
    const prepared = await this.#prepareGroup(structures, this.#request(structures, options));
    return { ...prepared, run: async () => finiteResults(await prepared.run(), structures.length > 1 ? 0 : null) };
  }

  async hessianVector(structure: Structure, vector: Float64Array, options: InputOptions = {}): Promise<Float64Array> {
    return this.#onDevice(async () => (await this.#hessianProduct(structure, options))(vector));
  }

  async hessian(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation } = {},
  ): Promise<Float64Array> {
    return this.#onDevice(async () => {
      const size = structure.numbers.length * 3;
      const multiply = await this.#hessianProduct(structure, options, options.cancellation);
      const hessian = new Float64Array(size * size);
      for (let column = 0; column < size; column++) {
        const unit = new Float64Array(size);
        unit[column] = 1;
        hessian.set(await multiply(unit), column * size);
      }
      return hessian;
    });
  }

  async setParameters(weights: Readonly<Record<string, RealArray>>): Promise<void> {
    this.#alive();
    const replaced = Object.entries(weights).map(([name, data]) => [name, this.#replacement(name, data)] as const);
    Object.assign(this.#weights, Object.fromEntries(replaced));
    await this.#onDevice(async () => {
      const parameters = this.#parameters();
      for (const [key, compiling] of [...this.#compiled]) {
        const { executable, plan, tables } = await compiling;
        // New weights may need other tables, or fit tables where the old ones did not.
        if (tables) {
          this.#compiled.delete(key);
          executable.dispose();
        } else await executable.setParameters(plan ? plan.refold(parameters) : parameters);
      }
    });
  }

  memory(): ReturnType<Backend['memory']> {
    return this.engine.memory();
  }

  async peak(): Promise<number | null> {
    this.#alive();
    return (await this.engine.peak?.(this.precision)) ?? null;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const compiled of await Promise.allSettled(this.#compiled.values())) {
      if (compiled.status === 'fulfilled') compiled.value.executable.dispose();
    }
    await this.engines.dispose();
  }

  get engine(): Backend {
    return this.engines.current;
  }

  #onDevice<T>(work: () => Promise<T>): Promise<T> {
    return this.engines.use(work, () => this.#compiled.clear());
  }

  /** The tensor that takes the place of a weight. Constants are part of the graph, so they cannot be replaced. */
  #replacement(name: string, data: RealArray): Tensor {
    const known = Object.hasOwn(this.#weights, name) ? this.#weights[name] : undefined;
    const replaceable = hostWeights.includes(name) || this.#energy.parameters.some((p) => p.attributes.name === name);
    const problem = !known
      ? 'is no weight of this model'
      : !replaceable
        ? 'is a constant of this model; make a new calculator to change it'
        : known.data.length !== data.length
          ? `has ${known.data.length} values, got ${data.length}`
          : notFinite(data)
            ? `was given what is not a finite number, ${name}${notFinite(data)}`
            : null;
    if (problem !== null || !known) throw new UnsupportedError('model', `setParameters: ${name} ${problem}.`);
    return { shape: known.shape, data };
  }

  /** What of the graph a call needs. @throws DisposedError, StructureError */
  #request(structures: readonly Structure[], options: EvaluateOptions): Request {
    this.#alive();
    const { config } = this.model;
    for (const structure of structures) validateStructure(structure, { elements: config.atomicNumbers });
    const properties = new Set<Property>(options.properties ?? ['forces', 'stress']);
    const wanted: Observable[] = ['atomEnergy'];
    if (config.useEmbeddingReadout) wanted.push('embeddingEnergy');
    if (properties.has('forces')) wanted.push('forces');
    if (properties.has('stress') || properties.has('atomStresses')) wanted.push('atomVirial');
    if (properties.has('descriptors')) wanted.push('features');
    return { wanted, properties, options };
  }

  /** H·v as a function of v, the structure bound once. */
  async #hessianProduct(
    structure: Structure,
    options: InputOptions,
    cancellation?: Cancellation,
  ): Promise<(vector: Float64Array) => Promise<Float64Array>> {
    this.#alive();
    validateStructure(structure, { elements: this.model.config.atomicNumbers });
    const batch = await this.#bind([structure], options);
    const { executable } = await this.#executable(['hessianVector'], batch, false);
    return async (vector) => {
      const values = { ...batch.inputs.values, edgeTangent: batch.edgeDifferences(vector) };
      const outputs = await executable.run({ ...batch.inputs, values }, cancellation ? { cancellation } : {});
      return requireFinite('hessian', batch.rowsOf(0, outputs.hessianVector!, 3));
    };
  }

  #bind(structures: readonly Structure[], options: InputOptions): Promise<Batch> {
    const { neighbors } = this.engine;
    const search = neighbors && ((request: NeighborRequest) => neighbors.call(this.engine, request));
    return bindBatch(this.model.config, structures, options, search);
  }

  /** One batch, or two where tables hold for some structures only: what a structure gets does not depend on the others. */
  async #prepareGroup(group: readonly Structure[], request: Request): Promise<PreparedStructures> {
    const { wanted, properties, options } = request;
    const batch = await this.#bind(group, options);
    const fits = this.#gate ? fitsTables(batch, this.#gate.range[0]) : group.map(() => false);
    if (new Set(fits).size > 1) return this.#prepareBoth(group, fits, request);
    const { executable, plan } = await this.#executable(wanted, batch, fits[0] ?? false);
    const tables = (plan?.tables.length ?? 0) > 0;
    const near = nearAtoms(batch);
    const finish = { properties, backend: this.backend, precision: this.precision, tables, near };
    const { config } = this.model;
    const parts = partsThatFit(config, batch, executable, this.engine.capabilities);
    const run = async (): Promise<Result[]> => {
      const { cancellation, profile } = options;
      const compute = (inputs: RunInputs): Promise<Readonly<Record<string, RealArray>>> =>
        executable.run(inputs, { ...(cancellation && { cancellation }), ...(profile && { profile }) });
      const outputs = await (parts ? runParts(config, batch, parts, compute) : compute(batch.inputs));
      return finishBatch(this.model, this.#weights, batch, outputs, finish);
    };
    const cost = (): RunCost | null =>
      parts ? parts.map((part) => part.cost).reduce(costOfBoth) : (executable.cost?.(batch.inputs) ?? null);
    const { atoms, edges } = batch.edges;
    return { atoms, edges, parts: parts?.length ?? 1, withTables: tables ? group.length : 0, cost, run };
  }

  async #prepareBoth(
    group: readonly Structure[],
    fits: readonly boolean[],
    request: Request,
  ): Promise<PreparedStructures> {
    const part = (fit: boolean): Promise<PreparedStructures> =>
      this.#prepareGroup(
        group.filter((_, i) => fits[i] === fit),
        request,
      );
    return joined(await part(true), await part(false), fits);
  }

  /** Compiles for what is asked, the elements seen so far and the head of the batch; compiled graphs are kept. */
  #executable(wanted: readonly Observable[], batch: Batch, tables: boolean): Promise<Compiled> {
    for (const element of batch.elements) this.#elements.add(element);
    const species = [...this.#elements].sort((a, b) => a - b);
    const rows: Record<string, readonly number[]> = {};
    if (species.length > 0) rows.species = species;
    if (this.model.config.heads.length > 1 && batch.heads.length === 1) rows.head = batch.heads;
    const key = JSON.stringify([wanted, rows, tables]);
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = this.#compile(wanted, rows, tables);
      this.#compiled.set(key, compiled);
      compiled.catch(() => this.#compiled.delete(key));
    }
    return compiled;
  }

  async #compile(wanted: readonly Observable[], rows: RowChoice, tables: boolean): Promise<Compiled> {
    const parameters = this.#parameters();
    const plan = this.planned ? planValues(this.#energy, parameters, rows, tables ? this.#gate : null) : null;
    const graph = plan ? simplify(observablesGraph(plan.graph, wanted)) : observablesGraph(this.#energy, wanted);
    const needed = plan?.parameters ?? parameters;
    const executable = await this.engine.compile(graph, { precision: this.precision, parameters: needed });
    return { plan, tables, executable };
  }

  #parameters(): Record<string, RealArray> {
    return Object.fromEntries(Object.entries(this.#weights).map(([name, { data }]) => [name, data]));
  }

  /** Consecutive structures up to `batchAtoms` atoms, with equal heads. */
  *#groups(structures: readonly Structure[], options: InputOptions): Generator<Structure[]> {
    let group: Structure[] = [];
    let atoms = 0;
    let head = '';
    for (const structure of structures) {
      const own = headOf(this.model.config, structure, options).value;
      const size = structure.numbers.length;
      if (group.length > 0 && (atoms + size > this.batchAtoms || own !== head)) {
        yield group;
        group = [];
        atoms = 0;
      }
      group.push(structure);
      atoms += size;
      head = own;
    }
    if (group.length > 0) yield group;
  }

  #alive(): void {
    if (this.#disposed) throw new DisposedError('use after dispose: calculator.');
  }
}

/** Number of features of each layer, invariant ones (0e) first, for cutting descriptors. */
export function descriptorLayers(model: MaceModel): { readonly size: number; readonly invariants: number }[] {
  return layerConfigs(model.config).map(({ hidden }) => ({
    size: hidden.reduce((n, { multiplicity, irrep }) => n + multiplicity * (2 * irrep.l + 1), 0),
    invariants: hidden[0]!.multiplicity,
  }));
}
