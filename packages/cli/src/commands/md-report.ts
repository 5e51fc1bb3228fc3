/** What `mace md` prints: about twenty lines of the log of the only structure, a row for each of several; at the end what they come to. */
import { chemicalFormula, type Structure } from '@mace/core/structure';
import type { Storage } from '@mace/io';
import type { Frame, Stopped } from '@mace/sim';
import { bold, complain, dim, print, printJson, red, yellow } from '../console.js';
import { notesOnce } from '../refusals.js';
import { progressBar, type Progress } from '../progress.js';
import type { MdOptions } from './md-options.js';
import { writePlaces, type MdEntry, type MdPlace } from './md-places.js';
import { writePlots, type Observed } from './md-plots.js';

/** Rows of the only structure. */
const rows = 20;
const header = '     step      time (fs)   potential (eV)  temperature (K)   pressure (GPa)   conserved (eV)';

/** Thermostats that scale momenta. */
const resting = new Set(['nvt-nh', 'nose-hoover', 'nvt-csvr', 'csvr']);

/** As `summary.json` has it. */
interface Summary {
  /** That were made, in runs before too. */
  readonly steps: number;
  /** The relaxation before the first step. */
  readonly minimized?: { readonly steps: number; readonly isConverged: boolean; readonly largestForce: number };
  readonly averages: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>>;
  /** Null where the run is too short to say. */
  readonly drift: number | null;
  readonly driftError: number | null;
  readonly gate: {
    readonly frames: number;
    readonly energy: number;
    readonly forces: number;
    readonly wentOnExactly: boolean;
  } | null;
  readonly observed: readonly Observed[];
}

export class MdReport {
  /** Structures that made their steps. */
  finished = 0;
  readonly #note = notesOnce((what) => complain(`${yellow('note')}: ${what}.\n`));
  readonly #seen = new Map<number, { formula: string; stopped: string | null }>();
  readonly #bar: Progress;
  readonly #started = performance.now();
  #firstStep: number | null = null;
  #made = 0;
  #printed = -1;

  constructor(
    readonly options: MdOptions,
    readonly folder: string,
    /** Of the input, as far as it has been read; grows. */
    readonly places: readonly MdPlace[],
  ) {
    const { steps, timestep, json = false } = options;
    this.#bar = progressBar('dynamics', json, print, ['step', 'steps'], steps, (done, seconds) => {
      const rate = (done - (this.#firstStep ?? 0)) / seconds;
      return `${rate.toPrecision(3)} steps/s, ${nanosecondsADay(rate, timestep)} ns/day`;
    });
  }

  /** How many moved, were done already, or were stopped. */
  get structures(): number {
    return this.#seen.size;
  }

  begin(): void {
    if (!this.options.json) print(dim(`into the folder ${this.folder}\n`));
  }

