/**
 * Structures in, energies, forces and stress out, on any backend.
 *
 * The host's part is in float64: edge vectors before the graph; isolated-atom energies, shift, sums over atoms and the
 * division by the volume after it. Structures of one call are computed in batches; a result does not depend on them.
 */
import { isYieldDue, yieldToEventLoop } from '../backend/index.js';
import type { Backend, Cancellation, Executable, NeighborRequest, RealArray } from '../backend/index.js';
import { CancelledError, DisposedError, UnsupportedError } from '../errors.js';
import { simplify, type Graph } from '../ir/index.js';
import { maceGraph, observablesGraph, layerConfigs, type MaceModel, type Observable } from '../model/index.js';
import { planValues, tableGate, type RowChoice, type TableGate, type ValuePlan } from '../planner/index.js';
import { validateStructure, type Structure } from '../structure/index.js';
import { bindBatch, type Batch, type BatchOptions } from './batch.js';
import { boundBatch } from './bound-batch.js';
import { bindSystem, type SystemHost } from './bound-system.js';
import { Calls } from './calls.js';
import { RenewableBackend } from './renewable-backend.js';
import { joined, type PreparedStructures } from './prepared.js';
import { nearAtoms } from './near-atoms.js';
import { JoinedCalls } from './joined-calls.js';
import type { Calculator, CalculatorOptions, EvaluateOptions, Property } from './interface.js';
import { headOf, type InputOptions } from './model-inputs.js';
import { finishBatch } from './finish.js';
import { finiteResults, requireFinite, requireFiniteWeights } from './finite.js';
import type { Result } from './results.js';
import { snapshotOf } from './snapshot.js';
import { fitsTables } from './tables.js';
import type { BindOptions, System } from './system.js';
import { copiedWeights, replacements, type Weights } from './weights.js';

interface Request {
  readonly wanted: readonly Observable[];
  readonly properties: ReadonlySet<Property>;
  readonly options: EvaluateOptions;
}

interface Compiled {
  readonly graph: Graph;
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
  try {
    const backend = engines.current;
    if (!backend.capabilities.precisions.includes(precision)) {
      throw new UnsupportedError(
        'precision',
        `${backend.name} computes in ${backend.capabilities.precisions.join(', ')}; ${precision} was asked for. Choose another precision or backend.`,
      );
    }
    return new GraphCalculator(model, engines, precision, plan, tables, batchAtoms);
  } catch (error) {
    await engines.dispose();
    throw error;
  }
}

class GraphCalculator implements Calculator {
  readonly backend: string;
  readonly #energy: Graph;
  readonly #gate: TableGate | null;
  readonly #compiled = new Map<string, Promise<Compiled>>();
  readonly #elements = new Set<number>();
  readonly #calls = new Calls();
  readonly #joined = new JoinedCalls((structures, options) => this.#computeAll(structures, options));
  #weights: Weights;
  #disposed = false;
  /** Changes whenever executables go. */
  #version = 0;

  constructor(
    readonly model: MaceModel,
    readonly engines: RenewableBackend,
    readonly precision: 'f64' | 'f32',
    readonly planned: boolean,
    tables: boolean,
    readonly batchAtoms: number,
  ) {
    this.backend = engines.current.name;
    this.#weights = copiedWeights(model.weights);
    this.#energy = maceGraph(model);
    this.#gate = tables ? tableGate(precision, model.config.cutoff) : null;
  }

  get device(): string {
    return this.engine.device;
  }

  async evaluate(structure: Structure, options: EvaluateOptions = {}): Promise<Result> {
    this.#request([structure], options);
    const taken = snapshotOf(structure);
    return this.#calls.use(() => this.#joined.add(taken, options));
  }

