/**
 * `mace relax`: structures to where their forces are small, any number of them in batches that are refilled. Results come in the order of
 * the files, and are kept from the first one on.
 */
import { resolve } from 'node:path';
import { FormatError, isMaceError, StructureError, type Calculator, type MaceModel } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { readExtxyz, writableExtxyz } from '@mace/io';
import { openStructureWriter, type StructureWriter } from '@mace/io/node';
import { nearAtoms, relax as relaxMany, type SpaceGroup } from '@mace/sim';
import { complain, noteWritten, printBeside, printingEnded, printWritten, yellow } from '../console.js';
import { noteOnFixed } from '../chosen-atoms.js';
import { coveringModels } from '../coverage.js';
import { openCalculator } from '../computing.js';
import { loadModel, structureFiles } from '../inputs.js';
import { noteRefusal, notesOnce } from '../refusals.js';
import { RelaxationPaths } from '../relaxation-paths.js';
import { relaxedStructure, staleNames } from '../relaxed-structure.js';
import { inputHash } from '../results/input-hash.js';
import { openKeptResults, type KeepingOptions, type KeptFrame, type KeptResults } from '../results/kept-results.js';
import { settingsText, type Origin } from '../results/origin.js';
import { noteEmptyShard } from '../shard.js';
import { placedStructures, placeOf, type Place } from '../structure-stream.js';
import { checkInputOptions, checkResultPlace } from './eval-options.js';
import { checkRelaxOptions, relaxationOptions, settingsOf, startOf, type RelaxOptions } from './relax-options.js';
import { RelaxReport } from './relax-report.js';

export async function relax(names: readonly string[], options: RelaxOptions): Promise<void> {
  checkRelaxOptions(options);
  const { output, json = false } = options;
  const files = await structureFiles([...names, ...(options.structures ?? [])], options.format);
  if (output !== undefined && options.trajectory !== undefined && resolve(output) === resolve(options.trajectory))
    throw new FormatError(
      `--trajectory ${options.trajectory}: --output is the same file, and one would replace the other. Give another name.`,
    );
  if (output !== undefined) await checkResultPlace(options, output);
  const model = await loadModel(options.model, options);
  checkInputOptions(model, options);
  const results = output === undefined ? null : await openKeptResults(output, keeping(model, options));
  const path = options.trajectory === undefined ? null : await openStructureWriter(options.trajectory);
  const started = performance.now();
  try {
    const report = new RelaxReport(options, printBeside(results?.target, json));
    const skipped = await relaxAll({ model, files, options, results, path, report });
    if (report.structures > 0) {
      await path?.close();
      await results?.close();
    } else {
      await path?.abort();
      await results?.leave();
    }
    report.end(skipped, results?.taken ?? 0, performance.now() - started);
    if (report.structures === 0) {
      if (skipped === 0 && options.shard) return noteEmptyShard(options.shard, files);
      throw new FormatError(
        skipped > 0
          ? `nothing was relaxed: ${skipped === 1 ? 'the only structure or file was' : `all ${skipped} structures and files were`} refused${output === undefined ? '' : `, and ${output} was not written`}.`
          : `nothing was relaxed: there is no structure in ${files.join(', ')}.`,
      );
    }
    if (results && !json) printWritten(results.target);
    else if (results) noteWritten();
    if (path && !json) printWritten(path.target);
    if (report.converged === 0)
      throw new FormatError(
        `nothing was relaxed: ${report.structures === 1 ? 'the structure did not reach' : `none of ${report.structures} structures reached`} --fmax ${options.fmax} in --steps ${options.steps}${output === undefined ? '' : `; ${output} has how far ${report.structures === 1 ? 'it' : 'they'} came`}. Allow more --steps, or a larger --fmax.`,
      );
  } catch (error) {
    await results?.leave();
    await path?.abort();
    throw error;
  }
}

interface Run {
  readonly model: MaceModel;
  readonly files: readonly string[];
  readonly options: RelaxOptions;
  readonly results: KeptResults | null;
  /** For the points of the paths. */
  readonly path: StructureWriter | null;
  readonly report: RelaxReport;
}

/** @returns how many were refused */
async function relaxAll(run: Run): Promise<number> {
  const { model, options } = run;
  const calculator = await openCalculator('relax', model, options);
  try {
    return await relaxWith(calculator, run);
  } finally {
    run.report.stop();
    await calculator.dispose();
  }
}