  /** What is at rest under these thermostats goes into the vibrations: docs/decisions/0024. */
  #noteRotation({ structure }: Frame): void {
    const { numbers, pbc, arrays } = structure;
    const { ensemble, temperature } = this.options;
    const atoms = numbers.length;
    const isAtRest = !pbc.some(Boolean) && arrays['move_mask'] === undefined;
    if (!isAtRest || atoms < 2 || atoms > 50 || !resting.has(ensemble)) return;
    // Two atoms turn about two axes, and three or more about three, but for lines.
    const share = atoms === 2 ? 6 : atoms / (atoms - 2);
    this.#note(
      `drift and rotation of ${chemicalFormula(structure)} are at rest, and count in its temperature: its vibrations have about ${Math.round(temperature * share)} K with ${ensemble}, ${temperature} K with nvt`,
    );
  }

  #notePressure({ structure, stress, pressure }: Frame): void {
    if (stress && pressure === null)
      this.#note(
        `the log has no pressure of ${chemicalFormula(structure)}: atoms with bonds that are held are fixed too. The stress of the trajectory is that of the potential alone`,
      );
  }

  add(event: Frame | Stopped): void {
    if ('error' in event) {
      const known = this.#seen.get(event.index);
      this.#seen.set(event.index, {
        formula: known?.formula ?? '',
        stopped: event.error.message,
      });
      complain(`${red('stopped')} ${event.error.message}\n`);
      return;
    }
    this.#firstStep ??= event.step;
    this.#made = event.step;
    if (!this.#seen.has(event.index)) {
      this.#noteRotation(event);
      this.#notePressure(event);
      this.#seen.set(event.index, { formula: chemicalFormula(event.structure), stopped: null });
    }
    this.#bar.update(event.step);
    if (this.options.json || event.index !== [...this.#seen.keys()][0]) return;
    const { steps, logEvery } = this.options;
    const every = Math.ceil(steps / rows / logEvery) * logEvery;
    if (event.step % every !== 0 || event.step === this.#printed) return;
    if (this.#printed < 0) this.#bar.print(`${bold(chemicalFormula(event.structure))}\n${dim(header)}`);
    this.#printed = event.step;
    this.#bar.print(row(event));
  }

  /** One has made its steps, perhaps in a run before. */
  noteEnded(index: number, structure: Structure): void {
    if (!this.#seen.has(index)) this.#seen.set(index, { formula: chemicalFormula(structure), stopped: null });
  }

  stop(): void {
    this.#bar.stop();
  }

  /** Reads what was written of each structure, and prints it. */
  async end(storage: Storage): Promise<void> {
    this.stop();
    const isSingle = this.#seen.size === 1 && (await storage.size('summary.json')) !== null;
    const { json, steps, timestep } = this.options;
    let done = 0;
    const entries: MdEntry[] = [];
    for (const [index, { formula, stopped }] of [...this.#seen].sort(([a], [b]) => a - b)) {
      const folder = isSingle ? '' : `${String(index + 1).padStart(4, '0')}/`;
      const bytes = await storage.read(`${folder}summary.json`);
      const { file, frame } = this.places[index]!;
      entries.push({ index, folder: bytes ? folder : '', file, frame, formula, stopped });
      if (stopped === null) this.finished++;
      if (!bytes) continue;
      const summary = JSON.parse(new TextDecoder().decode(bytes)) as Summary;
      done = Math.max(done, summary.steps);
      await writePlots(storage, folder, formula, summary.observed);
      if (json) printJson({ index, file, frame, formula, folder, ...summary });
      else print(isSingle ? wholeText(summary) : lineText(index, formula, summary, stopped));
    }
    await writePlaces(storage, entries, this.options.shard);
    if (json) return;
    const seconds = (performance.now() - this.#started) / 1000;
    const made = this.#made - (this.#firstStep ?? 0);
    const rate = made / seconds;
    const count = this.#seen.size === 1 ? '' : `${this.#seen.size} structures, `;
    const speed = made > 0 ? `: ${rate.toPrecision(3)} steps/s, ${nanosecondsADay(rate, timestep)} ns/day` : '';
    print(
      `${dim(`${count}${done} of ${steps} steps; this run took ${seconds.toFixed(1)} s${speed}`)}\nwrote ${this.folder}: log.csv, trajectory, final.xyz, summary.json, structures.csv, pictures (.svg)\n`,
    );
  }
}

function nanosecondsADay(rate: number, timestep: number): string {
  return ((rate * timestep * 86400) / 1e6).toPrecision(3);
}

function row({ step, time, energy, temperature, pressure, conserved }: Frame): string {
  const cell = (value: number | null, digits: number, width: number): string =>
    (value === null ? '–' : value.toFixed(digits)).padStart(width);
  return `${String(step).padStart(9)} ${cell(time, 2, 14)} ${cell(energy, 5, 16)} ${cell(temperature, 2, 16)} ${cell(pressure, 4, 16)} ${cell(conserved, 5, 16)}`;
}

function wholeText({ minimized, averages, drift, driftError, gate, observed }: Summary): string {
  const lines = [
    ...(minimized ? [minimizedText(minimized)] : []),
    dim('averages of the second half, ± standard deviation'),
  ];
  for (const [name, unit, digits] of [
    ['temperature', 'K', 2],
    ['potential energy', 'eV', 5],
    ['pressure', 'GPa', 4],
    ['density', 'g/cm³', 4],
  ] as const) {
    const found = averages[name];
    if (found)
      lines.push(
        `  ${name.padEnd(18)} ${found.mean.toFixed(digits).padStart(16)} ± ${found.deviation.toFixed(digits)} ${unit}`,
      );
  }
  lines.push(
    drift === null || driftError === null
      ? dim(
          `  ${'drift'.padEnd(18)} ${'–'.padStart(16)} the run is too short to say: it takes 20 lines and 1 ps in its second half`,
        )
      : `  ${'drift'.padEnd(18)} ${drift.toPrecision(3).padStart(16)} ± ${driftError.toPrecision(2)} meV/atom/ns of what the ensemble keeps`,
  );
  for (const { spelling, quantities, notes } of observed) {
    for (const { name, unit, value, error } of quantities)
      lines.push(
        `  ${`${spelling} ${name}`.padEnd(18)} ${value.toPrecision(6).padStart(16)}${error === undefined ? '' : ` ± ${error.toPrecision(2)}`} ${unit}`,
      );
    for (const note of notes) lines.push(yellow(`  note: ${spelling}: ${note}`));
  }
  if (gate && gate.frames > 0)
    lines.push(
      gate.wentOnExactly
        ? yellow('  the fast calculation was too far from the exact one; the run went on exactly (gate.csv)')
        : dim(
            `  gate: ${gate.frames} frames within ${gate.energy.toExponential(1)} eV/atom and ${gate.forces.toExponential(1)} eV/Å of float64 without tables`,
          ),
    );
  return `${lines.join('\n')}\n`;
}

function minimizedText({ steps, isConverged, largestForce }: NonNullable<Summary['minimized']>): string {
  const text = `relaxed first: ${steps} steps, to forces of at most ${largestForce.toPrecision(2)} eV/Å`;
  return isConverged ? dim(text) : yellow(`note: ${text}, which is more than --minimize asked for`);
}

function lineText(
  index: number,
  formula: string,
  { minimized, averages, drift, driftError }: Summary,
  stopped: string | null,
): string {
  const temperature = averages['temperature']?.mean;
  const relaxed = minimized?.isConverged === false ? yellow('  not relaxed first') : '';
  const end = relaxed + (stopped === null ? '' : yellow('  stopped'));
  const drifts = drift === null || driftError === null ? '–' : `${drift.toPrecision(3)} ± ${driftError.toPrecision(2)}`;
  return `${String(index).padStart(5)}  ${formula.padEnd(14)} ${(temperature?.toFixed(2) ?? '–').padStart(10)} K ${drifts.padStart(20)} meV/atom/ns${end}\n`;
}
