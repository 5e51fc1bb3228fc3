/**
 * What `mace eval` prints: everything about the only structure, a row for each of several, or an object for each; at the end what
 * they have in common.
 */
import { FormatError } from '@mace/core';
import { dim, printJson, yellow } from '../console.js';
import { placeOf, type Evaluated } from '../evaluated.js';
import { frameJson } from '../frame-json.js';
import { distanceFunctionsText, frameReport, noteLines, summaryHeader, summaryLine } from '../frame-text.js';
import { bundledModel } from '../inputs.js';
import { LabelComparison, usualLabels } from '../labels.js';
import { keysText, labelsJson, labelsText } from '../labels-text.js';
import { progressBar, type Progress } from '../progress.js';
import type { EvalOptions } from './eval-options.js';

export class EvalReport {
  /** How many were added. */
  structures = 0;
  readonly #files: readonly string[];
  readonly #options: EvalOptions;
  readonly #tell: (text: string) => void;
  readonly #bar: Progress;
  readonly #labels: LabelComparison;
  #first: Evaluated | null = null;
  #noteBefore = '';
  #fileBefore = '';
  #withTables = 0;
  #withWarnings = 0;

  constructor(files: readonly string[], options: EvalOptions, tell: (text: string) => void) {
    this.#files = files;
    this.#options = options;
    this.#tell = tell;
    this.#bar = progressBar('evaluating', options.json === true, tell);
    this.#labels = new LabelComparison(options.labels ?? usualLabels);
  }

  add(frame: Evaluated): void {
    if (this.structures === 0) this.#first = frame;
    if (this.#options.json) printJson(frameJson(frame));
    else if (this.structures > 0) {
      if (this.structures === 1) {
        this.#bar.print(summaryHeader);
        this.#printRow(this.#first!);
      }
      this.#printRow(frame);
    }
    this.structures++;
    this.#labels.add(frame);
    if (frame.result.tables) this.#withTables++;
    if (frame.result.warnings.length > 0) this.#withWarnings++;
    this.#bar.update(this.structures);
  }

  /** No more will be added. */
  stop(): void {
    this.#bar.stop();
    // The only one, or the only one before one that is refused.
    if (this.structures === 1 && !this.#options.json)
      this.#tell(`${frameReport(this.#first!.structure, this.#first!.result)}\n`);
  }

  /** What all of them have in common, after `skipped` that were refused. */
  end(skipped: number, milliseconds: number): void {
    const { json, labels } = this.#options;
    const isAsked = labels !== undefined;
    const comparison = this.#labels.get();
    if (json) {
      if (isAsked) printJson(labelsJson(comparison));
      return;
    }
    this.#tell(labelsText(comparison, this.structures, placeOf(this.#files), isAsked));
    this.#tell(this.#endText(skipped, milliseconds));
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

  #printRow({ index, file, structure, result }: Evaluated): void {
    if (this.#files.length > 1 && file !== this.#fileBefore) this.#bar.print(dim((this.#fileBefore = file)));
    this.#bar.print(summaryLine(index, structure, result));
    // A whole trajectory has the same notes often: they stand where they change.
    const notes = noteLines(result).join('\n');
    if (notes !== '' && notes !== this.#noteBefore) this.#bar.print(notes);
    this.#noteBefore = notes;
  }

  #endText(skipped: number, milliseconds: number): string {
    const count = this.structures;
    const { model = bundledModel, backend, precision } = this.#options;
    const means = distanceFunctionsText(this.#withTables, count);
    const end = dim(
      `${count} structure${count === 1 ? '' : 's'} in ${(milliseconds / 1000).toFixed(2)} s; model ${model}; backend ${backend}, ${precision}, ${means}\n`,
    );
    const notes =
      count > 1 && this.#withWarnings > 0
        ? `${this.#withWarnings} of ${count} structures have notes; --json has them all\n`
        : '';
    const left = skipped > 0 ? `${skipped} refused and skipped; they are in no output\n` : '';
    return end + (notes + left === '' ? '' : yellow(notes + left));
  }
}
