/**
 * Which target rows the maps of a graph may hit, so that every derived map has a value in every row.
 *
 * Only `select` forbids rows: what it does not keep has no value. The restriction moves down the derivation to the maps
 * that a run brings.
 */
import type { Graph, IndexMap } from '../ir/index.js';

/** The maps of a graph that are not derived, each once. */
export function baseMaps(graph: Graph): IndexMap[] {
  const found = new Map<string, IndexMap>();
  for (const map of withSources(graph.maps)) if (!map.derivation) found.set(map.name, map);
  return [...found.values()];
}

/** Targets by name of the map, ascending; a map that is absent may hit all. */
export function allowedTargets(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const allowed = new Map<string, readonly number[]>();
  for (const { derivation } of withSources(graph.maps)) {
    if (derivation?.kind === 'select') restrict(allowed, derivation.first, derivation.keep);
  }
  return allowed;
}

function withSources(maps: readonly IndexMap[]): IndexMap[] {
  return maps.flatMap((map) => {
    const { derivation } = map;
    if (!derivation) return [map];
    const sources = derivation.kind === 'select' ? [derivation.first] : [derivation.first, derivation.second];
    return [...withSources(sources), map];
  });
}

function restrict(allowed: Map<string, readonly number[]>, map: IndexMap, targets: readonly number[]): void {
  const { derivation } = map;
  switch (derivation?.kind) {
    case undefined: {
      const known = allowed.get(map.name) ?? targets;
      allowed.set(
        map.name,
        [...new Set(targets)].filter((target) => known.includes(target)).sort((a, b) => a - b),
      );
      return;
    }
    case 'select':
      return restrict(
        allowed,
        derivation.first,
        targets.map((position) => derivation.keep[position]!),
      );
    case 'compose':
      return restrict(allowed, derivation.second, targets);
    case 'pair': {
      const [firsts, seconds] = combinations(targets, derivation.second.to as number);
      restrict(allowed, derivation.first, firsts);
      restrict(allowed, derivation.second, seconds);
    }
  }
}

/**
 * Firsts and seconds whose every combination is in `codes` (first · width + second): the same rows for both where there
 * are any, because both ends of an edge often come from one map; one combination otherwise.
 */
function combinations(codes: readonly number[], width: number): readonly [number[], number[]] {
  const known = new Set(codes);
  const rows: number[] = [];
  for (const code of codes) {
    const row = Math.floor(code / width);
    if (code % width !== row) continue;
    if (rows.every((other) => known.has(row * width + other) && known.has(other * width + row))) rows.push(row);
  }
  if (rows.length > 0) return [rows, rows];
  const some = codes.slice(0, 1);
  return [some.map((code) => Math.floor(code / width)), some.map((code) => code % width)];
}
