/** The record that a run finds in its storage, where there is one, checked against what the run is asked to do. */
import { FormatError } from '@mace/core';
import { pathIn } from '@mace/io';
import type { StructureGroup } from './groups.js';
import { inputHash } from './input-hash.js';
import type { PreparedRun } from './prepared-run.js';
import { decodeRestart, type RestartRecord } from './restart-record.js';
import { requireSameSettings } from './settings.js';

/** Where the record of a group stands. */
export function recordName({ isOnly, structures }: StructureGroup): string {
  return isOnly ? 'restart.json' : `restart-${fourDigits(structures[0]!.index)}.json`;
}

/** Where the files of one structure stand: a folder with `/`, or nothing. */
export function memberFolder({ isOnly }: StructureGroup, index: number): string {
  return isOnly ? '' : `${fourDigits(index)}/`;
}

/** What is there to go on from, or null. @throws FormatError for that of another run, or where nobody wants to go on */
export async function foundRecord(run: PreparedRun, input: StructureGroup): Promise<RestartRecord | null> {
  const { storage, restart, steps } = run.options;
  const name = recordName(input);
  const path = pathIn(storage, name);
  const bytes = await storage?.read(name);
  if (!bytes) {
    await requireNoOtherRun(run, input);
    return null;
  }
  if (!restart)
    throw new FormatError(
      `${path}: there is a run already. Go on with it (restart: on the command line --restart), or choose another folder.`,
    );
  const record = decodeRestart(path, bytes);
  requireSameSettings(path, record.settings, run.settings);
  if (record.inputHash !== (await inputHash(input)))
    throw new FormatError(
      `${path}: the run was begun with other structures. Give the same, or begin anew in another folder.`,
    );
  if (record.step > steps)
    throw new FormatError(
      `${path}: the run has made ${record.step} steps; ${steps} were asked for. Ask for as many or more.`,
    );
  return record;
}

/** @throws FormatError where a run of one structure stands in the way of one of several, or the other way round */
async function requireNoOtherRun({ options: { storage } }: PreparedRun, { isOnly }: StructureGroup): Promise<void> {
  const [other, what] = isOnly ? ['restart-0001.json', 'several structures'] : ['restart.json', 'one structure'];
  if (storage && (await storage.size(other)) !== null)
    throw new FormatError(`${pathIn(storage, other)}: there is a run of ${what} already. Choose another folder.`);
}

/** Structures are counted from 1 in names of files. */
function fourDigits(index: number): string {
  return String(index + 1).padStart(4, '0');
}
