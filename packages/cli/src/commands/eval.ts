/**
 * `mace eval`: every structure of files through a model, in their order.
 *
 * Structures are streamed and computed in batches, so a file of any length runs in bounded memory. People get a table
 * and a progress bar; `--json` prints one object per structure and nothing else on standard output.
 */
import { FormatError, type Calculator, type EvaluateOptions, type MaceModel, type Property } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { openCalculator } from '../computing.js';
import { loadModel, structureFiles } from '../inputs.js';
import { noteWritten, printBeside, printingEnded, printWritten } from '../console.js';
import { coveringModels } from '../coverage.js';
import { evaluatedFiles, type Evaluated, type ReadingOptions } from '../evaluated.js';
import type { Skipped } from '../structure-stream.js';
import { checkModelOptions, checkResultPlace, inputsOf, type EvalOptions } from './eval-options.js';
import { checkResume, openEvalOutput, type EvalOutput } from './eval-output.js';
import { EvalReport } from './eval-report.js';
import { noteRefusal } from '../refusals.js';
import { noteEmptyShard } from '../shard.js';

export async function evaluate(names: readonly string[], options: EvalOptions): Promise<void> {
  checkResume(options);
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
  const model = await loadModel(options.model, options);
  checkModelOptions(model, options);
  const output = options.output === undefined ? null : await openEvalOutput(options.output, model, options);
  try {
    await evaluateTo(output, model, files, options, { skipped, skip });
  } catch (error) {
    await output?.abort();
    throw error;
  }
}

async function evaluateTo(
  output: EvalOutput | null,
  model: MaceModel,
  files: readonly string[],
  options: EvalOptions,
  { skipped, skip }: { readonly skipped: readonly Skipped[]; readonly skip: ReadingOptions['skip'] },
): Promise<void> {
  const json = options.json === true;
  const tell = printBeside(output?.target, json);
  const calculator = await openCalculator('eval', model, options, {
    plan: options.unplanned !== true,
    batchAtoms: options.batchAtoms,
  });
  const started = performance.now();
  try {
    const keep = output && ((frame: Evaluated): Promise<void> => output.write(frame));
    const report = new EvalReport(files, options, tell);
    await reportAll(report, evaluated(calculator, model, files, { options, output, skip }), keep);
    if (options.shard && report.structures === 0 && skipped.length === 0) {
      await output?.abort();
      return noteEmptyShard(options.shard, files);
    }
    const isEmpty = report.structures === 0 && skipped.length > 0;
    if (!isEmpty) await output?.close();
    report.end(skipped.length, performance.now() - started, output?.taken);
    if (isEmpty)
      throw new FormatError(
        `${skipped.length === 1 ? 'the only structure or file was' : `all ${skipped.length} structures and files were`} refused; nothing was computed${output ? `, and ${options.output} was not written` : ''}.`,
      );
    if (output && !json) printWritten(output.target);
    else if (output) noteWritten();
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
  {
    options,
    output,
    skip,
  }: {
    readonly options: EvalOptions;
    readonly output: EvalOutput | null;
    readonly skip: ReadingOptions['skip'];
  },
): AsyncGenerator<Evaluated> {
  const { format, batchSize, batchAtoms, shard } = options;
  const reading = {
    format,
    batchSize,
    atomsAhead: 16 * batchAtoms,
    shard,
    skip,
    known: output?.known,
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
