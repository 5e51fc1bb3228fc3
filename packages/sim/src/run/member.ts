/** One structure of a run with its files: what is written of it, and how much of that belongs to the run. */
import { extxyzFrame, pathIn, type Appender, type Storage } from '@mace/io';
import { FormatError, isMaceError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { DynamicsState } from '../dynamics.js';
import { tableText, type Observer, type ObserverPlan } from '../observers/index.js';
import { trajectoryStructure, type Frame } from './frame.js';
import type { Distance } from './gate.js';
import { logHead, logRow } from './log.js';
import type { MemberRecord } from './restart-record.js';

export interface MemberFiles {
  /** Null keeps nothing. */
  readonly storage: Storage | null;
  /** Before the names of its files: a folder with `/`, or nothing. */
  readonly folder: string;
  /** Compresses the trajectory, a gzip member a frame, so that it can be cut anywhere between frames. */
  readonly compress: boolean;
  /** Of the log. */
  readonly madeWith: Readonly<Record<string, string>>;
  readonly observers: readonly ObserverPlan[];
}

export class Member {
  conservedAtStart = NaN;
  gateFrames = 0;
  /** Places of its atoms in the order of computation, from 0 on; null until it was bound. */
  order: Int32Array | null = null;
  failure: string | null = null;
  /** Degrees of freedom; null until it was bound. */
  freedom: number | null = null;
  /** How the relaxation before the first step ended. */
  minimized: MemberRecord['minimized'] | null = null;
  /** Of the last checkpoint or event. */
  state: DynamicsState | null = null;
  #observers: readonly Observer[];
  readonly #appenders = new Map<string, Appender>();
  #lengths: Record<string, number> = {};

  constructor(
    readonly index: number,
    readonly start: Structure,
    readonly files: MemberFiles,
  ) {
    this.#observers = files.observers.map(({ create }) => create());
  }

  /**
   * Goes on from a record: what was written since is cut off.
   * @param keepsObservers - whether observers go on, or begin anew
   */
  async restore(record: MemberRecord, keepsObservers: boolean): Promise<void> {
    this.conservedAtStart = record.conservedAtStart;
    this.gateFrames = record.gateFrames;
    this.order = record.order;
    this.failure = record.failure ?? null;
    this.state = record.state;
    this.minimized = record.minimized ?? null;
    this.freedom = record.freedom ?? null;
    if (keepsObservers)
      this.#observers = this.files.observers.map(({ spelling, create }) => create(record.observers[spelling]));
    this.#lengths = { ...record.lengths };
    const { storage, folder } = this.files;
    for (const name of [this.trajectoryName, 'log.csv', 'gate.csv'])
      if (storage && (this.#lengths[name] !== undefined || (await storage.size(folder + name)) !== null))
        await this.#open(name, storage);
  }

  record(): MemberRecord {
    return {
      index: this.index,
      state: this.state,
      order: this.order,
      conservedAtStart: this.conservedAtStart,
      lengths: Object.fromEntries(Object.entries({ ...this.#lengths, ...this.lengths() }).sort()),
      gateFrames: this.gateFrames,
      observers: Object.fromEntries(this.#observers.map((one) => [one.spelling, one.state()])),
      ...(this.minimized && { minimized: this.minimized }),
      ...(this.freedom !== null && { freedom: this.freedom }),
      ...(this.failure !== null && { failure: this.failure }),
    };
  }

  get trajectoryName(): string {
    return this.files.compress ? 'trajectory.xyz.gz' : 'trajectory.xyz';
  }

  /** @throws FormatError where files of another run stand in the place of its own */
  async requireNoFiles(): Promise<void> {
    const { storage, folder } = this.files;
    for (const name of [this.trajectoryName, 'log.csv'])
      if (storage && (await storage.size(folder + name)) !== null)
        throw new FormatError(
          `${pathIn(storage, folder + name)}: it is there already, and not of a run that could go on. Choose another folder, or move it away.`,
        );
  }

  async log(frame: Frame): Promise<void> {
    await this.#append('log.csv', logRow(frame), logHead(this.files.madeWith));
  }

  async addToTrajectory(frame: Frame): Promise<void> {
    await this.#appendBytes(
      this.trajectoryName,
      extxyzFrame(trajectoryStructure(frame), { gzip: this.files.compress }),
    );
  }

  /** @returns why an observer cannot look at the frame, or null */
  observe(frame: Frame): string | null {
    return look(this.#observers, frame);
  }

  /** As `observe`, of observers that begin with the frame and are forgotten. */
  tryObservers(frame: Frame): string | null {
    return look(
      this.files.observers.map(({ create }) => create()),
      frame,
    );
  }

  /** Writes the tables of observers. Returns what they have found. */
  async writeObserved(): Promise<ReturnType<Observer['result']>[]> {
    const results = this.#observers.map((observer) => observer.result());
    for (const { tables } of results)
      for (const table of tables) await this.replace(`${table.name}.csv`, tableText(table));
    return results;
  }

  async noteDistance({ step }: Frame, { energy, forces, stress }: Distance): Promise<void> {
    await this.#append(
      'gate.csv',
      `${[step, energy, forces, stress ?? ''].join(',')}\n`,
      '# how far a frame is from one computed exactly, in float64: the largest of each kind\nstep,energy [eV/atom],forces [eV/Å],stress [eV/Å³]\n',
    );
  }

  /** Writes a frame as a file of its own. */
  async save(name: string, frame: Frame): Promise<void> {
    await this.#replace(name, extxyzFrame(trajectoryStructure(frame)));
  }

  async replace(name: string, text: string): Promise<void> {
    await this.#replace(name, new TextEncoder().encode(text));
  }

  async remove(name: string): Promise<void> {
    await this.files.storage?.remove(this.files.folder + name);
  }

  /** What stands in one of its files, or null. */
  async read(name: string): Promise<string | null> {
    const bytes = (await this.files.storage?.read(this.files.folder + name)) ?? null;
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Bytes of each file that were written. */
  lengths(): Record<string, number> {
    return Object.fromEntries([...this.#appenders].map(([name, { length }]) => [name, length]));
  }

  /** Ends when all that was written would survive that the machine stops. */
  async flush(): Promise<void> {
    for (const appender of this.#appenders.values()) await appender.flush();
  }

  async close(): Promise<void> {
    this.#lengths = { ...this.#lengths, ...this.lengths() };
    for (const appender of this.#appenders.values()) await appender.close();
    this.#appenders.clear();
  }

  async #replace(name: string, bytes: Uint8Array): Promise<void> {
    await this.files.storage?.replace(this.files.folder + name, bytes);
  }

  /** @param head - what a file begins with */
  async #append(name: string, row: string, head: string): Promise<void> {
    await this.#appendBytes(name, new TextEncoder().encode(row), new TextEncoder().encode(head));
  }

  async #appendBytes(name: string, bytes: Uint8Array, head = new Uint8Array()): Promise<void> {
    const { storage } = this.files;
    if (!storage) return;
    const appender = this.#appenders.get(name) ?? (await this.#open(name, storage));
    if (appender.length === 0 && head.length > 0) await appender.write(head);
    await appender.write(bytes);
  }

  async #open(name: string, storage: Storage): Promise<Appender> {
    const appender = await storage.append(this.files.folder + name, this.#lengths[name] ?? 0);
    this.#appenders.set(name, appender);
    return appender;
  }
}

function look(observers: readonly Observer[], frame: Frame): string | null {
  const { positions, cell, pbc, numbers } = frame.structure;
  try {
    for (const observer of observers) observer.add({ ...frame, positions, cell, pbc, numbers });
    return null;
  } catch (error) {
    if (isMaceError(error) && error.code === 'structure') return error.message;
    throw error;
  }
}
