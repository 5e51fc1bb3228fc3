/** A `System` on a calculator: which list, which graphs and which binding hold now, and the steps of a computation. */
import { Turns, type RunOptions, type RunOutputs } from '../backend/index.js';
import { DisposedError, StructureError } from '../errors.js';
import type { Observable } from '../model/index.js';
import { coincidence, type Structure } from '../structure/index.js';
import type { BoundBatch } from './bound-batch.js';
import { finishInto, finishOf, requireFiniteArrays, type Finish } from './finish.js';
import { makeResults } from './make-results.js';
import { MovingAtoms, type Places } from './moving-atoms.js';
import { MovingBatch } from './moving-batch.js';
import { nearAtoms } from './near-atoms.js';
import type { PreparedStructures, RunCost } from './prepared.js';
import { replacementsOf } from './replacements.js';
import type { Result } from './results.js';
import type { SystemHost } from './system-host.js';
import { systemArrays } from './system-arrays.js';
import type { ComputeOptions, System, SystemArrays, SystemProperty } from './system.js';

/** Everything that holds until the list is made anew. */
interface Bound {
  readonly moving: MovingBatch;
  readonly finish: Finish;
  readonly version: number;
  readonly withTables: readonly boolean[];
  readonly run: BoundBatch;
}

/** A run that was begun, of which list. */
interface Begun {
  readonly running: Promise<RunOutputs>;
  readonly bound: Bound;
  /** Square of the shortest edge of each structure, Å², or what it is not less than. */
  readonly shortest: Float64Array;
}

export class BoundSystem implements System {
  readonly #turns = new Turns();
  readonly #replacements = new Turns();
  #atoms: MovingAtoms;
  #bound!: Bound;
  #lists = 0;
  #isDisposed = false;
  /** How often structures were put in the place of others. */
  #replaced = 0;

  constructor(
    readonly host: SystemHost,
    readonly properties: readonly SystemProperty[],
    readonly wanted: readonly Observable[],
    readonly skin: number,
    structures: readonly Structure[],
  ) {
    this.#atoms = new MovingAtoms(structures);
  }

  get offsets(): Int32Array {
    return this.#atoms.offsets.slice();
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
    this.#atoms.move(positions, cells);
  }

  structures(): Structure[] {
    return this.#atoms.structures();
  }

  async replace(structures: ReadonlyMap<number, Structure>): Promise<void> {
    this.#alive();
    const taken = replacementsOf(structures, this.#atoms.of.length);
    this.host.validate([...taken.values()]);
    const withThese = (): Structure[] => this.structures().map((structure, g) => taken.get(g) ?? structure);
    const putThese = async (): Promise<void> => {
      taken.forEach((structure, number) => this.#checkElements(number, structure));
      const orders = this.#bound.moving.batch.orders.map((order, g) => (taken.has(g) ? undefined : order));
      await this.rebind(withThese(), orders);
      // Others may have moved meanwhile.
      this.#atoms = new MovingAtoms(withThese());
      this.#replaced++;
    };
    await this.#replacements.take(() => this.host.onDevice(() => this.#inTurn(putThese)));
  }

  async reorder(): Promise<void> {
    this.#alive();
    if (this.#replacements.isBusy) await this.#replacements.end;
    const [structures, replaced] = [this.structures(), this.#replaced];
    const order = async (): Promise<void> => {
      this.#checkReplaced('reorder', replaced);
      await this.rebind(structures, undefined);
    };
    await this.host.onDevice(() => this.#inTurn(order));
  }

  async compute(options?: ComputeOptions): Promise<SystemArrays> {
    return (await this.#compute(options ?? {})).arrays;
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
    const reach = graphs.reach + skin;
    let batch = await host.batch(structures, { reach, ...(known && { orders: known }) });
    if (orders && !known)
      batch = await host.batch(structures, { reach, orders: batch.orders.map((own, g) => orders[g] ?? own) });
    const moving = new MovingBatch(batch, graphs.reach, skin);
    const withTables = this.#fits(moving.shortest());
    const run = await host.bind(this.wanted, batch, withTables, this.#ifMoves(moving));
    this.#lists++;
    this.#take({ moving, run, version, withTables, finish: finishOf(graphs.model, graphs.weights, batch) });
  }

  async #compute({
    into,
    ...options
  }: ComputeOptions & RunOptions): Promise<Pick<Begun, 'bound' | 'shortest'> & { readonly arrays: SystemArrays }> {
    this.#alive();
    if (this.#replacements.isBusy) await this.#replacements.end;
    const { offsets, of } = this.#atoms;
    const sizes = { atoms: offsets.at(-1)!, structures: of.length, descriptorSize: this.host.graphs.descriptorSize };
    const arrays = systemArrays(sizes, this.properties, into ?? {});
    // Atoms may be moved on as soon as this has returned its promise.
    const [places, replaced] = [this.#atoms.now(), this.#replaced];
    return this.host.onDevice(async () => {
      const { running, bound, shortest } = await this.#inTurn(async () => {
        this.#checkReplaced('compute', replaced);
        return this.#begin(places, options);
      });
      const { batch } = bound.moving;
      finishInto(bound.finish, batch, places.cells, await running, arrays);
      const nameOf = (g: number): string => this.host.nameOf(g, batch.structures.length);
      requireFiniteArrays(arrays, batch, nameOf, this.host.precision);
      return { arrays, bound, shortest };
    });
  }

  /** Makes what has to be made anew, and calls a run. */
  async #begin(places: Places, options: RunOptions): Promise<Begun> {
    const { host } = this;
    this.#bound.moving.put(places);
    if (this.#bound.version !== host.graphs.version || !this.#bound.moving.isListed())
      await this.rebind(this.#atoms.structures(places), this.#bound.moving.batch.orders);
    const { moving, run } = this.#bound;
    const shortest = moving.shortest(run.takesPositions ? (host.graphs.tablesFrom ?? coincidence) : Infinity);
    const withTables = this.#fits(shortest);
    if (withTables.some((fits, g) => fits !== this.#bound.withTables[g])) await this.#changeTables(withTables);
    // It may have been disposed of meanwhile.
    this.#alive();
    const bound = this.#bound;
    const running = bound.run.run(options);
    // Whoever waits for it hears of it.
    running.catch(nothing);
    return { running, bound, shortest };
  }

  /** Members with atoms nearer than tables hold for are computed without. */
  #fits(shortest: Float64Array): boolean[] {
    const from = this.host.graphs.tablesFrom;
    const fits: boolean[] = [];
    for (const squared of shortest) fits.push(from !== null && Math.sqrt(squared) >= from);
    return fits;
  }

  async #changeTables(withTables: readonly boolean[]): Promise<void> {
    const { moving, finish, version } = this.#bound;
    const run = await this.host.bind(this.wanted, moving.batch, withTables, this.#ifMoves(moving));
    this.#take({ moving, finish, version, withTables, run });
  }

  #ifMoves(moving: MovingBatch): MovingBatch | null {
    return this.host.moves ? moving : null;
  }

  #take(bound: Bound): void {
    this.#bound?.run.dispose();
    this.#bound = bound;
    if (this.#isDisposed) bound.run.dispose();
  }

  /** After what was called earlier, which may have been the end. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      this.#alive();
      return work();
    });
  }

  /** What was taken for a call is of the structures that were there then. */
  #checkReplaced(call: string, replaced: number): void {
    if (replaced !== this.#replaced)
      throw new StructureError(
        `${call}: a device was lost, and structures were replaced meanwhile. Call ${call} again.`,
      );
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

function nothing(): void {}
