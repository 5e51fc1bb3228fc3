/** Cases of a report that did not simply pass, with their reasons. */
import type { Report } from '@mace/conformance';

/** Cases that are shown; the others are in the report. */
const mostShown = 20;

export function CaseList({ report }: { report: Report }) {
  const failed = report.notable.filter(({ status }) => status === 'failed');
  const limited = report.notable.filter(({ status }) => status === 'limited');
  const reasons = Object.entries(report.unavailableBecause ?? {});
  if (failed.length + limited.length + reasons.length === 0) return null;
  return (
    <>
      {failed.length > 0 && (
        <ul class="cases failed" aria-label="Failures">
          {failed.slice(0, mostShown).map(({ path, problems }) => (
            <li key={path}>
              <code>{path}</code> {problems.map(({ message }) => message).join(' ')}
            </li>
          ))}
          {failed.length > mostShown && <li>… and {failed.length - mostShown} more in the report.</li>}
        </ul>
      )}
      {limited.length + reasons.length > 0 && (
        <details class="more">
          <summary>What it does not promise</summary>
          <ul class="cases">
            {limited.map(({ path, problems }) => (
              <li key={path}>
                <code>{path}</code> a known limitation{problems[0] && `: ${problems[0].message}`}
              </li>
            ))}
            {reasons.map(([reason, count]) => (
              <li key={reason}>
                {count} {count === 1 ? 'case does' : 'cases do'} not apply: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
