/** Says that one thread computes where the page is not isolated, why, and what would help. */
import { opened } from '../state.js';

export function OneThread() {
  if (crossOriginIsolated || opened.value?.choice.backend !== 'wasm') return null;
  return (
    <p class="hint one-thread" role="note">
      <b>One thread computes</b>, because this page is not isolated, and browsers let threads share memory only in pages
      that are: its host does not send the headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy, and{' '}
      {whyNoWorker()}. All results are the same, later. A host that sends them helps, as <code>npm run playground</code>{' '}
      does.
    </p>
  );
}

function whyNoWorker(): string {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker) return 'this browser has no service worker here that could set them';
  if (serviceWorker.controller) return 'its service worker could not set them';
  return 'no service worker sets them in their place: reload the page once, or allow the browser to keep data for it';
}
