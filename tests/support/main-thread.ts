// What the page's own thread is busy with, as Chromium traces it.
import type { CDPSession } from 'playwright-core';

/** Of a trace: a thread's name, or a task of one. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: { readonly name?: string };
  /** Microseconds that the thread computed; what other processes took of its core is not in it. */
  readonly tdur?: number;
}

/** Milliseconds for which the longest task of the page's own thread computed, while something else went on. */
export async function longestTask(session: CDPSession, meanwhile: () => Promise<void>): Promise<number> {
  const events: TraceEvent[] = [];
  const take = ({ value }: { value: unknown }): void => {
    events.push(...(value as TraceEvent[]));
  };
  session.on('Tracing.dataCollected', take);
  const traceConfig = { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await meanwhile();
  const isComplete = new Promise<unknown>((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await isComplete;
  session.off('Tracing.dataCollected', take);
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const own = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf);
  const tasks = events.filter((one) => one.name === 'RunTask' && own.includes(threadOf(one)));
  if (tasks.length === 0) throw new Error('the trace has no task of a page: Chromium names them otherwise now.');
  return tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur), 0) / 1000;
}
