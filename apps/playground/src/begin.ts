/** What happens when the page opens. */
import { notice } from './actions/notices.js';
import { openModel } from './actions/open.js';
import { show } from './actions/show.js';
import { gallery } from './files/gallery.js';
import { isFromCommandLine, openGiven } from './files/given.js';
import { followAddress } from './routes.js';
import { followLinks, openLink } from './share/open-link.js';
import { followWanted } from './share/wanted.js';
import { shown } from './state.js';
import { keepWork } from './storage/keep-work.js';
import { followKept } from './storage/kept-list.js';

export async function begin(): Promise<void> {
  followAddress();
  keepForLater();
  followKept();
  followWanted();
  void keepWork();
  followLinks();
  if (await openLink(location.hash)) return;
  if (!shown.value) show(gallery[1]!, { forget: true });
  await openModel({ kind: 'bundled' });
  if (isFromCommandLine) await openGiven();
}

/** The service worker keeps the page for visits without a network; without it the page works as well. The address of `mace gui` is of one visit. */
function keepForLater(): void {
  if (isFromCommandLine || !import.meta.env?.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('./service-worker.js', { type: 'module' }).catch((error: unknown) => {
    notice('backend', 'note', `The page is not kept for visits without a network: ${String(error)}`);
  });
}
