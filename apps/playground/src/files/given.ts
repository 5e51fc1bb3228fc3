/** Files that `mace gui` was given: its server has them beside the page. */
import { notice } from '../actions/notices.js';
import { takeFile } from './drop.js';

/** Whether this page was opened by `mace gui`. */
export const isFromCommandLine = new URLSearchParams(location.search).has('given');

/** Opens them as if they were dropped, in their order. */
export async function openGiven(): Promise<void> {
  let name = 'what `mace gui` was given';
  try {
    const names = (await (await answered('./given')).json()) as readonly string[];
    for (const [index, one] of names.entries()) {
      name = one;
      await takeFile(new File([await (await answered(`./given/${index}`)).blob()], name));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notice('structure', 'error', `${name} cannot be read: ${why} Open files by hand, or start \`mace gui\` again.`);
  }
}

/** @throws Error with what the server says against it */
async function answered(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) throw new Error((await response.text()).slice(0, 300).trim());
  return response;
}
