/** What a person types here: in a clone nothing called `mace` is on the search path, and packages come with the set-up. */
import { existsSync } from 'node:fs';

/** Whether this is the command line of a clone, not one that is installed. */
export const inClone = existsSync(new URL('../../../pnpm-workspace.yaml', import.meta.url));

/** A text whose commands, which stand in it as `mace …`, can be typed here. */
export function typed(text: string, clone = inClone): string {
  return clone ? text.replaceAll(/`mace (?=[a-z-])/g, '`npm run mace -- ') : text;
}

/** How to get packages that are missing. */
export function installation(packages: string, clone = inClone): string {
  return `Install it: ${clone ? 'npm run setup' : `npm install ${packages}`}.`;
}
