/** What a trial of backends runs: which, and what else is chosen; begin and stop. */
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { runnable, type ChosenBackends } from '../trials/chosen.js';
import type { InTurn, Turn } from '../trials/in-turn.js';
import { BackendChoice } from './backend-choice.js';

/** @param props - `verb`: what is done with backends; `children`: what else is chosen */
export function TrialSetup<Run extends Turn>(props: {
  trial: InTurn<Run>;
  chosen: Signal<ChosenBackends>;
  verb: string;
  begin: () => Promise<void>;
  children: ComponentChildren;
}) {
  const { trial, chosen, verb, begin } = props;
  const isRunning = trial.isRunning.value;
  const runs = trial.runs.value;
  const count = runnable(chosen.value).length;
  const done = runs.filter(({ status }) => !['waiting', 'running'].includes(status)).length;
  return (
    <section class="card setup" aria-label="What runs">
      <BackendChoice chosen={chosen} disabled={isRunning}>
        {props.children}
        {isRunning ? (
          <button type="button" onClick={trial.stop}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" disabled={count === 0} onClick={() => void begin()}>
            {verb} {count} {count === 1 ? 'backend' : 'backends'}
          </button>
        )}
        <span class="hint" role="status">
          {runs.length > 0 && `${done} of ${runs.length} done`}
        </span>
      </BackendChoice>
    </section>
  );
}