async function relaxWith(calculator: Calculator, run: Run): Promise<number> {
  const { model, files, options, results, path, report } = run;
  const { infoPrefix: prefix, output } = options;
  const waiting = new Map<number, Waiting>();
  const paths = path && new RelaxationPaths(prefix);
  const note = notesOnce((what) => complain(`${yellow('note')}: left out of ${output}: ${what}\n`));
  const refuse = refusing(files, model, options);
  let refused = 0;
  const outcomes = relaxMany(calculator, input(run, waiting), {
    ...relaxationOptions(options),
    ...(paths && { observe: (relaxation, number) => paths.add(relaxation, number) }),
  });
  for await (const outcome of outcomes) {
    const one = waiting.get(outcome.index)!;
    waiting.delete(outcome.index);
    if ('error' in outcome) {
      refuse(one, outcome.error);
      refused++;
      continue;
    }
    const isKnown = 'passed' in outcome;
    const structure = isKnown
      ? readExtxyz(outcome.passed.frame)[0]!
      : relaxedStructure(outcome, prefix, { ...one, pressure: options.cell ? (options.pressure ?? 0) : undefined });
    for (const point of paths?.take(outcome.index) ?? []) await path!.write(point);
    if (results) {
      const stale = isKnown ? [] : staleNames(one.structure!, prefix);
      if (stale.length > 0) note(`${stale.join(', ')}: of the structure before it was relaxed`);
      if (isKnown) results.take(outcome.passed);
      else await results.write(one.origin!.hash, writableExtxyz(structure, note));
    }
    report.add(one.place, structure);
    if (printingEnded() && !results && !path) break;
  }
  return refused;
}

/** What was read and has not left. */
interface Waiting {
  readonly place: Place;
  /** Null where the file was refused. */
  readonly structure: Structure | null;
  /** What its result is computed from, where results are kept. */
  readonly origin?: Origin;
  /** Where the symmetry is kept. */
  spaceGroup?: SpaceGroup | undefined;
}

/** Structures, refusals of files, and results that are known, in their order. */
async function* input(
  { model, files, options, results }: Run,
  waiting: Map<number, Waiting>,
): AsyncGenerator<Structure | Error | { readonly passed: KeptFrame }> {
  const { format, shard, onError } = options;
  const settings = settingsOf(model, options);
  const [hashOf, text] = [inputHash(settings), settingsText(settings)];
  const remedy = onError === 'skip' ? '' : othersGoOn;
  const warn = notesOnce((what) => complain(`${yellow('note')}: ${what}\n`));
  let number = 0;
  for await (const one of placedStructures(files, { format, shard, remedy })) {
    const { index, file, frame } = one;
    const place = { index, file, frame };
    if ('error' in one) {
      waiting.set(number++, { place, structure: null });
      yield one.error;
      continue;
    }
    const { structure } = one;
    for (const warning of [...(structure.warnings ?? []), noteOnFixed(options.fixed, structure)])
      if (warning !== null) warn(`${file}: ${warning}`);
    const hash = results && hashOf(structure);
    const begun: Waiting = { place, structure, ...(hash !== null && { origin: { hash, settings: text } }) };
    waiting.set(number++, begun);
    const known = hash === null ? null : await results!.known(hash);
    if (known !== null) {
      yield { passed: known };
      continue;
    }
    const start = await watchedStart(index, structure, options).catch(refusal);
    if (!(start instanceof Error)) begun.spaceGroup = start.spaceGroup;
    yield start instanceof Error ? start : start.structure;
  }
}

/** As `startOf`; atoms that are too near are noted, or refused where they coincide. */
async function watchedStart(index: number, structure: Structure, options: RelaxOptions): ReturnType<typeof startOf> {
  const near = nearAtoms(structure);
  if (near !== null) complain(`${yellow('note')}: structure ${index}: at the start ${near}.\n`);
  return startOf(structure, options);
}

/** How results are kept. */
function keeping(model: MaceModel, options: RelaxOptions): KeepingOptions {
  const settings = settingsText(settingsOf(model, options));
  return { prefix: options.infoPrefix, settings, resume: options.resume === true };
}

/** An error of a structure in its place; others are thrown. */
function refusal(error: unknown): Error {
  if (isMaceError(error)) return error;
  throw error;
}

/** Ends the run, or notes what is left out. @throws FormatError, StructureError */
function refusing(
  files: readonly string[],
  model: MaceModel,
  { onError, json }: RelaxOptions,
): (one: Waiting, error: Error) => void {
  const nameOf = placeOf(files);
  return ({ place, structure }, cause) => {
    const isSkipped = onError === 'skip';
    const error = structure
      ? new StructureError(
          `${nameOf(place)}: ${cause.message}${coveringModels(structure, model)}${isSkipped ? '' : othersGoOn}`,
          { cause },
        )
      : cause;
    if (!isSkipped) throw error;
    noteRefusal({ ...place, error }, json);
  };
}

/** What to do where one of several is refused. */
const othersGoOn = ' With --on-error skip it is left out, and the others are relaxed.';
