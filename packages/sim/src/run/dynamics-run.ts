/**
 * Dynamics as people run it: of one structure or of as many as there are, with logs and trajectories, watched, and gone on with after
 * whatever ended it, to the same bits.
 */
import { CancelledError, FormatError, StructureError, type Calculator } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { Storage } from '@mace/io';
import type { Frame, Stopped } from './frame.js';
import { GroupRun } from './group-run.js';
import { groupsOf } from './groups.js';
import { preparedRun, type PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';

/**
 * Runs dynamics, and yields a frame of every structure at each line of the log. Files of a single structure stand in the storage itself,
 * those of several in folders `0001`, `0002`, …
 *
 * @param structures - one, or any number of them: they are read while others move. An error in the place of one is yielded in its place
 * @throws UnsupportedError (`option`) and FormatError before anything is computed; ConvergenceError or StructureError where the only
 *   structure goes no farther, and among several these are yielded; CancelledError; what the storage and the device throw
 */
export async function* dynamics(
  calculator: Calculator,
  structures: Structure | Iterable<Structure | Error> | AsyncIterable<Structure | Error>,
  options: RunOptions,
): AsyncGenerator<Frame | Stopped, void, undefined> {
  if (typeof structures !== 'object' || structures === null)
    throw new StructureError(`Not a structure: ${String(structures)}. Expected one, or any number of them.`);
  const run = await preparedRun(calculator, options);
  const release = await takeStorage(options.storage);
  try {
    yield* groupsOfRun(run, structures);
  } finally {
    release();
  }
}

async function* groupsOfRun(
  run: PreparedRun,
  structures: Parameters<typeof dynamics>[1],
): AsyncGenerator<Frame | Stopped, void, undefined> {
  const isSingle = 'numbers' in structures;
  for await (const group of groupsOf(isSingle ? [structures] : structures, run.options)) {
    yield* group.refused;
    if (group.structures.length === 0) continue;
    const groupRun = new GroupRun(run, group);
    try {
      for await (const event of groupRun.events()) {
        if ('error' in event && group.isOnly) throw event.error;
        yield event;
      }
      if (run.isCancelled())
        throw new CancelledError(`stopped after step ${groupRun.step}, because the caller asked to.`);
    } finally {
      await groupRun.close();
    }
  }
}

const taken = new WeakSet<Storage>();

/** @returns what gives it back @throws FormatError while another run writes to it */
async function takeStorage(storage: Storage | undefined): Promise<() => void> {
  if (!storage) return () => undefined;
  if (taken.has(storage))
    throw new FormatError('storage: another run writes to it. Await its end, or give this one a storage of its own.');
  taken.add(storage);
  try {
    const release = await storage.hold?.();
    return () => {
      taken.delete(storage);
      release?.();
    };
  } catch (error) {
    taken.delete(storage);
    throw error;
  }
}
