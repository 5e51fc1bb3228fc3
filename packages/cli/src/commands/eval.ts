/**
 * `mace eval`: every structure of files through a model, in their order.
 *
 * Structures are streamed and computed in batches, so a file of any length runs in bounded memory. People get a table
 * and a progress bar; `--json` prints one object per structure and nothing else on standard output.
 */
import {
  createCalculator,
  FormatError,
  type Calculator,
  type EvaluateOptions,
  type MaceModel,
  type Property,
  type Result,
} from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openStructureWriter, type StructureWriter } from '@mace/io/node';
import { backendNamed } from '../backends/index.js';
import { loadModel, structureFiles } from '../inputs.js';
import { complain, noteWritten, printBeside, printingEnded, printWritten, yellow } from '../console.js';
import { coveringModels } from '../coverage.js';
import { cutDescriptors } from '../descriptors.js';
import { evaluatedFiles, type Evaluated, type ReadingOptions } from '../evaluated.js';
import type { Skipped } from '../structure-stream.js';
import { withTables } from '../program/defaults.js';
import { checkModelOptions, checkResultPlace, inputsOf, type EvalOptions } from './eval-options.js';
import { EvalReport } from './eval-report.js';
import { noteRefusal, notesOnce } from '../refusals.js';
import { withResults } from '../result-structure.js';

export async function evaluate(names: readonly string[], options: EvalOptions): Promise<void> {
  const skipped: Skipped[] = [];
  const skip =
    options.onError === 'skip'
      ? (one: Skipped): void => (skipped.push(one), noteRefusal(one, options.json))
      : undefined;
  const files = await structureFiles(
    [...names, ...(options.structures ?? [])],
    options.format,
    skip && ((file, error) => skip({ index: null, file, frame: null, error })),
  );
  if (options.output !== undefined) await checkResultPlace(options, options.output);
  const leaveOut = notesOnce((what) => complain(`${yellow('note')}: left out of ${options.output}: ${what}\n`));
  const writer = options.output === undefined ? null : await openStructureWriter(options.output, { leaveOut });
  try {
    await evaluateTo(writer, files, options, { skipped, skip });
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

async function evaluateTo(
  writer: StructureWriter | null,
  files: readonly string[],
  options: EvalOptions,
  { skipped, skip }: { readonly skipped: readonly Skipped[]; readonly skip: ReadingOptions['skip'] },
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
    const report = new EvalReport(files, options, tell);
    await reportAll(report, evaluated(calculator, model, files, options, skip), keep);
    const isEmpty = report.structures === 0 && skipped.length > 0;
    if (!isEmpty) await writer?.close();
    report.end(skipped.length, performance.now() - started);
    if (isEmpty)
      throw new FormatError(
        `${skipped.length === 1 ? 'the only structure or file was' : `all ${skipped.length} structures and files were`} refused; nothing was computed${writer ? `, and ${options.output} was not written` : ''}.`,
      );
    if (writer && !json) printWritten(writer.target);
    else if (writer) noteWritten();
    report.checkLabels();
  } finally {
    await calculator.dispose();
  }
}

/** Results of all files; with `skip` what is refused is left out. */
function evaluated(
  calculator: Calculator,
  model: MaceModel,
  files: readonly string[],
  options: EvalOptions,
  skip: ReadingOptions['skip'],
): AsyncGenerator<Evaluated> {
  const { format, batchSize } = options;
  const reading = {
    format,
    batchSize,
    skip,
    remedy: (structure: Structure): string => coveringModels(structure, model),
  };
  return evaluatedFiles(calculator, files, reading, callOptions(options));
}

function callOptions(options: EvalOptions): EvaluateOptions {
  const properties: Property[] = ['forces', 'stress'];
  if (options.returnDescriptors) properties.push('descriptors');
  return { properties, ...inputsOf(options) };
}

/** Hands each structure to `keep` and to the report. Where nobody reads any more and nothing is kept, it ends. */
async function reportAll(
  report: EvalReport,
  frames: AsyncIterable<Evaluated>,
  keep: ((frame: Evaluated) => Promise<void>) | null,
): Promise<void> {
  try {
    for await (const frame of frames) {
      await keep?.(frame);
      report.add(frame);
      if (printingEnded() && !keep) break;
    }
  } finally {
    report.stop();
  }
}

function keysOf(model: MaceModel, result: Result, options: EvalOptions): Parameters<typeof withResults>[2] {
  const { descriptorNumLayers: layers = -1, descriptorInvariantsOnly: invariantsOnly = true } = options;
  return {
    prefix: options.infoPrefix,
    nodeEnergies: options.returnNodeEnergies === true,
    ...(options.returnDescriptors && { descriptors: cutDescriptors(model, result, layers, invariantsOnly) }),
  };
}
