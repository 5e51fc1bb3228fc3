/** What there is to say, where it happened. */
import { dismiss } from '../actions/notices.js';
import { notices, type Notice } from '../state.js';

export function Notices({ place }: { place: Notice['place'] }) {
  const own = notices.value.filter((one) => one.place === place);
  return (
    <div class="notices" aria-live="polite">
      {own.map((one) => (
        <p key={one.text} class={`notice ${one.kind}`} role={one.kind === 'error' ? 'alert' : undefined}>
          {one.text}
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(one)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
