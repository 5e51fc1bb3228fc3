/** What happens when the page opens. */
import { notice } from './actions/notices.js';
import { openModel } from './actions/open.js';
import { show } from './actions/show.js';
import { followDrops } from './files/drop.js';
import { gallery } from './files/gallery.js';
import { isFromCommandLine, openGiven } from './files/given.js';
import { followIsolation } from './isolation.js';
import { followAddress } from './routes.js';
import { followLinks, openLink } from './share/open-link.js';
import { followWanted } from './share/wanted.js';
import { shown } from './state.js';
import { keepWork } from './storage/keep-work.js';
import { followKept } from './storage/kept-list.js';

export async function begin(): Promise<void> {
  followAddress();
  followDrops();
  void followIsolation(keepForLater());
  followKept();
  followWanted();
  void keepWork();
  followLinks();
  if (await openLink(location.hash)) return;
  if (!shown.value) show(gallery[1]!);
  await openModel({ kind: 'bundled' });
  if (isFromCommandLine) await openGiven();
}

/** The service worker keeps the page for visits without a network; without it the page works as well. @throws where there can be none */
async function keepForLater(): Promise<void> {
  if (!import.meta.env?.PROD) throw new Error('this page is served for its developers');
  if (!isSecureContext) throw new Error('its address is not secure');
  if (isFromCommandLine) throw new Error('the address of `mace gui` is of one visit');
  try {
    await serviceWorker();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notice('backend', 'note', `The page is not kept for visits without a network: ${why}.`);
    throw error;
  }
}

async function serviceWorker(): Promise<void> {
  const { serviceWorker: container } = navigator as Partial<Navigator>;
  await container?.register('./service-worker.js', { type: 'module' });
  // Some browsers block it without a word.
  const registration = await container?.getRegistration();
  if (!container || !registration) throw new Error('this browser runs no service worker for it');
  await new Promise<unknown>((resolve, reject) => {
    void container.ready.then(resolve);
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'redundant') reject(new Error('its files could not be fetched'));
    });
  });
}
