/** Takes what the address of the page holds: at its beginning, and when somebody pastes another link. */
import { notice } from '../actions/notices.js';
import { isLink, readLink } from './link.js';
import { takeShared } from './take-shared.js';

/** The link that was taken last: the way back from another screen leads to it again. */
let taken: string | null = null;

/** @returns whether the page shows what the link holds; where it holds what cannot be read, that is said */
export async function openLink(fragment: string): Promise<boolean> {
  if (!isLink(fragment)) return false;
  if (fragment === taken) {
    notice(
      'structure',
      'note',
      'This link is open, with what was changed since. Reload the page to begin with it anew.',
    );
    return true;
  }
  try {
    const shared = await readLink(fragment);
    taken = fragment;
    await takeShared(shared);
    return true;
  } catch (error) {
    notice('structure', 'error', `This page's address: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

export function followLinks(): void {
  addEventListener('hashchange', () => void openLink(location.hash));
}
