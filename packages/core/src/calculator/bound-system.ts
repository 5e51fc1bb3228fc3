/** A `System` on a calculator: which list, which graphs and which binding hold now, and the steps of a computation. */
import type { RunOptions } from '../backend/index.js';
import { DisposedError, StructureError } from '../errors.js';
import { descriptorLayers, type MaceModel, type Observable } from '../model/index.js';
import { coincidence, type Structure } from '../structure/index.js';
import type { BoundBatch } from './bound-batch.js';
import { finishInto, finishOf, requireFiniteArrays, type Finish } from './finish.js';
import { makeResults } from './make-results.js';
import type { MovingAtoms } from './moving-atoms.js';
import { MovingBatch } from './moving-batch.js';
import { nearAtoms } from './near-atoms.js';
import type { PreparedStructures, RunCost } from './prepared.js';
import type { Result } from './results.js';
import { ordersOf } from './orders.js';
import { endsAtCutoff, skinOf } from './skin.js';
import type { SystemHost } from './system-host.js';
import { systemArrays } from './system-arrays.js';
import type { BindOptions, ComputeOptions, System, SystemArrays, SystemProperty } from './system.js';

/** Everything that holds until the list is made anew. */
interface Bound {
  readonly moving: MovingBatch;
  readonly finish: Finish;
  readonly version: number;
  readonly withTables: readonly boolean[];
  readonly run: BoundBatch;
}

/** What was computed, of which list. */
interface Computed {
  readonly arrays: SystemArrays;
  readonly bound: Bound;
  /** Square of the shortest edge of each structure, Å². */
  readonly shortest: Float64Array;
}

export async function bindSystem(
  host: SystemHost,
  structures: readonly Structure[],
  options: BindOptions,
): Promise<BoundSystem> {
  const { order } = options;
  const skin = skinOf(options.skin, host.graphs.tablesFrom !== null);
  const properties = options.properties ?? ['forces'];
  const wanted = wantedFor(host.graphs.model, properties);
  const isSafe = skin === 0 || (await host.onDevice(() => endsAtCutoff(host, structures, skin, wanted)));
  const system = new BoundSystem(host, properties, wanted, isSafe ? skin : 0);
  const orders = order && ordersOf(structures, order);
  await host.onDevice(() => system.rebind(structures, orders));
  return system;
}

/** What the graph has to give. */
function wantedFor({ config }: MaceModel, properties: readonly SystemProperty[]): Observable[] {
  const wanted: Observable[] = ['atomEnergy'];
  if (config.useEmbeddingReadout) wanted.push('embeddingEnergy');
  if (properties.includes('forces')) wanted.push('forces');
  if (properties.includes('stress') || properties.includes('atomVirials')) wanted.push('atomVirial');
  if (properties.includes('descriptors')) wanted.push('features');
  return wanted;
}

export class BoundSystem implements System {
  readonly #descriptorSize: number;
  #bound!: Bound;
  #lists = 0;
  #isDisposed = false;
  #isMakingList = false;
  /** Where atoms were moved while a list was made. */
  #late: Structure[] | undefined;

  constructor(
    readonly host: SystemHost,
    readonly properties: readonly SystemProperty[],
    readonly wanted: readonly Observable[],
    readonly skin: number,
  ) {
    const layers = descriptorLayers(host.graphs.model);
    this.#descriptorSize = layers.reduce((sum, { size }) => sum + size, 0);
  }

  get offsets(): Int32Array {
    return this.#bound.moving.batch.edges.graph.offsets.slice();
  }

  get order(): Int32Array {
    const { orders, edges } = this.#bound.moving.batch;
    return Int32Array.from(orders.flatMap((order, g) => [...order].map((atom) => edges.graph.offsets[g]! + atom)));
  }

  get lists(): number {
    return this.#lists;
  }

