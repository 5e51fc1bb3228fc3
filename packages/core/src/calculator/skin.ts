/** How far lists reach beyond the cutoff. */
import type { RunOutputs } from '../backend/index.js';
import { StructureError } from '../errors.js';
import type { Observable } from '../model/index.js';
import { makeStructure, type Structure } from '../structure/index.js';
import type { SystemHost } from './system-host.js';

/** Å. Tables end at the cutoff, so that edges beyond it cost little; without them they cost as much as others. */
const usualSkin = { withTables: 0.5, without: 0.2 };

/** @throws StructureError */
export function skinOf(given: number | undefined, tables: boolean): number {
  const usual = tables ? usualSkin.withTables : usualSkin.without;
  const skin = given ?? usual;
  if (!(skin >= 0 && Number.isFinite(skin)))
    throw new StructureError(`bind: a skin of ${skin} Å. Give a number from 0 on; ${usual} is usual.`);
  return skin;
}

/**
 * Whether edges beyond the cutoff add nothing, which is not so for every model: the weights of attention, for instance, follow from
 * the atoms at both ends too. Seen in a pair of each two elements, with its edges and without.
 */
export async function endsAtCutoff(
  host: SystemHost,
  structures: readonly Structure[],
  skin: number,
  wanted: readonly Observable[],
): Promise<boolean> {
  const elements = [...new Set(structures.flatMap(({ numbers }) => [...numbers]))];
  const distance = host.graphs.model.config.cutoff + skin / 2;
  const pairs = elements.flatMap((a, i) =>
    elements.slice(i).map((b) => makeStructure({ numbers: [a, b], positions: [0, 0, 0, distance, 0, 0] })),
  );
  const found: RunOutputs[] = [];
  for (const reach of [skin, 0]) {
    const batch = await host.batch(pairs, { skin: reach });
    const run = await host.bind(
      wanted,
      batch,
      pairs.map(() => host.graphs.tablesFrom !== null),
    );
    try {
      found.push(await run.run());
    } finally {
      run.dispose();
    }
  }
  const [withEdges, without] = found;
  return Object.entries(without!).every(([name, values]) =>
    values.every((value: number, i: number) => value === withEdges![name]![i]),
  );
}
