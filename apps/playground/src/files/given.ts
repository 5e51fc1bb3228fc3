/** Files that `mace gui` was given: its server has them beside the page. */
import { notice } from '../actions/notices.js';
import { takeFile } from './drop.js';

/** Whether this page was opened by `mace gui`. */
export const isFromCommandLine = new URLSearchParams(location.search).has('given');

/** Opens them as if they were dropped, in their order. */
export async function openGiven(): Promise<void> {
  const names = (await (await fetch('./given')).json()) as readonly string[];
  for (const [index, name] of names.entries()) {
    const response = await fetch(`./given/${index}`);
    if (response.ok) await takeFile(new File([await response.arrayBuffer()], name));
    else notice('structure', 'error', `${name} cannot be read any more: ${await response.text()}`);
  }
}
