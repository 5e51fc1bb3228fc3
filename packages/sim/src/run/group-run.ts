/** One group of structures from its first step, or from where it was left, to its last: what happens at which step. */
import { ConvergenceError, FormatError, StructureError, type Calculator } from '@mace/core';
import { guardsOf } from '../guards/limits.js';
import { refuse } from '../refuse.js';
import type { Frame, Stopped } from './frame.js';
import { foundRecord, memberFolder, recordName } from './found-record.js';
import { beyondCeilings, distanceFromExact } from './gate.js';
import { isLookedAt, isWatched, lookAtAnother } from './gated-structures.js';
import { Group } from './group.js';
import type { StructureGroup } from './groups.js';
import { inputHash } from './input-hash.js';
import { Member } from './member.js';
import type { PreparedRun } from './prepared-run.js';
import { encodeRestart, type RestartRecord } from './restart-record.js';
import { madeWith } from './made-with.js';
import { writeSummary } from './summary.js';

export class GroupRun {
  /** All of them, those that have stopped too. */
  readonly members: readonly Member[];
  readonly #group: Group;
  #stopped: Stopped[] = [];
  #checkpointed = performance.now();
  #step = 0;
  /** Whether there is something to go on from. */
  #hasBegun = false;

  constructor(
    readonly run: PreparedRun,
    readonly input: StructureGroup,
  ) {
    const { options } = run;
    this.members = input.structures.map(
      ({ index, structure }) =>
        new Member(index, structure, {
          storage: options.storage ?? null,
          folder: memberFolder(input, index),
          compress: options.compress,
          madeWith: madeWith(run, structure),
          observers: options.observers ?? [],
        }),
    );
    this.#group = new Group(this.members, {
      calculator: run.calculator,
      dynamics: run.dynamics,
      timestep: run.timestep,
      limits: run.limits,
      inputs: {
        ...(options.head !== undefined && { head: options.head }),
        ...(options.inputs && { inputs: options.inputs }),
      },
      inputKeys: run.inputKeys,
      skin: options.skin,
      ...(options.constraints && { constraints: options.constraints }),
      minimizeTo: options.minimizeTo,
      takesMomenta: options.takesMomenta,
      failed: (member, error, frame) => this.#fail(member, error, frame),
    });
  }

  /** Steps that were made. */
  get step(): number {
    return this.#step;
  }

  /** Runs, and yields the frames of every line of the log, and what has stopped. Ends early when the run is cancelled. */
  async *events(): AsyncGenerator<Frame | Stopped, void, undefined> {
    const { run, input } = this;
    const { steps } = run.options;
    const record = await foundRecord(run, input);
    if (record) await this.#restore(record);
    else for (const member of this.members) await member.requireNoFiles();
    if (record?.step === steps && (await this.#hasEnded())) {
      yield* this.#takeStopped();
      return this.#tellEnded();
    }
    await this.#group.bind(run.isExact ? run.options.gate!.calculator : undefined);
    await this.#tryObservers();
    if (!record) await this.#checkpoint();
    else for (const member of this.#group.members) await member.remove('final.xyz');
    // The first record is written before anything else, so that there is always one.
    if (this.#group.members.some(({ conservedAtStart }) => Number.isNaN(conservedAtStart))) yield* this.#atEvent();
    yield* this.#takeStopped();
    const isDue = (): boolean => performance.now() - this.#checkpointed > 1000 * run.options.checkpointSeconds;
    while (this.#group.members.length > 0 && this.#group.step < steps && !run.isCancelled()) {
      await this.#group.advance(this.#nextStop(), () => run.isCancelled() || isDue());
      if (this.#isEvent()) yield* this.#atEvent();
      yield* this.#takeStopped();
      if (isDue() || run.isCancelled()) await this.#checkpoint();
    }
    if (run.isCancelled()) return;
    await this.#end();
    await this.#tellEnded();
  }

  async close(): Promise<void> {
    this.#group.dispose();
    for (const member of this.members) await member.close();
  }

  /** The step at which something happens next. */
  #nextStop(): number {
    const { logEvery, trajectoryEvery, observeEvery, steps } = this.run.options;
    const after = (every: number): number => (Math.floor(this.#group.step / every) + 1) * every;
    return Math.min(after(logEvery), after(trajectoryEvery), after(observeEvery), steps);
  }

  #isEvent(): boolean {
    const { logEvery, trajectoryEvery, observeEvery } = this.run.options;
    return (
      this.#group.members.length > 0 &&
      [logEvery, trajectoryEvery, observeEvery].some((every) => this.#group.step % every === 0)
    );
  }

  /** Lines of the log, frames of the trajectory, the gate and the guards, whatever is due at this step. */
  async *#atEvent(): AsyncGenerator<Frame, void, undefined> {
    const { logEvery, trajectoryEvery, observeEvery } = this.run.options;
    if (this.#group.members.length === 0) return;
    this.#group.keepStates();
    this.#step = this.#group.step;
    const frames = this.#group.frames();
    const stopped = new Set<Member>();
    for (const [g, frame] of frames.entries()) {
      const member = this.#group.members[g]!;
      if (Number.isNaN(member.conservedAtStart)) member.conservedAtStart = frame.conserved;
      if (frame.step % logEvery === 0) await member.log(frame);
      if (frame.step % trajectoryEvery === 0) await member.addToTrajectory(frame);
      const problem =
        (frame.step % observeEvery === 0 ? member.observe(frame) : null) ?? this.#problemOf(member, frame);
      if (problem === null) continue;
      stopped.add(member);
      await this.#fail(member, new ConvergenceError(problem), frame);
    }
    if (frames[0]!.step % trajectoryEvery === 0) await this.#passGate(frames, stopped);
    if (stopped.size > 0) await this.#group.drop(stopped);
    if (frames[0]!.step % logEvery === 0) yield* frames;
  }

  /** Those that do not fit a structure are told of it before anything is written. */
  async #tryObservers(): Promise<void> {
    const stopped = new Set<Member>();
    for (const [g, frame] of this.#group.frames().entries()) {
      const member = this.#group.members[g]!;
      const problem = member.tryObservers(frame);
      if (problem === null) continue;
      // What was made until now stays, and can be gone on with.
      if (this.#hasBegun) throw new FormatError(`structure ${member.index}: ${problem} Go on without this observer.`);
      stopped.add(member);
      await this.#fail(member, new StructureError(problem));
    }
    if (stopped.size > 0) await this.#group.drop(stopped);
  }

  #problemOf({ start, conservedAtStart }: Member, frame: Frame): string | null {
    const { positions, cell } = frame.structure;
    for (const guard of [...guardsOf(this.run.limits), ...(this.run.options.guards ?? [])]) {
      const problem: unknown = guard({ ...frame, start, positions, cell, conservedAtStart });
      if (problem === null || problem === undefined) continue;
      if (typeof problem !== 'string') refuse('what a guard returns', problem, 'a sentence, or null where all is well');
      return problem;
    }
    return null;
  }

  /**
   * Computes frames again, exactly. One that is too far from that stops where the run shall not go on exactly, and the next structure of the
   * same elements is looked at in its place.
   */
  async #passGate(frames: readonly Frame[], stopped: Set<Member>): Promise<void> {
    const { run } = this;
    const { gate } = run.options;
    if (!gate || run.isExact) return;
    for (const [g, frame] of frames.entries()) {
      const member = this.#group.members[g]!;
      if (stopped.has(member) || !isLookedAt(run, member, frame.structure)) continue;
      const distance = await distanceFromExact(gate.calculator, frame, this.#group.options.inputs);
      member.gateFrames++;
      await member.noteDistance(frame, distance);
      const beyond = beyondCeilings(distance);
      if (beyond === null) continue;
      if (gate.otherwise === 'exact') return this.#goOnExactly(gate.calculator);
      lookAtAnother(run, member);
      stopped.add(member);
      const message = `the fast calculation is too far from the exact one: ${beyond}. Begin anew in float64 without tables, or let the run go on so by itself: \`otherwise: 'exact'\` of the gate, on the command line --gate float64.`;
      await this.#fail(member, new ConvergenceError(message), frame);
    }
  }

  async #goOnExactly(calculator: Calculator): Promise<void> {
    this.run.isExact = true;
    this.#group.keepStates();
    await this.#group.bind(calculator);
  }

  async #fail(member: Member, error: Error, frame?: Frame): Promise<void> {
    // Nothing is written of a structure that cannot even begin.
    if (this.input.isOnly && !this.#hasBegun) throw error;
    const where = this.input.isOnly ? '' : `structure ${member.index}, `;
    const [begin = '', step = frame?.step ?? this.#step] = /^Step (\d+): /.exec(error.message) ?? [];
    error.message = `${where}step ${step}: ${error.message.slice(begin.length)}`;
    member.failure = error.message;
    if (isWatched(this.run, member)) lookAtAnother(this.run, member);
    this.#stopped.push({ index: member.index, error });
    if (frame) await member.save('stopped.xyz', frame);
    await writeSummary(member, frame?.step ?? this.#step, this.run);
  }

  *#takeStopped(): Generator<Stopped, void, undefined> {
    const taken = this.#stopped;
    this.#stopped = [];
    yield* taken;
  }

  /** All have made their steps. */
  async #end(): Promise<void> {
    if (this.#group.members.length > 0) {
      this.#step = this.#group.step;
      for (const [g, frame] of this.#group.frames().entries()) {
        const member = this.#group.members[g]!;
        await writeSummary(member, this.#step, this.run);
        // Last: it says that everything else is there.
        await member.save('final.xyz', frame);
      }
    }
    await this.#checkpoint();
  }

  async #tellEnded(): Promise<void> {
    for (const { index, start, failure, files } of this.members)
      if (failure === null) await this.run.options.ended?.(index, start, files.folder);
  }

  async #hasEnded(): Promise<boolean> {
    for (const member of this.members)
      if (member.failure === null && (await member.read('final.xyz')) === null) return false;
    return true;
  }

  /** Notes all that the run goes on from, after what it has written. */
  async #checkpoint(): Promise<void> {
    const { options, settings, gated, isExact } = this.run;
    if (this.#group.members.length > 0) {
      this.#group.keepStates();
      this.#step = this.#group.step;
    }
    if (options.storage) {
      for (const member of this.members) await member.flush();
      const record: RestartRecord = {
        format: 'mace-dynamics-restart',
        version: 1,
        settings,
        inputHash: await inputHash(this.input),
        gated: [...gated],
        isExact,
        step: this.#step,
        observeEvery: options.observeEvery,
        members: this.members.map((member) => member.record()),
      };
      await options.storage.replace(recordName(this.input), encodeRestart(record));
    }
    this.#checkpointed = performance.now();
    this.#hasBegun = true;
  }

  async #restore(record: RestartRecord): Promise<void> {
    const { run } = this;
    this.#step = record.step;
    this.#hasBegun = true;
    run.isExact ||= record.isExact;
    for (const [elements, index] of record.gated) if (!run.gated.has(elements)) run.gated.set(elements, index);
    for (const [i, member] of this.members.entries()) {
      await member.restore(record.members[i]!, record.observeEvery === run.options.observeEvery);
      if (member.failure !== null)
        this.#stopped.push({ index: member.index, error: new ConvergenceError(member.failure) });
    }
    this.#group.members = this.members.filter(({ failure }) => failure === null);
  }
}
