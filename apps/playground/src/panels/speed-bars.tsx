/** This device beside the results of the repository: µs/atom of each backend, structure by structure. */
import { backendEntry, backendList } from '../engine/backend-list.js';
import { committed, type CommittedResult } from '../trials/committed.js';
import { speed, timedStructures } from '../trials/speed.js';
import { precisionTitles } from '../trials/chosen.js';
import { digitsText } from '../ui/numbers.js';

/** Programs that wait for a core, above which others are in the way. */
const busyLoad = 1.5;

interface Bar {
  readonly key: string;
  readonly label: string;
  /** Where it was measured, and by what. */
  readonly where: string;
  readonly microseconds: number;
  readonly isHere: boolean;
}

export function SpeedBars() {
  const groups = timedStructures.map(({ name, structure }) => ({
    name,
    atoms: structure.numbers.length,
    bars: [...barsOfHere(name), ...barsOfOthers(name)].sort((a, b) => a.microseconds - b.microseconds),
  }));
  const all = groups.flatMap(({ bars }) => bars.map(({ microseconds }) => microseconds));
  if (all.length === 0) return null;
  const least = Math.floor(Math.log10(Math.min(...all)));
  const most = Math.ceil(Math.log10(Math.max(...all)));
  const share = (value: number): number => (Math.log10(value) - least) / Math.max(1, most - least);
  return (
    <section class="card" aria-labelledby="beside">
      <header>
        <h2 id="beside">Beside other machines</h2>
      </header>
      <p class="hint">
        µs/atom of energy and forces with the bundled model; shorter is faster, and each line is ten times the one
        before.
        <span class="key here">this device</span> <span class="key others">committed results</span>
      </p>
      <p class="hint">Committed: {committed.map(machineText).join('; ')}.</p>
      {groups.map(({ name, atoms, bars }) => (
        <div key={name} class="bars">
          <h3>
            {name} <span class="hint">{atoms} atoms</span>
          </h3>
          <ul>
            {bars.map((bar) => (
              <BarLine key={bar.key} bar={bar} share={share(bar.microseconds)} decades={Math.max(1, most - least)} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function BarLine({ bar, share, decades }: { bar: Bar; share: number; decades: number }) {
  return (
    <li data-here={bar.isHere || undefined}>
      <span class="bar-name">
        {bar.label}
        <small>{bar.where}</small>
      </span>
      <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: decades + 1 }, (_, i) => (
          <line key={i} x1={(1000 * i) / decades} x2={(1000 * i) / decades} y1="0" y2="20" />
        ))}
        <rect x="0" y="4" width={Math.max(4, 1000 * share)} height="12" />
      </svg>
      <span class="bar-value">{digitsText(bar.microseconds)} µs/atom</span>
    </li>
  );
}

function barsOfHere(structure: string): Bar[] {
  return speed.runs.value.flatMap(({ backend, precision, results }) =>
    results
      .filter(({ name }) => name === structure)
      .map(({ figures }) => ({
        key: `here ${backend}`,
        label: `${backendEntry(backend).title}, ${precisionTitles[precision]}`,
        where: `this device; ${figures.device}`,
        microseconds: figures.usPerAtom.median,
        isHere: true,
      })),
  );
}

function barsOfOthers(structure: string): Bar[] {
  return committed.flatMap(({ device, rows }, file) =>
    rows
      .filter((row) => row.structure === structure)
      .map((row, i) => ({
        key: `${file} ${i}`,
        label: `${titleOf(row.backend)}, ${row.precision === 'f64' ? 'float64' : 'float32'}${row.tables === 'none' ? ', exact' : ''}`,
        where: `${device}; ${row.device}`,
        microseconds: row.usPerAtom.median,
        isHere: false,
      })),
  );
}

/** A machine that was busy was slower than it can be. */
function machineText({ device, runtime, date, loadAverage }: CommittedResult): string {
  const busy = (loadAverage ?? 0) > busyLoad ? `, beside other work (load ${loadAverage!.toFixed(0)})` : '';
  return `${device}, ${runtime}, ${date}${busy}`;
}

/** The command line has backends that a page has not. */
function titleOf(backend: string): string {
  return backendList.find(({ name }) => name === backend)?.title ?? (backend === 'onnx' ? 'ONNX Runtime' : backend);
}
