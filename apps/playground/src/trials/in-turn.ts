/** Backends one after another, each in a worker that ends with it; what was found before people stop stays. */
import { signal, type Signal } from '@preact/signals';
import type { BackendName } from '../engine/backend-list.js';
import { Engine } from '../engine/engine.js';
import { runnable, type ChosenBackends, type Precision } from './chosen.js';

/** How far one backend has come. */
export interface Turn {
  readonly backend: BackendName;
  readonly precision: Precision;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  /** What happens now. */
  readonly text: string;
  /** Why there is no result, or not all of it. */
  readonly failure: string | null;
}

export interface InTurn<Run extends Turn> {
  readonly runs: Signal<readonly Run[]>;
  readonly isRunning: Signal<boolean>;
  /**
   * Begins anew; what was found before goes.
   * @param begun - of a backend that has found nothing yet, beside its turn
   * @param work - what is done with one; it fails by throwing
   */
  start(
    chosen: ChosenBackends,
    begun: Omit<Run, keyof Turn>,
    work: (run: Run, engine: Engine) => Promise<void>,
  ): Promise<void>;
  /** Ends the worker at once. */
  stop(): void;
  change(backend: BackendName, next: Partial<Run>): void;
}

export function inTurn<Run extends Turn>(): InTurn<Run> {
  const runs = signal<readonly Run[]>([]);
  const isRunning = signal(false);
  let current: Engine | null = null;
  let isStopped = false;

  const change = (backend: BackendName, next: Partial<Run>): void => {
    runs.value = runs.value.map((one) => (one.backend === backend ? { ...one, ...next } : one));
  };
  const turn = (backend: BackendName, next: Partial<Turn>): void => change(backend, next as Partial<Run>);

  async function tryOne(run: Run, work: (run: Run, engine: Engine) => Promise<void>): Promise<void> {
    const engine = (current = new Engine());
    turn(run.backend, { status: 'running', text: 'loading its engine' });
    try {
      await work(run, engine);
      turn(run.backend, { status: 'done', text: '' });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      turn(run.backend, isStopped ? { status: 'stopped', text: 'stopped' } : { status: 'failed', text: '', failure });
    } finally {
      engine.end('done');
      current = null;
    }
  }

  return {
    runs,
    isRunning,
    change,
    async start(chosen, begun, work) {
      if (isRunning.value) return;
      isRunning.value = true;
      isStopped = false;
      const { precision } = chosen;
      const waiting = { precision, status: 'waiting', text: 'waits for its turn', failure: null } as const;
      runs.value = runnable(chosen).map((backend) => ({ ...begun, ...waiting, backend }) as Run);
      for (const run of runs.value) {
        if (isStopped) turn(run.backend, { status: 'stopped', text: 'did not run' });
        else await tryOne(run, work);
      }
      isRunning.value = false;
    },
    stop() {
      isStopped = true;
      current?.end('stopped');
    },
  };
}
