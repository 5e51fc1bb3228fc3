/**
 * Structures in groups of few elements, so that one plan serves many of them: a calculator plans anew with each new set
 * of elements.
 */
import type { Structure } from '@mace/core/structure';

/** Indices of the structures of each group; together all of them, each once. Groups of many structures come first. */
export function elementGroups(structures: readonly Structure[], mostElements: number): number[][] {
  const elements = structures.map(({ numbers }) => new Set(numbers));
  const left = new Set(structures.keys());
  const groups: number[][] = [];
  while (left.size > 0) {
    const together = new Set<number>();
    const group: number[] = [];
    const added = (i: number): number => [...elements[i]!].filter((z) => !together.has(z)).length;
    for (;;) {
      const allowed = [...left].filter((i) => group.length === 0 || together.size + added(i) <= mostElements);
      if (allowed.length === 0) break;
      const next = allowed.reduce((best, i) => (added(i) < added(best) ? i : best));
      for (const z of elements[next]!) together.add(z);
      left.delete(next);
      group.push(next);
    }
    groups.push(group);
  }
  return groups.sort((a, b) => b.length - a.length);
}
