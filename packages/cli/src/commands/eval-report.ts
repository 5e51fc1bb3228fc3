/**
 * What `mace eval` prints: everything about the only structure, a row for each of several, or an object for each; at the end what
 * they have in common.
 */
import { FormatError } from '@mace/core';
import { complain, dim, printJson, yellow } from '../console.js';
import type { Evaluated } from '../evaluated.js';
import { placeOf } from '../structure-stream.js';
import { frameJson } from '../frame-json.js';
import { frameReport, noteLines, summaryHeader, summaryLine } from '../frame-text.js';
import { LabelComparison, usualLabels } from '../labels.js';
import { keysText, labelsJson, labelsText } from '../labels-text.js';
import { progressBar, type Progress } from '../progress.js';
import { Summary } from '../summary.js';
import type { EvalOptions } from './eval-options.js';

/** Rows on the terminal while a file has all of them. */
const rowsBesideOutput = 20;

export class EvalReport {
  /** How many were added. */
  structures = 0;
  readonly #files: readonly string[];
  readonly #options: EvalOptions;
  readonly #tell: (text: string) => void;
  readonly #bar: Progress;
  readonly #labels: LabelComparison;
  readonly #summary = new Summary();
  #first: Evaluated | null = null;
  #noteBefore = '';
  #fileBefore = '';

  constructor(files: readonly string[], options: EvalOptions, tell: (text: string) => void) {
    this.#files = files;
    this.#options = options;
    this.#tell = tell;
    this.#bar = progressBar('evaluating', options.json === true, tell, ['structure', 'structures']);
    this.#labels = new LabelComparison(options.labels ?? usualLabels);
  }

  add(frame: Evaluated): void {
    if (this.structures === 0) this.#first = frame;
    if (this.#options.json) printJson(frameJson(frame));
    else if (this.structures > 0) this.#addRow(frame);
    this.structures++;
    this.#labels.add(frame);
    this.#summary.add(frame);
    this.#bar.update(this.structures);
  }

  /** No more will be added. */
  stop(): void {
    this.#bar.stop();
    // The only one, or the only one before one that is refused.
    const first = this.#first;
    if (first?.kept && this.structures === 1) this.#printRow(first);
    else if (this.structures === 1 && !this.#options.json)
      this.#tell(`${frameReport(this.#first!.structure, this.#first!.result)}\n`);
  }

  /** What all of them have in common, after `skipped` that were refused. */
  end(skipped: number, milliseconds: number, taken = 0): void {
    const { json, labels, output } = this.#options;
    const isAsked = labels !== undefined;
    const comparison = this.#labels.get();
    if (json) {
      if (isAsked) printJson(labelsJson(comparison));
      complain(this.#summary.stressNote());
      return;
    }
    const place = placeOf(this.#files);
    if (output !== undefined) this.#tell(this.#summary.rangeText(place));
    this.#tell(labelsText(comparison, this.structures, place, isAsked));
    this.#tell(this.#summary.stressNote() + this.#summary.endText(this.#options, skipped, milliseconds));
    if (taken > 0) this.#tell(yellow(`${taken} of them are of the run before\n`));
  }

  /** @throws FormatError where labels were asked for that no structure has */
  checkLabels(): void {
    const { labels } = this.#options;
    const { errors, unfit } = this.#labels.get();
    if (!labels || !this.#first || unfit > 0 || Object.values(errors).some(({ structures }) => structures > 0)) return;
    throw new FormatError(
      `--labels ${Object.values(labels).join(',')}: no structure has any of these keys. The first has: ${keysText(this.#first)}.`,
    );
  }

  /** From the second on; with `--output` so many as can be read, the file has the others. */
  #addRow(frame: Evaluated): void {
    if (this.structures === 1) {
      this.#bar.print(summaryHeader);
      this.#printRow(this.#first!);
    }
    const { output } = this.#options;
    if (output === undefined || this.structures < rowsBesideOutput) this.#printRow(frame);
    else if (this.structures === rowsBesideOutput) this.#bar.print(dim(`    …  the others are in ${output}`));
  }

  #printRow({ index, file, structure, result }: Evaluated): void {
    if (this.#files.length > 1 && file !== this.#fileBefore) this.#bar.print(dim((this.#fileBefore = file)));
    this.#bar.print(summaryLine(index, structure, result));
    // A whole trajectory has the same notes often: they stand where they change.
    const notes = noteLines(result).join('\n');
    if (notes !== '' && notes !== this.#noteBefore) this.#bar.print(notes);
    this.#noteBefore = notes;
  }
}
