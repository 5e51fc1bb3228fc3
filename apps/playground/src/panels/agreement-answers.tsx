/** The three answers of each backend: are its energies right, are its forces right, does a rotation change anything. */
import { backendEntry } from '../engine/backend-list.js';
import { save } from '../files/export.js';
import { agreement, type BackendRun } from '../trials/agreement.js';
import { precisionTitles } from '../trials/chosen.js';
import { reportFile } from '../trials/report-file.js';
import { verdictOf } from '../trials/verdict.js';
import { fractionText, numberText } from '../ui/numbers.js';
import { Share } from '../ui/share.js';
import { CaseList } from './case-list.js';

export function AgreementAnswers() {
  if (agreement.runs.value.length === 0) return null;
  return (
    <div class="answers">
      {agreement.runs.value.map((run) => (
        <Answer key={run.backend} run={run} />
      ))}
    </div>
  );
}

function Answer({ run }: { run: BackendRun }) {
  const { backend, precision, status, report, text, done, total, worst } = run;
  const { title } = backendEntry(backend);
  const verdict = verdictOf(run);
  const errors = report?.absent ? undefined : report?.errors;
  return (
    <article class="card answer" data-backend={backend} data-status={status} aria-label={title}>
      <header>
        <h2>
          {title} <span class="hint">{precisionTitles[precision]}</span>
        </h2>
        <p class={`verdict ${verdict.kind}`}>{verdict.text}</p>
      </header>
      {report && <p class="hint">{report.device}</p>}
      {status === 'running' && (
        <p class="progress">
          <progress aria-label={`Cases of ${title}`} max={total || 1} value={total ? done : undefined} />
          <span class="hint">
            {total > 0 && `${done} of ${total}; `}
            {text}
          </span>
        </p>
      )}
      {run.failure !== null && <p class="notice error">{run.failure}</p>}
      {errors && (
        <dl class="three">
          <div>
            <dt>Energies</dt>
            <dd data-quantity="energies">{numberText(errors.reference.energy)}</dd>
            <dd class="unit">eV/atom from the reference</dd>
          </div>
          <div>
            <dt>Forces</dt>
            <dd data-quantity="forces">{numberText(errors.reference.forces)}</dd>
            <dd class="unit">eV/Å from the reference</dd>
          </div>
          <div>
            <dt>Equivariance</dt>
            <dd data-quantity="equivariance">{numberText(errors.rotation.forces)}</dd>
            <dd class="unit">
              eV/Å under rotations; <span>{numberText(errors.rotation.energy)} eV</span>
            </dd>
          </div>
          <Share of="Energies, forces and stress" fraction={worst.reference} />
          <Share of="Rotations" fraction={worst.rotation} />
        </dl>
      )}
      {report && !report.absent && (
        <>
          <p class="hint">
            {report.passed} passed, {report.failed} failed, {report.limited} known limitations, {report.unavailable} do
            not apply; {report.seconds.toFixed(1)} s. The largest error is {fractionText(largestShare(run))} of what is
            allowed.
          </p>
          <CaseList report={report} />
          <button type="button" onClick={() => saveReport(run)}>
            Report as JSON
          </button>
        </>
      )}
    </article>
  );
}

function largestShare({ report }: BackendRun): number | null {
  const shares = Object.values(report!.suites).flatMap(({ worst }) => (worst === null ? [] : [worst]));
  return shares.length === 0 ? null : Math.max(...shares);
}

function saveReport(run: BackendRun): void {
  const { name, text } = reportFile(run);
  save(name, text, 'application/json');
}
