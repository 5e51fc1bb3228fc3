/**
 * Threads need an isolated page: by headers of its host, else by those that the service worker adds from the second load on. Says why there
 * is one thread where neither isolates it, and loads the page once more where that helps and nothing was done yet.
 */
import { signal } from '@preact/signals';
import { past } from './state.js';

/** Why the page computes on one thread, with what would help; `canReload` where that is to load it once more. */
export interface OneThread {
  readonly text: string;
  readonly canReload: boolean;
}
/** Null where the page is isolated, and until it is known that it is not. */
export const oneThread = signal<OneThread | null>(null);

const headers = 'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
/** In the storage of the tab, so that no page is loaded again and again. */
const mark = 'loaded again for threads';

/** A hand that drops a file is none of what browsers count as use. */
let hasDropped = false;
addEventListener('drop', () => (hasDropped = true), { capture: true });

/** @param installed - ends when a service worker answers for this page from its next load on */
export async function followIsolation(installed: Promise<void>): Promise<void> {
  const isInstalled = installed.then(
    () => true,
    () => false,
  );
  if (crossOriginIsolated || navigator.hardwareConcurrency < 2) return;
  if (!isSecureContext) {
    say(
      `browsers give threads to secure addresses only, and ${location.origin} is none. Open this page by https, or on the machine that serves it as http://localhost.`,
    );
    return;
  }
  if (window !== window.top) {
    say('this page is shown inside of another, which is not isolated. Open it in a tab of its own.');
    return;
  }
  const wasControlled = Boolean(navigator.serviceWorker?.controller);
  if (!(await isInstalled)) {
    say(
      `its host does not isolate this page, and this browser lets no service worker do it, perhaps because its window is private or keeps no data of sites. Let it keep data of ${location.host}, or have the host send ${headers}.`,
    );
    return;
  }
  if (wasControlled) {
    say(`neither its host nor the service worker isolates this page. Have the host send ${headers}.`);
    return;
  }
  const isUntouched = !navigator.userActivation?.hasBeenActive && !hasDropped && past.value.length === 0;
  if (isUntouched && sessionStorage.getItem(mark) === null) {
    sessionStorage.setItem(mark, 'yes');
    location.reload();
  } else say('the others begin when this page is loaded once more, which offers you your work again.', true);
}

function say(why: string, canReload = false): void {
  oneThread.value = { text: `One thread of ${navigator.hardwareConcurrency} computes: ${why}`, canReload };
}
