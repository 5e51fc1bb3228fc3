/** The neighbors that a backend finds itself, where it has them: the same edges as those of core, in any order. */
import type { NeighborEdges } from '@mace/core/backend';
import { tinyStructure } from '@mace/core/generators';
import { findNeighbors, type NeighborList, type Structure } from '@mace/core/structure';
import { structures, unwrapped } from '../../structures.js';
import type { Subject } from '../../subject.js';
import type { Check, Finding } from './check.js';

/** Å. Pairs as close as this to the cutoff may be found or not: the bits of the distance decide. */
const tolerances = { f64: 1e-9, f32: 1e-4 } as const;
const cutoff = 4;

export const neighborChecks: Readonly<Record<string, Check>> = {
  'neighbors/molecule': (subject) => sameEdges(subject, structures.chiral!),
  // Skewed, and each atom in another image of the cell.
  'neighbors/triclinic-crystal': (subject) => sameEdges(subject, unwrapped(structures['rock-salt']!)),
  'neighbors/one-atom-cell': (subject) => sameEdges(subject, structures.metal!),
  // Thin along the direction that is not periodic: images there would be near enough.
  'neighbors/slab': (subject) => sameEdges(subject, tinyStructure('slab')),
  'neighbors/skin': (subject) => sameEdges(subject, structures.wire!, 0.7),
};

async function sameEdges(subject: Subject, structure: Structure, skin?: number): Promise<Finding> {
  const backend = await subject.backend();
  if (!backend.neighbors) return { unavailable: 'the backend finds no neighbors.' };
  const { positions, cell, pbc } = structure;
  const found = await backend.neighbors({ positions, cell, pbc, cutoff, ...(skin !== undefined && { skin }) });
  const tolerance = tolerances[subject.precision];
  const reach = cutoff + (skin ?? 0);
  return compare(findNeighbors(structure, reach + tolerance), found, reach - tolerance, tolerance);
}

/** Every edge shorter than `certain` is found once, nothing is found that is not wanted, vectors agree. */
function compare(wanted: NeighborList, found: NeighborEdges, certain: number, tolerance: number): readonly string[] {
  const count = found.sender.length;
  if (found.receiver.length !== count || found.shifts.length !== 3 * count || found.vectors.length !== 3 * count)
    return [
      `${count} senders, ${found.receiver.length} receivers, ${found.shifts.length} shifts, ${found.vectors.length} components of vectors; expected n, n, 3 n, 3 n.`,
    ];
  const edges = new Map(Array.from(wanted.sender, (_, e): [string, number] => [keyOf(wanted, e), e]));
  const seen = new Set<string>();
  const problems = new Map<string, string>();
  const note = (kind: string, message: string): unknown => problems.has(kind) || problems.set(kind, message);
  for (let e = 0; e < count; e++) {
    const key = keyOf(found, e);
    const own = edges.get(key);
    if (seen.has(key)) note('twice', `edge ${key} is listed twice.`);
    seen.add(key);
    if (own === undefined) {
      note('extra', `edge ${key} is listed; ${said}, and those within ${certain.toFixed(3)} Å are ${edges.size}.`);
      continue;
    }
    for (let k = 0; k < 3; k++) {
      const [x, y] = [wanted.vectors[3 * own + k]!, found.vectors[3 * e + k]!];
      if (!(Math.abs(x - y) <= tolerance))
        note(
          'vector',
          `edge ${key}: component ${k} of its vector is ${y}; expected ${x}. It is x_receiver − x_sender + shift·cell.`,
        );
    }
  }
  for (const [key, e] of edges) {
    const length = Math.hypot(...wanted.vectors.subarray(3 * e, 3 * e + 3));
    if (length < certain && !seen.has(key))
      note('missing', `edge ${key} of ${length.toFixed(3)} Å is missing; ${said}, images of an atom itself included.`);
  }
  return [...problems.values()];
}

const said = 'expected every ordered pair of atoms and images closer than cutoff + skin';

function keyOf({ sender, receiver, shifts }: Omit<NeighborEdges, 'vectors'>, edge: number): string {
  // + 0 turns a negative zero, which some engines give, into zero.
  const shift = [0, 1, 2].map((k) => shifts[3 * edge + k]! + 0);
  return `${sender[edge]} → ${receiver[edge]} shift [${shift.join(' ')}]`;
}
