/** `mace md`: dynamics into a folder, watched, and gone on with after whatever ended it. */
import { CancelledError, createCalculator, FormatError, type Calculator, type MaceModel } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openFolderStorage, type FolderStorage } from '@mace/io/node';
import { dynamics, withMoveMask } from '@mace/sim';
import { backendNamed } from '../backends/index.js';
import { defaultBackend } from '../backends/names.js';
import { noteOnFixed, type AtomChoice } from '../chosen-atoms.js';
import { heldAtoms } from '../held-atoms.js';
import { bold, complain, yellow } from '../console.js';
import { openCalculator } from '../computing.js';
import { bundledStructures, loadModel, structureFiles } from '../inputs.js';
import { notesOnce } from '../refusals.js';
import { withTables } from '../program/defaults.js';
import { noteEmptyShard } from '../shard.js';
import { placedStructures } from '../structure-stream.js';
import { checkInputOptions } from './eval-options.js';
import { folderFor, runOptions, type MdOptions } from './md-options.js';
import type { MdPlace } from './md-places.js';
import { MdReport } from './md-report.js';
import { refuseUntaken } from './md-untaken.js';

export async function md(names: readonly string[], options: MdOptions): Promise<void> {
  const given = [...names, ...(options.structures ?? [])];
  const files = given.length > 0 ? await structureFiles(given, options.format) : [bundledIce()];
  const model = await loadModel(options.model, options);
  checkInputOptions(model, options);
  // What is wrong with the options is said before anything is made.
  refuseUntaken(options);
  runOptions(options, model, null);
  const folder = folderFor(files, options);
  const { shard } = options;
  const storage = await openFolderStorage(folder, shard && `-${shard.part + 1}-of-${shard.parts}`);
  const ending = endedBySignals();
  try {
    await run({ files, model, options, storage, isEnded: ending.isEnded });
  } finally {
    ending.release();
    storage.close();
  }
}

interface Run {
  readonly files: readonly string[];
  readonly model: MaceModel;
  readonly options: MdOptions;
  readonly storage: FolderStorage;
  readonly isEnded: () => boolean;
}

async function run({ files, model, options, storage, isEnded }: Run): Promise<void> {
  const tables = withTables('md', options);
  const calculator = await openCalculator('md', model, options);
  const isFast = options.precision === 'f32' || tables;
  let exact: Calculator | null = null;
  const places: MdPlace[] = [];
  const report = new MdReport(options, storage.folder, places);
  try {
    if (isFast && options.gate !== 'off')
      exact = await createCalculator({
        model,
        backend: await backendNamed(defaultBackend, { threads: options.threads }),
      });
    const cancellation = {
      get aborted() {
        return isEnded();
      },
    };
    report.begin();
    const events = dynamics(calculator, await input(files, options, places), {
      ...runOptions(options, model, exact),
      storage,
      cancellation,
      ended: (index, structure) => report.noteEnded(index, structure),
    });
    for await (const event of events) report.add(event);
    if (options.shard && report.structures === 0) {
      report.stop();
      return noteEmptyShard(options.shard, files);
    }
    await report.end(storage);
  } catch (error) {
    report.stop();
    if (!(error instanceof CancelledError)) throw error;
    complain(`${yellow('ended')}: ${error.message} Go on with the same command and ${bold('--restart')}.\n`);
    process.exitCode = 130;
  } finally {
    await exact?.dispose();
    await calculator.dispose();
  }
  if (report.finished === 0 && process.exitCode === undefined)
    throw new FormatError(`no structure of ${files.join(', ')} made its steps; what is above says why.`);
}

/** A single structure, so that its files stand in the folder itself; or all of them as they are read. */
async function input(
  files: readonly string[],
  options: MdOptions,
  places: MdPlace[],
): Promise<Structure | AsyncIterable<Structure | Error>> {
  const all = structuresOf(files, options, places);
  const first = await all.next();
  if (first.done) throw new FormatError(`there is no structure in ${files.join(', ')}.`);
  const second = await all.next();
  if (!second.done) return behind([first.value, second.value], all);
  if (first.value instanceof Error) throw first.value;
  return first.value;
}

async function* structuresOf(
  files: readonly string[],
  { format, fixed }: MdOptions,
  places: MdPlace[],
): AsyncGenerator<Structure | Error, void, undefined> {
  const warn = notesOnce((what) => complain(`${yellow('note')}: ${what}\n`));
  for await (const one of placedStructures(files, { format })) {
    places.push({ file: one.file, frame: one.frame });
    if ('error' in one) {
      yield one.error;
      continue;
    }
    for (const warning of [...(one.structure.warnings ?? []), noteOnFixed(fixed, one.structure)])
      if (warning !== null) warn(`${one.file}: ${warning}`);
    yield withMask(one.structure, fixed);
  }
}

/** Where atoms stay its files say which; why not, where that cannot be. */
function withMask(structure: Structure, fixed: AtomChoice | undefined): Structure | Error {
  try {
    const held = heldAtoms(structure, fixed);
    return fixed || structure.arrays['move_mask'] ? withMoveMask(structure, held) : structure;
  } catch (error) {
    return error as Error;
  }
}

async function* behind<T>(first: readonly T[], others: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* first;
  yield* others;
}

function bundledIce(): string {
  return bundledStructures.find((path) => path.endsWith('ice.xyz'))!;
}

/** Ends the run after the step under way at the first signal, so that nothing is lost; the second one ends the program. */
function endedBySignals(): { readonly isEnded: () => boolean; readonly release: () => void } {
  let isEnded = false;
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const release = (): void => signals.forEach((signal) => void process.off(signal, end));
  const end = (): void => {
    isEnded = true;
    release();
  };
  for (const signal of signals) process.on(signal, end);
  return { isEnded: () => isEnded, release };
}
