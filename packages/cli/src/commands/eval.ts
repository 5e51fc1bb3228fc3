/**
 * `mace eval`: every structure of files through a model, in their order.
 *
 * Structures are streamed and computed in batches, so a file of any length runs in bounded memory. People get a table
 * and a progress bar; `--json` prints one object per structure and nothing else on standard output.
 */
import {
  createCalculator,
  FormatError,
  isMaceError,
  type Calculator,
  type EvaluateOptions,
  type MaceModel,
  type Property,
  type Result,
} from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openStructureWriter, type StructureWriter } from '@mace/io/node';
import { backendNamed } from '../backends.js';
import { bundledModel, loadModel, structureFiles } from '../inputs.js';
import { complain, dim, noteWritten, printBeside, printingEnded, printJson, printWritten, yellow } from '../console.js';
import { coveringModels } from '../coverage.js';
import { cutDescriptors } from '../descriptors.js';
import { evaluatedFiles, type Evaluated, type Skipped } from '../evaluated.js';
import { frameJson } from '../frame-json.js';
import { distanceFunctionsText, frameReport, noteLines, summaryHeader, summaryLine } from '../frame-text.js';
import { withTables } from '../program/defaults.js';
import { progressBar } from '../progress.js';
import { checkModelOptions, checkResultPlace, type EvalOptions } from './eval-options.js';
import { withResults } from '../result-structure.js';

interface Counts {
  readonly structures: number;
  readonly withTables: number;
  readonly withWarnings: number;
}

export async function evaluate(names: readonly string[], options: EvalOptions): Promise<void> {
  const files = await structureFiles([...names, ...(options.structures ?? [])], options.format);
  if (options.output !== undefined) await checkResultPlace(options, options.output);
  let said = '';
  const leaveOut = (what: string): void => {
    if (what !== said) complain(`${yellow('note')}: left out of ${options.output}: ${what}\n`);
    said = what;
  };
  const writer = options.output === undefined ? null : await openStructureWriter(options.output, { leaveOut });
  try {
    await evaluateTo(writer, files, options);
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

async function evaluateTo(
  writer: StructureWriter | null,
  files: readonly string[],
  options: EvalOptions,
): Promise<void> {
  const json = options.json === true;
  const tell = printBeside(writer?.target, json);
  const model = await loadModel(options.model, options);
  checkModelOptions(model, options);
  const calculator = await createCalculator({
    model,
    backend: await backendNamed(options.backend, { threads: options.threads }),
    precision: options.precision,
    plan: options.unplanned !== true,
    tables: withTables('eval', options),
  });
  const started = performance.now();
  try {
    const keep =
      writer &&
      (({ structure, result }: Evaluated): Promise<void> =>
        writer.write(withResults(structure, result, keysOf(model, result, options))));
    const skipped: Skipped[] = [];
    const counted = await printAll(files, options, evaluated(calculator, model, files, options, skipped), keep, tell);
    const isEmpty = counted.structures === 0 && skipped.length > 0;
    if (!isEmpty) await writer?.close();
    if (!json) tell(endText(options, counted, skipped.length, performance.now() - started));
    if (isEmpty)
      throw new FormatError(
        `all ${skipped.length} structures and files were refused; nothing was computed${writer ? `, and ${options.output} was not written` : ''}.`,
      );
    if (writer && !json) printWritten(writer.target);
    else if (writer) noteWritten();
  } finally {
    await calculator.dispose();
  }
}

/** Results of all files; with `--on-error skip` what is refused is noted and left out. */
function evaluated(
  calculator: Calculator,
  model: MaceModel,
  files: readonly string[],
  options: EvalOptions,
  skipped: Skipped[],
): AsyncGenerator<Evaluated> {
  const skip = (one: Skipped): void => {
    skipped.push(one);
    const { index, file, frame, error } = one;
    const code = isMaceError(error) ? error.code : 'file';
    if (options.json) printJson({ index, file, frame, error: { code, message: error.message } });
    complain(`${yellow('skipped')} ${error.message}\n`);
  };
  const { format, batchSize } = options;
  const reading = {
    format,
    batchSize,
    skip: options.onError === 'skip' ? skip : undefined,
    remedy: (structure: Structure): string => coveringModels(structure, model),
  };
  return evaluatedFiles(calculator, files, reading, callOptions(options));
}

function callOptions(options: EvalOptions): EvaluateOptions {
  const properties: Property[] = ['forces', 'stress'];
  if (options.returnDescriptors) properties.push('descriptors');
  const inputs: Record<string, number> = {};
  if (options.charge !== undefined) inputs.total_charge = options.charge;
  if (options.spin !== undefined) inputs.total_spin = options.spin;
  return { properties, inputs, ...(options.head !== undefined && { head: options.head }) };
}

/**
 * Prints what comes, hands each structure to `keep`; returns how many there were, and for how many tables were used or warnings
 * given. Where nobody reads any more and nothing is kept, it ends.
 */
async function printAll(
  files: readonly string[],
  options: EvalOptions,
  frames: AsyncIterable<Evaluated>,
  keep: ((frame: Evaluated) => Promise<void>) | null,
  tell: (text: string) => void,
): Promise<Counts> {
  const bar = progressBar('evaluating', options.json === true, tell);
  let count = 0;
  let withTables = 0;
  let withWarnings = 0;
  let only: Evaluated | null = null;
  let before = '';
  let fileBefore = '';
  const printLine = ({ index, file, structure, result }: Evaluated): void => {
    if (files.length > 1 && file !== fileBefore) bar.print(dim((fileBefore = file)));
    bar.print(summaryLine(index, structure, result));
    // A whole trajectory has the same notes often: they stand where they change.
    const notes = noteLines(result).join('\n');
    if (notes !== '' && notes !== before) bar.print(notes);
    before = notes;
  };
  try {
    for await (const frame of frames) {
      await keep?.(frame);
      if (options.json) printJson(frameJson(frame));
      else {
        if (count === 0) only = frame;
        if (count === 1) {
          bar.print(summaryHeader);
          printLine(only!);
          only = null;
        }
        if (count >= 1) printLine(frame);
      }
      count++;
      if (frame.result.tables) withTables++;
      if (frame.result.warnings.length > 0) withWarnings++;
      bar.update(count);
      if (printingEnded() && !keep) break;
    }
  } finally {
    bar.stop();
    // The only one, or the only one before one that is refused.
    if (only) tell(`${frameReport(only.structure, only.result)}\n`);
  }
  return { structures: count, withTables, withWarnings };
}

function endText(
  options: EvalOptions,
  { structures, withTables, withWarnings }: Counts,
  skipped: number,
  milliseconds: number,
): string {
  const model = options.model ?? bundledModel;
  const means = distanceFunctionsText(withTables, structures);
  const end = dim(
    `${structures} structure${structures === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${options.backend}, ${options.precision}, ${means}\n`,
  );
  const notes =
    structures > 1 && withWarnings > 0
      ? `${withWarnings} of ${structures} structures have notes; --json has them all\n`
      : '';
  const left = skipped > 0 ? `${skipped} refused and skipped; they are in no output\n` : '';
  return end + (notes + left === '' ? '' : yellow(notes + left));
}

function keysOf(model: MaceModel, result: Result, options: EvalOptions): Parameters<typeof withResults>[2] {
  const { descriptorNumLayers: layers = -1, descriptorInvariantsOnly: invariantsOnly = true } = options;
  return {
    prefix: options.infoPrefix,
    nodeEnergies: options.returnNodeEnergies === true,
    ...(options.returnDescriptors && { descriptors: cutDescriptors(model, result, layers, invariantsOnly) }),
  };
}
