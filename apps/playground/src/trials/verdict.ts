/** What to say of a backend in a few words. */
import type { BackendRun } from './agreement.js';

export interface VerdictText {
  readonly kind: 'good' | 'bad' | 'open';
  readonly text: string;
}

export function verdictOf({ status, report }: Pick<BackendRun, 'status' | 'report'>): VerdictText {
  if (report && !report.absent && report.failed > 0)
    return { kind: 'bad', text: `${report.failed} ${report.failed === 1 ? 'case fails' : 'cases fail'}` };
  if (status === 'waiting') return { kind: 'open', text: 'waits for its turn' };
  if (status === 'running') return { kind: 'open', text: 'runs' };
  if (status === 'stopped') return { kind: 'open', text: 'stopped before its end' };
  if (!report || report.absent) return { kind: 'bad', text: 'did not run' };
  if (status === 'failed') return { kind: 'bad', text: 'failed after the kit' };
  if (report.passed === 0) return { kind: 'open', text: 'nothing applies to it' };
  return { kind: 'good', text: 'agrees with the reference' };
}
