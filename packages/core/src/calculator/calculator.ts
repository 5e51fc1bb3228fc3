/**
 * Structures in, energies, forces and stress out, on any backend.
 *
 * The host's part is in float64: edge vectors before the graph; isolated-atom energies, shift, sums over atoms and the
 * division by the volume after it. Structures of one call are computed in batches; a result does not depend on them.
 */
import { isYieldDue, yieldToEventLoop } from '../backend/index.js';
import type { Backend, Cancellation, NeighborRequest, RealArray } from '../backend/index.js';
import { CancelledError, DisposedError, StructureError, UnsupportedError } from '../errors.js';
import type { MaceModel } from '../model/index.js';
import { validateStructure, type Structure } from '../structure/index.js';
import { makeBatch, type Batch, type BatchOptions } from './batch.js';
import { bindBatch, type BindWith } from './bound-batch.js';
import { bindSystem } from './bind-system.js';
import type { BoundSystem } from './bound-system.js';
import { Calls } from './calls.js';
import { chosenElements, indicesOf, requireElements } from './elements.js';
import { requireFinite, requireFiniteWeights } from './finite.js';
import type { Calculator, CalculatorOptions, EvaluateOptions, Property } from './interface.js';
import { JoinedCalls } from './joined-calls.js';
import type { InputOptions } from './model-inputs.js';
import { ModelGraphs } from './model-graphs.js';
import type { PreparedStructures } from './prepared.js';
import { RenewableBackend } from './renewable-backend.js';
import type { Result } from './results.js';
import { snapshotOf, snapshotOfOptions } from './snapshot.js';
import type { BindOptions, System, SystemProperty } from './system.js';
import type { SystemHost } from './system-host.js';

/**
 * @throws BackendUnavailableError without a backend, UnsupportedError for a precision that it lacks, weights that are not finite or
 * elements that the model does not cover
 */
export async function createCalculator(options: CalculatorOptions): Promise<Calculator> {
  const { model, precision = 'f64', plan = true, tables = false, batchAtoms = 128 } = options;
  requireFiniteWeights(model.weights);
  const elements = options.elements ? chosenElements(model.config, options.elements) : null;
  const engines = await RenewableBackend.of(options.backend);
  try {
    const backend = engines.current;
    if (!backend.capabilities.precisions.includes(precision)) {
      throw new UnsupportedError(
        'precision',
        `${backend.name} computes in ${backend.capabilities.precisions.join(', ')}; ${precision} was asked for. Choose another precision or backend.`,
      );
    }
    return new GraphCalculator(model, engines, precision, plan, tables, batchAtoms, elements);
  } catch (error) {
    await engines.dispose();
    throw error;
  }
}

/** What a system gives for what a result has. */
const ofSystems: Readonly<Record<Property, SystemProperty>> = {
  forces: 'forces',
  stress: 'stress',
  atomStresses: 'atomVirials',
  descriptors: 'descriptors',
};

class GraphCalculator implements Calculator {
  readonly backend: string;
  readonly #graphs: ModelGraphs;
  readonly #calls = new Calls();
  readonly #joined = new JoinedCalls((structures, options) => this.#computeAll(structures, options));
  #disposed = false;

