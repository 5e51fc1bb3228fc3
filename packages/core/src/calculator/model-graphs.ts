/** The graphs of a model, compiled for what is asked of them: quantities, elements, head, with tables or without. */
import type { Executable, RealArray } from '../backend/index.js';
import { simplify, type Graph } from '../ir/index.js';
import { descriptorLayers, maceGraph, observablesGraph, type MaceModel, type Observable } from '../model/index.js';
import { planValues, tableGate, type RowChoice, type TableGate } from '../planner/index.js';
import type { BatchRange } from './batch-range.js';
import { CompiledGraphs, type Lease } from './compiled-graphs.js';
import type { RenewableBackend } from './renewable-backend.js';
import { reachOf } from './skin.js';
import { copiedWeights, replacements, roundedTo, type Weights } from './weights.js';

export interface ModelGraph {
  readonly executable: Executable;
  /** Whether functions of distance come from tables. */
  readonly tables: boolean;
  readonly bytes: number;
  /** Puts other weights in; false where a graph has to be made anew for them. */
  refold(parameters: Parameters): Promise<boolean>;
  dispose(): void;
}

/** Tables are made of each two elements: a graph for more than a structure has is not worth it beyond so many. */
const mostWithTables = 10;

type Parameters = Readonly<Record<string, RealArray>>;

export interface ModelGraphsOptions {
  readonly precision: 'f64' | 'f32';
  /** False keeps the graph as the model is written. */
  readonly plan: boolean;
  readonly tables: boolean;
  /** Indices of the elements that every graph is for; null makes graphs for those that come. */
  readonly elements: readonly number[] | null;
}

export class ModelGraphs {
  /** Node features of an atom. */
  readonly descriptorSize: number;
  readonly #energy: Graph;
  readonly #gate: TableGate | null;
  readonly #compiled: CompiledGraphs<ModelGraph>;
  #weights: Weights;
  #version = 0;

  constructor(
    readonly model: MaceModel,
    readonly engines: RenewableBackend,
    readonly options: ModelGraphsOptions,
  ) {
    this.descriptorSize = descriptorLayers(model).reduce((sum, { size }) => sum + size, 0);
    this.#energy = maceGraph(model);
    this.#gate = options.tables ? tableGate(options.precision, model.config.cutoff) : null;
    this.#compiled = new CompiledGraphs(options.elements);
    this.#weights = copiedWeights(model.weights);
  }

  /** Å: up to where edges may count. */
  get reach(): number {
    return reachOf(this.model.config, this.options.precision);
  }

  /** Å: distance from which on tables hold; null without tables. */
  get tablesFrom(): number | null {
    return this.#gate && this.#gate.range[0];
  }

  get weights(): Weights {
    return this.#weights;
  }

  /** Changes whenever what was bound is gone: other weights, another device. */
  get version(): number {
    return this.#version;
  }

  /** @returns null where the elements have no tables together */
  take(wanted: readonly Observable[], range: BatchRange, tables: boolean): Promise<Lease<ModelGraph> | null> {
    const head = this.model.config.heads.length > 1 && range.heads.length === 1 ? range.heads : null;
    const kind = JSON.stringify([wanted, head, tables]);
    return this.#compiled.take(kind, range.elements, async (species) => {
      const isForOthers = species.length > range.elements.length && !this.options.elements;
      if (tables && isForOthers && species.length > mostWithTables) return null;
      return this.#compile(wanted, { ...(species.length > 0 && { species }), ...(head && { head }) }, tables);
    });
  }

  /** Copies of weights that may take the place of some. @throws UnsupportedError that names the weight */
  replacements(weights: unknown): Weights {
    const parameters = new Set(this.#energy.parameters.map(({ attributes: { name } }) => name));
    return replacements(this.#weights, weights, parameters);
  }

  /**
   * Puts weights in the place of some. Where it fails, the old ones stay, and graphs are compiled anew with them.
   * @param onDevice - does the work, once more where the device was lost
   */
  async replace(weights: Weights, onDevice: (work: () => Promise<void>) => Promise<void>): Promise<void> {
    const before = this.#weights;
    this.#weights = { ...before, ...weights };
    this.#version++;
    try {
      await onDevice(() => this.#refold());
    } catch (error) {
      this.#weights = before;
      this.#version++;
      await this.#compiled.dispose();
      throw error;
    }
  }

  /** Lets go of all: the device is gone. */
  forget(): void {
    this.#version++;
    this.#compiled.forget();
  }

  dispose(): Promise<void> {
    return this.#compiled.dispose();
  }

  async #refold(): Promise<void> {
    const parameters = this.#parameters();
    // New weights may have tables where old ones had none.
    this.#compiled.forgetRefusals();
    for (const { graph, drop } of await this.#compiled.all()) if (!(await graph.refold(parameters))) drop();
  }

  async #compile(wanted: readonly Observable[], rows: RowChoice, tables: boolean): Promise<ModelGraph | null> {
    const { precision } = this.options;
    const parameters = this.#parameters();
    const plan = this.options.plan ? planValues(this.#energy, parameters, rows, tables ? this.#gate : null) : null;
    if (plan && plan.refusal !== null) return null;
    const graph = plan ? simplify(observablesGraph(plan.graph, wanted)) : observablesGraph(this.#energy, wanted);
    const needed = roundedTo(precision, plan?.parameters ?? parameters);
    const executable = await this.engines.current.compile(graph, { precision, parameters: needed });
    return {
      executable,
      tables: (plan?.tables.length ?? 0) > 0,
      bytes: Object.values(needed).reduce((sum, { byteLength }) => sum + byteLength, 0),
      refold: async (given) => {
        // New weights may need other tables, or fit tables where the old ones did not.
        if (tables) return false;
        await executable.setParameters(ofGraph(graph, roundedTo(precision, plan ? plan.refold(given) : given)));
        return true;
      },
      dispose: () => executable.dispose(),
    };
  }

  #parameters(): Parameters {
    return Object.fromEntries(Object.entries(this.#weights).map(([name, { data }]) => [name, data]));
  }
}

/** The parameters that a graph has. */
function ofGraph({ parameters }: Graph, all: Parameters): Parameters {
  return Object.fromEntries(parameters.map(({ attributes: { name } }) => [name, all[name]!]));
}
