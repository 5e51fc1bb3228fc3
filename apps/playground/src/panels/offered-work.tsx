/** Work of tabs that were closed: gone on with, or discarded. */
import { isMoving } from '../state.js';
import { discard, goOn, offered, unkept } from '../storage/keep-work.js';
import type { Session } from '../storage/session.js';

export function OfferedWork() {
  return (
    <>
      {unkept.value !== null && (
        <p class="notice unkept" role="status">
          <span class="what">{unkept.value}</span>
          <button type="button" class="quiet" onClick={() => (unkept.value = null)}>
            Dismiss
          </button>
        </p>
      )}
      {offered.value.length > 0 && <Offers />}
    </>
  );
}

function Offers() {
  return (
    <ul class="offers" aria-label="Work of closed tabs">
      {offered.value.map((one) => (
        <li key={one.id}>
          <span class="what">{textOf(one)}</span>
          <button type="button" class="primary" disabled={isMoving.value} onClick={() => void goOn(one)}>
            Go on
          </button>
          <button type="button" class="quiet" onClick={() => void discard(one)}>
            Discard
          </button>
        </li>
      ))}
    </ul>
  );
}

function textOf({ name, frame, running, date }: Session): string {
  const time = new Date(date).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  if (running === 'relax') return `Relaxation of ${name} stopped, ${time}`;
  if (!frame) return `${name}, as you left it, ${time}`;
  return `Dynamics of ${name} ${running ? 'stopped' : 'rest'} at step ${frame.step}, ${time}`;
}
