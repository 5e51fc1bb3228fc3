/** What runs now, and the way to stop it. */
import { stop } from '../actions/tasks.js';
import { activity } from '../state.js';

export function ActivityBar() {
  const now = activity.value;
  return (
    <div class="activity" role="status" data-busy={now ? now.kind : undefined}>
      {now && (
        <>
          <span class="spinner" aria-hidden="true" />
          <span class="what">{now.text}</span>
          {(now.cancel ?? now.end) && (
            <button type="button" onClick={() => void stop()}>
              Stop
            </button>
          )}
        </>
      )}
    </div>
  );
}
