/** What each backend took, in numbers: the first run, which compiles, apart from those that were timed. */
import { backendEntry } from '../engine/backend-list.js';
import { save } from '../files/export.js';
import { precisionTitles } from '../trials/chosen.js';
import { speed, speedFile, type SpeedRun } from '../trials/speed.js';
import { spreadOf } from '../trials/spread.js';
import { digitsText } from '../ui/numbers.js';

export function SpeedTable() {
  const runs = speed.runs.value;
  if (runs.length === 0)
    return (
      <p class="card empty">Choose backends and time them: energies and forces of three structures, run after run.</p>
    );
  const isMeasured = runs.some(({ results }) => results.length > 0);
  return (
    <section class="card" aria-labelledby="times">
      <header>
        <h2 id="times">What they take here</h2>
      </header>
      {runs.map((run) => (
        <Status key={run.backend} run={run} />
      ))}
      {isMeasured && (
        <div class="wide" tabIndex={0} role="region" aria-label="Times of every backend">
          <table>
            <thead>
              <tr>
                <th scope="col">Backend</th>
                <th scope="col">Structure</th>
                <th scope="col" class="number">
                  µs/atom
                </th>
                <th scope="col" class="number">
                  ± half of the runs
                </th>
                <th scope="col" class="number">
                  steps/s
                </th>
                <th scope="col" class="number">
                  ns/day at 1 fs
                </th>
                <th scope="col" class="number">
                  first run
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => run.results.map((_, i) => <Row key={`${run.backend} ${i}`} run={run} i={i} />))}
            </tbody>
          </table>
        </div>
      )}
      {isMeasured && (
        <p class="row">
          <button
            type="button"
            disabled={speed.isRunning.value}
            onClick={() => save('bundled.json', speedFile(runs), 'application/json')}
          >
            Results as JSON
          </button>
          <span class="hint">
            For <code>benchmarks/results/DEVICE/bundled.json</code> of the repository, by a pull request.
          </span>
        </p>
      )}
    </section>
  );
}

function Status({ run: { backend, status, text, failure, results } }: { run: SpeedRun }) {
  const { title } = backendEntry(backend);
  if (failure !== null)
    return (
      <p class="notice error">
        {title} did not {results.length > 0 ? 'finish' : 'run'}: {failure}
      </p>
    );
  if (status === 'done') return null;
  return (
    <p class="hint">
      {status === 'running' && <span class="spinner" aria-hidden="true" />} {title}: {text}
    </p>
  );
}

function Row({ run: { backend, precision, results }, i }: { run: SpeedRun; i: number }) {
  const { name, figures, firstSeconds, seconds } = results[i]!;
  const { relative } = spreadOf(seconds);
  return (
    <tr data-backend={backend} data-structure={name}>
      <th scope="row">
        {backendEntry(backend).title} {precisionTitles[precision]}
        <small>{figures.device}</small>
      </th>
      <td>
        {name}, {figures.atoms} atoms
      </td>
      <td class="number" data-us={figures.usPerAtom.median}>
        {digitsText(figures.usPerAtom.median)}
      </td>
      <td class="number">{(100 * relative).toFixed(0)} %</td>
      <td class="number">{digitsText(figures.atomStepsPerSecond / figures.atoms)}</td>
      <td class="number">{digitsText(figures.nsPerDay)}</td>
      <td class="number" data-first={firstSeconds}>
        {digitsText(firstSeconds)} s
      </td>
    </tr>
  );
}
