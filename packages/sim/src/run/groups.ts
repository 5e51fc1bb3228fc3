/** The structures of an input as groups that move together, read as they are needed. */
import type { Structure } from '@mace/core/structure';

export interface StructureGroup {
  readonly structures: readonly { readonly index: number; readonly structure: Structure }[];
  /** What stood among them, or before them, in the place of a structure. */
  readonly refused: readonly { readonly index: number; readonly error: Error }[];
  /** Whether it is a single structure, and the whole input. */
  readonly isOnly: boolean;
}

export interface GroupingOptions {
  /** A group ends when it has so many atoms. */
  readonly batchAtoms: number;
  readonly shard?: { readonly part: number; readonly parts: number } | undefined;
}

/** Small structures are many before they have many atoms, and each has files that are open. */
const mostStructures = 64;

export async function* groupsOf(
  structures: Iterable<Structure | Error> | AsyncIterable<Structure | Error>,
  { batchAtoms, shard = { part: 0, parts: 1 } }: GroupingOptions,
): AsyncGenerator<StructureGroup, void, undefined> {
  let group: { index: number; structure: Structure }[] = [];
  let refused: { index: number; error: Error }[] = [];
  let atoms = 0;
  let index = -1;
  let isFirst = shard.parts === 1;
  for await (const structure of structures) {
    if (++index % shard.parts !== shard.part) continue;
    if (structure instanceof Error) {
      refused.push({ index, error: structure });
      isFirst = false;
      continue;
    }
    if (group.length === mostStructures || (group.length > 0 && atoms + structure.numbers.length > batchAtoms)) {
      yield { structures: group, refused, isOnly: false };
      isFirst = false;
      group = [];
      refused = [];
      atoms = 0;
    }
    group.push({ index, structure });
    atoms += structure.numbers.length;
  }
  if (group.length + refused.length > 0) yield { structures: group, refused, isOnly: isFirst && group.length === 1 };
}
