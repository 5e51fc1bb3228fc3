/** Why one thread computes, where more could, and what would help. */
import { oneThread } from '../isolation.js';
import { choice } from '../state.js';
import { keepNow } from '../storage/keep-work.js';

export function OneThread() {
  // The one backend that has threads.
  if (!oneThread.value || choice.value.backend !== 'wasm') return null;
  const { text, canReload } = oneThread.value;
  return (
    <p class="notice one-thread" role="status">
      <span class="what">{text}</span>
      {canReload && (
        <button type="button" onClick={() => void keepNow().then(() => location.reload())}>
          Load again
        </button>
      )}
    </p>
  );
}
