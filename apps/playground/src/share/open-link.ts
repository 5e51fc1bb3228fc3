/** Takes what the address of the page holds: at its beginning, and when somebody pastes another link. */
import { notice } from '../actions/notices.js';
import { show } from '../actions/show.js';
import { isLink, readLink } from './link.js';
import { takeSetup } from './setup.js';
import { openWanted } from './wanted.js';

/** @returns whether the page shows what the link holds; where it holds what cannot be read, that is said */
export async function openLink(fragment: string): Promise<boolean> {
  if (!isLink(fragment)) return false;
  try {
    const { name, structure, setup } = await readLink(fragment);
    show({ name, structure, fixed: setup.fixed });
    takeSetup(setup);
    await openWanted(setup);
    return true;
  } catch (error) {
    notice('structure', 'error', `This page's address: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

export function followLinks(): void {
  addEventListener('hashchange', () => void openLink(location.hash));
}