  update(positions: ArrayLike<number>, cells?: ArrayLike<number>): void {
    this.#alive();
    this.#bound.moving.atoms.move(positions, cells);
    if (this.#isMakingList) this.#late = this.structures();
  }

  structures(): Structure[] {
    return this.#bound.moving.atoms.structures();
  }

  async replace(structures: ReadonlyMap<number, Structure>): Promise<void> {
    this.#alive();
    const { batch } = this.#bound.moving;
    const next = this.structures();
    const orders: (Int32Array | undefined)[] = [...batch.orders];
    for (const [number, structure] of structures) {
      if (!next[number])
        throw new StructureError(`replace: there is no structure ${number}; there are ${next.length}, from 0 on.`);
      this.host.validate([structure]);
      this.#checkElements(number, structure);
      next[number] = structure;
      orders[number] = undefined;
    }
    await this.#keepingMoves(() => this.host.onDevice(() => this.rebind(next, orders)));
    this.#late = this.#late?.map((structure, g) => (structures.has(g) ? next[g]! : structure));
    this.#moveOn();
  }

  async reorder(): Promise<void> {
    this.#alive();
    const structures = this.structures();
    await this.#keepingMoves(() => this.host.onDevice(() => this.rebind(structures, undefined)));
    this.#moveOn();
  }

  async compute(options: ComputeOptions = {}): Promise<SystemArrays> {
    return (await this.#compute(options)).arrays;
  }

  /** As a result for each structure; all properties that results always have were asked for. */
  async results(options: RunOptions = {}): Promise<Result[]> {
    const { arrays, bound, shortest } = await this.#compute(options);
    const { backend, precision, graphs } = this.host;
    const { batch } = bound.moving;
    const { tables } = bound.run;
    return makeResults(graphs.model, batch, arrays, { backend, precision, tables, near: nearAtoms(batch, shortest) });
  }

  /** What `prepare` tells of it. */
  get size(): Pick<PreparedStructures, 'atoms' | 'edges' | 'parts' | 'withTables'> {
    const { moving, run } = this.#bound;
    const { atoms, edges } = moving.batch.edges;
    return { atoms, edges, parts: run.parts, withTables: run.tables.filter(Boolean).length };
  }

  cost(): RunCost | null {
    return this.#bound.run.cost();
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#bound.run.dispose();
  }

  /** Makes list and binding for structures; until all is there, the system is as it was. */
  async rebind(
    structures: readonly Structure[],
    orders: readonly (Int32Array | undefined)[] | undefined,
  ): Promise<void> {
    const { host, skin } = this;
    const { graphs } = host;
    const { version } = graphs;
    const known = orders?.every((order) => order !== undefined) ? (orders as readonly Int32Array[]) : undefined;
    let batch = await host.batch(structures, { skin, ...(known && { orders: known }) });
    if (orders && !known)
      batch = await host.batch(structures, { skin, orders: batch.orders.map((own, g) => orders[g] ?? own) });
    const moving = new MovingBatch(batch, graphs.model.config.cutoff, skin);
    const withTables = this.#fits(moving.shortest());
    const run = await host.bind(this.wanted, batch, withTables, this.#movingAtoms(moving));
    this.#lists++;
    this.#take({ moving, run, version, withTables, finish: finishOf(graphs.model, graphs.weights, batch) });
  }

  #compute({ into = {}, ...options }: ComputeOptions & RunOptions): Promise<Computed> {
    this.#alive();
    return this.host.onDevice(async () => {
      if (this.#bound.version !== this.host.graphs.version || !this.#bound.moving.isListed()) {
        const { orders } = this.#bound.moving.batch;
        await this.#keepingMoves(() => this.rebind(this.structures(), orders));
      }
      const { moving } = this.#bound;
      const { takesPositions } = this.#bound.run;
      const shortest = moving.shortest(takesPositions ? (this.host.graphs.tablesFrom ?? coincidence) : Infinity);
      const cells = moving.atoms.cells.slice();
      const withTables = this.#fits(shortest);
      if (withTables.some((fits, g) => fits !== this.#bound.withTables[g]))
        await this.#keepingMoves(() => this.#changeTables(withTables));
      // From here to the call of `run` nothing is waited for: atoms may be moved on as soon as it has returned its promise.
      const bound = this.#bound;
      const { batch } = moving;
      const arrays = systemArrays(batch, this.properties, this.#descriptorSize, into);
      const running = bound.run.run(options);
      this.#moveOn();
      finishInto(bound.finish, batch, cells, await running, arrays);
      const nameOf = (g: number): string => this.host.nameOf(g, batch.structures.length);
      requireFiniteArrays(arrays, batch, nameOf, this.host.precision);
      return { arrays, bound, shortest };
    });
  }

  /** Members with atoms nearer than tables hold for are computed without. */
  #fits(shortest: Float64Array): boolean[] {
    const from = this.host.graphs.tablesFrom;
    return Array.from(shortest, (squared) => from !== null && Math.sqrt(squared) >= from);
  }

  async #changeTables(withTables: readonly boolean[]): Promise<void> {
    const { moving, finish, version } = this.#bound;
    const run = await this.host.bind(this.wanted, moving.batch, withTables, this.#movingAtoms(moving));
    this.#take({ moving, finish, version, withTables, run });
  }

  #movingAtoms({ atoms }: MovingBatch): MovingAtoms | null {
    return this.host.moves ? atoms : null;
  }

  #take(bound: Bound): void {
    this.#bound?.run.dispose();
    this.#bound = bound;
    if (this.#isDisposed) bound.run.dispose();
  }

  /** Where atoms are moved while a list is made is kept for later. */
  async #keepingMoves(makeList: () => Promise<void>): Promise<void> {
    this.#isMakingList = true;
    try {
      await makeList();
    } finally {
      this.#isMakingList = false;
    }
  }

  #moveOn(): void {
    if (!this.#late) return;
    const { positions, cells } = joined(this.#late);
    this.#late = undefined;
    this.#bound.moving.atoms.move(positions, cells);
  }

  #checkElements(number: number, { numbers }: Structure): void {
    const known = new Set(this.#bound.moving.batch.structures.flatMap((one) => [...one.numbers]));
    const other = numbers.find((z) => !known.has(z));
    if (other !== undefined)
      throw new StructureError(
        `replace: structure ${number} has the element ${other}, which no member of the system has. Bind the structures anew.`,
      );
  }

  #alive(): void {
    if (this.#isDisposed) throw new DisposedError('use after dispose: system. Bind the structures again.');
  }
}

/** Positions and cells of all structures, one after the other. */
function joined(structures: readonly Structure[]): { positions: Float64Array; cells: Float64Array } {
  return {
    positions: Float64Array.from(structures.flatMap(({ positions }) => [...positions])),
    cells: Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))])),
  };
}
