/** Tables and pictures of observers that a run which went on does not have any more: they would look as if they were of now. */
import type { Member } from './member.js';

/** As `summary.json` has it. */
interface Observed {
  readonly tables?: readonly { readonly file?: unknown }[];
}

/**
 * Removes those that the last summary names, and pictures of the same names.
 * @param files - names of tables of now, which stay
 */
export async function removeOldTables(member: Member, files: readonly string[]): Promise<void> {
  for (const { tables = [] } of observedIn(await member.read('summary.json')))
    for (const { file } of tables) {
      const [, name] = /^([A-Za-z0-9.-]+)\.csv$/.exec(String(file)) ?? [];
      if (name === undefined || files.includes(`${name}.csv`)) continue;
      await member.remove(`${name}.csv`);
      await member.remove(`${name}.svg`);
    }
}

/** None where there is no summary that can be read. */
function observedIn(summary: string | null): readonly Observed[] {
  try {
    const { observed } = JSON.parse(summary ?? '{}') as { observed?: readonly Observed[] };
    return Array.isArray(observed) ? observed : [];
  } catch {
    return [];
  }
}