  async evaluateAll(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<Result[]> {
    this.#request(structures, options);
    const taken = structures.map(snapshotOf);
    return this.#calls.use(() => this.#computeAll(taken, options));
  }

  async #computeAll(structures: readonly Structure[], options: EvaluateOptions): Promise<Result[]> {
    const results: Result[] = [];
    const request = this.#request(structures, options);
    for (const group of this.#groups(structures, options)) {
      if (results.length > 0 && isYieldDue()) await yieldToEventLoop();
      if (options.cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
      const found = await this.#onDevice(async () => {
        const prepared = await this.#prepareGroup(group, request);
        try {
          return await prepared.run();
        } finally {
          prepared.dispose();
        }
      });
      results.push(...finiteResults(found, structures.length > 1 ? results.length : null));
    }
    return results;
  }

  async prepare(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<PreparedStructures> {
    const request = this.#request(structures, options);
    const taken = structures.map(snapshotOf);
    const prepared = await this.#calls.use(() => this.#prepareGroup(taken, request));
    const run = async (): Promise<Result[]> => finiteResults(await prepared.run(), taken.length > 1 ? 0 : null);
    return { ...prepared, run: () => this.#calls.use(run) };
  }

  async bind(structures: readonly Structure[], options: BindOptions = {}): Promise<System> {
    this.#alive();
    const { model } = this;
    const host: SystemHost = {
      model,
      tablesFrom: this.#gate ? this.#gate.range[0] : null,
      version: () => this.#version,
      weights: () => this.#weights,
      validate: (all) => all.forEach((one) => validateStructure(one, { elements: model.config.atomicNumbers })),
      batch: (all, how) => this.#bind(all, options, how),
      bind: async (wanted, batch, tables) => {
        this.#alive();
        const { executable } = await this.#executable(wanted, batch, tables);
        return boundBatch(model.config, batch, executable, this.engine.capabilities);
      },
      onDevice: (work) => this.#calls.use(() => this.#onDevice(work)),
    };
    return bindSystem(host, structures.map(snapshotOf), options);
  }

  async hessianVector(structure: Structure, vector: Float64Array, options: InputOptions = {}): Promise<Float64Array> {
    this.#request([structure], {});
    const [taken, along] = [snapshotOf(structure), vector.slice()];
    return this.#calls.use(() =>
      this.#onDevice(() => this.#withHessian(taken, options, (multiply) => multiply(along))),
    );
  }

  async hessian(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation } = {},
  ): Promise<Float64Array> {
    this.#request([structure], {});
    const taken = snapshotOf(structure);
    const size = taken.numbers.length * 3;
    const work = (): Promise<Float64Array> =>
      this.#withHessian(taken, options, async (multiply) => {
        const hessian = new Float64Array(size * size);
        for (let column = 0; column < size; column++) {
          const unit = new Float64Array(size);
          unit[column] = 1;
          hessian.set(await multiply(unit), column * size);
        }
        return hessian;
      });
    return this.#calls.use(() => this.#onDevice(work));
  }

  async setParameters(weights: Readonly<Record<string, RealArray>>): Promise<void> {
    this.#alive();
    const parameters = new Set(this.#energy.parameters.map(({ attributes: { name } }) => name));
    const replaced = replacements(this.#weights, weights, parameters);
    await this.#calls.change(() => this.#replace(replaced));
  }

  /** Where it fails, the old weights stay, and graphs are compiled anew with them. */
  async #replace(replaced: Weights): Promise<void> {
    const before = this.#weights;
    this.#weights = { ...before, ...replaced };
    this.#version++;
    try {
      await this.#onDevice(() => this.#refold());
    } catch (error) {
      this.#weights = before;
      this.#version++;
      for (const compiled of await Promise.allSettled(this.#compiled.values()))
        if (compiled.status === 'fulfilled') compiled.value.executable.dispose();
      this.#compiled.clear();
      throw error;
    }
  }

  async #refold(): Promise<void> {
    const parameters = this.#parameters();
    for (const [key, compiling] of [...this.#compiled]) {
      const { executable, graph, plan, tables } = await compiling;
      // New weights may need other tables, or fit tables where the old ones did not.
      if (tables) {
        this.#compiled.delete(key);
        executable.dispose();
      } else await executable.setParameters(ofGraph(graph, plan ? plan.refold(parameters) : parameters));
    }
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
    return this.engines.use(work, () => {
      this.#version++;
      this.#compiled.clear();
    });
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

  /** Gives `use` H·v as a function of v, the structure bound once. */
  async #withHessian<T>(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation },
    use: (multiply: (vector: Float64Array) => Promise<Float64Array>) => Promise<T>,
  ): Promise<T> {
    const batch = await this.#bind([structure], options);
    const { executable } = await this.#executable(['hessianVector'], batch, false);
    const binding = await executable.bind(batch.inputs);
    const { cancellation } = options;
    try {
      return await use(async (vector) => {
        const values = { ...batch.inputs.values, edgeTangent: batch.edgeDifferences(vector) };
        const outputs = await binding.run(values, cancellation ? { cancellation } : {});
        return requireFinite('hessian', batch.rowsOf(0, outputs.hessianVector!, 3));
      });
    } finally {
      binding.dispose();
    }
  }

  #bind(structures: readonly Structure[], options: InputOptions, how: BatchOptions = {}): Promise<Batch> {
    const { neighbors } = this.engine;
    const search = neighbors && ((request: NeighborRequest) => neighbors.call(this.engine, request));
    return bindBatch(this.model.config, structures, options, { ...how, search });
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
    const bound = await boundBatch(this.model.config, batch, executable, this.engine.capabilities);
    const run = async (): Promise<Result[]> => {
      const { cancellation, profile } = options;
      const outputs = await bound.run({ ...(cancellation && { cancellation }), ...(profile && { profile }) });
      return finishBatch(this.model, this.#weights, batch, outputs, finish);
    };
    const { atoms, edges } = batch.edges;
    const { parts, cost, dispose } = bound;
    return { atoms, edges, parts, withTables: tables ? group.length : 0, cost, run, dispose };
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
    return { graph, plan, tables, executable };
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

/** The parameters that a graph has. */
function ofGraph({ parameters }: Graph, all: Readonly<Record<string, RealArray>>): Record<string, RealArray> {
  return Object.fromEntries(parameters.map(({ attributes: { name } }) => [name, all[name]!]));
}

/** Number of features of each layer, invariant ones (0e) first, for cutting descriptors. */
export function descriptorLayers(model: MaceModel): { readonly size: number; readonly invariants: number }[] {
  return layerConfigs(model.config).map(({ hidden }) => ({
    size: hidden.reduce((n, { multiplicity, irrep }) => n + multiplicity * (2 * irrep.l + 1), 0),
    invariants: hidden[0]!.multiplicity,
  }));
}