  constructor(
    readonly model: MaceModel,
    readonly engines: RenewableBackend,
    readonly precision: 'f64' | 'f32',
    plan: boolean,
    readonly tables: boolean,
    readonly batchAtoms: number,
    /** Atomic numbers, where the caller fixed them. */
    readonly elements: readonly number[] | null,
  ) {
    this.backend = engines.current.name;
    this.#graphs = new ModelGraphs(model, engines, {
      precision,
      plan,
      tables,
      elements: elements && indicesOf(model.config, elements),
    });
  }

  get device(): string {
    return this.engine.device;
  }

  async evaluate(structure: Structure, options: EvaluateOptions = {}): Promise<Result> {
    this.#validate([structure]);
    const [taken, how] = [snapshotOf(structure), snapshotOfOptions(options)];
    return this.#calls.use(() => this.#joined.add(taken, how));
  }

  async evaluateAll(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<Result[]> {
    this.#validate(structures);
    const [taken, how] = [structures.map(snapshotOf), snapshotOfOptions(options)];
    return this.#calls.use(() => this.#computeAll(taken, how));
  }

  async #computeAll(structures: readonly Structure[], options: EvaluateOptions): Promise<Result[]> {
    const results: Result[] = [];
    const { cancellation, profile } = options;
    for (const group of groupsOf(structures, this.batchAtoms)) {
      if (results.length > 0 && isYieldDue()) await yieldToEventLoop();
      if (cancellation?.aborted) throw new CancelledError('stopped because the caller asked to.');
      const first = structures.length > 1 ? results.length : null;
      const system = await this.#unmoved(group, options, first);
      try {
        results.push(...(await system.results({ ...(cancellation && { cancellation }), ...(profile && { profile }) })));
      } finally {
        system.dispose();
      }
    }
    return results;
  }

  async prepare(structures: readonly Structure[], options: EvaluateOptions = {}): Promise<PreparedStructures> {
    this.#validate(structures);
    const taken = structures.map(snapshotOf);
    const given = snapshotOfOptions(options);
    const { cancellation, profile } = given;
    const how = { ...(cancellation && { cancellation }), ...(profile && { profile }) };
    const system = await this.#calls.use(() => this.#unmoved(taken, given, taken.length > 1 ? 0 : null));
    return {
      ...system.size,
      cost: () => system.cost(),
      run: () => this.#calls.use(() => system.results(how)),
      dispose: () => system.dispose(),
    };
  }

  async bind(structures: readonly Structure[], options: BindOptions = {}): Promise<System> {
    this.#validate(structures);
    const host = this.#host(snapshotOfOptions(options), (g, all) => (all > 1 ? `Structure ${g}: ` : ''));
    return bindSystem(
      { ...host, moves: true, onDevice: (work) => this.#calls.use(() => this.#onDevice(work)) },
      structures.map(snapshotOf),
      options,
    );
  }

  async hessianVector(structure: Structure, vector: Float64Array, options: InputOptions = {}): Promise<Float64Array> {
    this.#validate([structure]);
    const length = 3 * structure.numbers.length;
    if (!(vector instanceof Float64Array && vector.length === length))
      throw new StructureError(
        `hessianVector: expected a vector of ${length} numbers in a Float64Array, three for each atom, got ${(vector as Float64Array | null)?.length ?? 'none'}.`,
      );
    const [taken, along, how] = [snapshotOf(structure), vector.slice(), snapshotOfOptions(options)];
    return this.#calls.use(() => this.#onDevice(() => this.#withHessian(taken, how, (multiply) => multiply(along))));
  }

  async hessian(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation } = {},
  ): Promise<Float64Array> {
    this.#validate([structure]);
    const [taken, how] = [snapshotOf(structure), snapshotOfOptions(options)];
    const size = taken.numbers.length * 3;
    const work = (): Promise<Float64Array> =>
      this.#withHessian(taken, how, async (multiply) => {
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
    const replaced = this.#graphs.replacements(weights);
    await this.#calls.change(() => this.#graphs.replace(replaced, (work) => this.#onDevice(work)));
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
    await this.#graphs.dispose();
    await this.engines.dispose();
  }

  get engine(): Backend {
    return this.engines.current;
  }

  #onDevice<T>(work: () => Promise<T>): Promise<T> {
    const alive = async (): Promise<T> => {
      this.#alive();
      return work();
    };
    return this.engines.use(alive, () => this.#graphs.forget());
  }

  /** A system of structures as they are, with all that results have. @param first - number of the first; null where there is one */
  #unmoved(structures: readonly Structure[], options: EvaluateOptions, first: number | null): Promise<BoundSystem> {
    const properties: SystemProperty[] = ['atomEnergies', 'interactionEnergies'];
    for (const property of options.properties ?? (['forces', 'stress'] as const)) {
      if (!Object.hasOwn(ofSystems, property))
        throw new StructureError(
          `evaluate: there is no property ${property}. There are ${Object.keys(ofSystems).join(', ')}; name some of these.`,
        );
      properties.push(ofSystems[property]);
    }
    const host = this.#host(options, (g) => (first === null ? '' : `Structure ${first + g}: `));
    return bindSystem(host, structures, { properties, skin: 0 });
  }

  #host(options: InputOptions, nameOf: SystemHost['nameOf']): SystemHost {
    const { model, backend, precision } = this;
    return {
      graphs: this.#graphs,
      backend,
      precision,
      nameOf,
      validate: (structures) => this.#validate(structures),
      batch: (structures, how) => this.#batch(structures, options, how),
      moves: false,
      bind: (wanted, batch, withTables, moving = null) => {
        this.#alive();
        const { capabilities } = this.engine;
        const take: BindWith['take'] = (range, tables) => this.#graphs.take(wanted, range, tables);
        return bindBatch({ config: model.config, capabilities, take, moving }, batch, withTables);
      },
      onDevice: (work) => this.#onDevice(work),
    };
  }

  /** Gives `use` H·v as a function of v, the structure bound once. */
  async #withHessian<T>(
    structure: Structure,
    options: InputOptions & { readonly cancellation?: Cancellation },
    use: (multiply: (vector: Float64Array) => Promise<Float64Array>) => Promise<T>,
  ): Promise<T> {
    const batch = await this.#batch([structure], options);
    const { graph, giveBack } = (await this.#graphs.take(['hessianVector'], batch, false))!;
    const { cancellation } = options;
    try {
      const binding = await graph.executable.bind(batch.inputs);
      const multiply = async (vector: Float64Array): Promise<Float64Array> => {
        const values = { ...batch.inputs.values, edgeTangent: batch.edgeDifferences(vector) };
        const outputs = await binding.run(values, cancellation ? { cancellation } : {});
        return requireFinite('hessian', batch.rowsOf(0, outputs.hessianVector!, 3));
      };
      return await use(multiply).finally(() => binding.dispose());
    } finally {
      giveBack();
    }
  }

  #batch(structures: readonly Structure[], options: InputOptions, how: BatchOptions = {}): Promise<Batch> {
    const { neighbors } = this.engine;
    const search = neighbors && ((request: NeighborRequest) => neighbors.call(this.engine, request));
    return makeBatch(this.model.config, structures, options, { ...how, search });
  }

  /** @throws DisposedError, StructureError */
  #validate(structures: readonly Structure[]): void {
    this.#alive();
    if (!Array.isArray(structures))
      throw new StructureError('Expected a list of structures. Put a single one into [].');
    for (const structure of structures as readonly Structure[]) {
      validateStructure(structure, { elements: this.model.config.atomicNumbers });
      if (this.elements) requireElements(structure, this.elements);
    }
  }

  #alive(): void {
    if (this.#disposed) throw new DisposedError('use after dispose: calculator.');
  }
}

/** Consecutive structures up to so many atoms. */
function* groupsOf(structures: readonly Structure[], mostAtoms: number): Generator<Structure[]> {
  let group: Structure[] = [];
  let atoms = 0;
  for (const structure of structures) {
    const own = structure.numbers.length;
    if (group.length > 0 && atoms + own > mostAtoms) {
      yield group;
      group = [];
      atoms = 0;
    }
    group.push(structure);
    atoms += own;
  }
  if (group.length > 0) yield group;
}
