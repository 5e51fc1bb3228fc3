/** Which atoms are bonded, and through which images of a cell. */
import { covalentRadii, findNeighbors, type Structure } from '@mace/core/structure';

/**
 * Bonds of every hydrogen to the heavier atom that is nearest, or where there is none, to another hydrogen: nearer than 1.25 times the sum
 * of their covalent radii.
 */
export function bondsToHydrogen(structure: Structure): [number, number][] {
  const { numbers } = structure;
  const reach = (i: number, j: number): number => 1.25 * (covalentRadii[numbers[i]!]! + covalentRadii[numbers[j]!]!);
  const hydrogens = [...numbers.keys()].filter((atom) => numbers[atom] === 1);
  if (hydrogens.length === 0) return [];
  const farthest = Math.max(...Array.from(new Set(numbers), (z) => covalentRadii[z]!));
  const { sender, receiver, vectors } = findNeighbors(structure, 1.25 * (covalentRadii[1]! + farthest));
  const best = new Map<number, { other: number; distance: number }>();
  receiver.forEach((hydrogen, edge) => {
    const other = sender[edge]!;
    if (numbers[hydrogen] !== 1 || other === hydrogen) return;
    const distance = Math.hypot(vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!);
    if (distance >= reach(hydrogen, other)) return;
    const now = best.get(hydrogen);
    const isBetter = (than: number): boolean =>
      (numbers[other] === 1) === (numbers[than] === 1) ? distance < now!.distance : numbers[other] !== 1;
    if (!now || isBetter(now.other)) best.set(hydrogen, { other, distance });
  });
  const pairs: [number, number][] = [];
  for (const hydrogen of hydrogens) {
    const other = best.get(hydrogen)?.other;
    if (other === undefined) continue;
    // Two hydrogens: once, and only where each is the other's.
    if (numbers[other] === 1 && (best.get(other)?.other !== hydrogen || other > hydrogen)) continue;
    pairs.push([other, hydrogen]);
  }
  return pairs;
}

/** The translation of atom j that brings it nearest to atom i. */
export function nearestImage(
  structure: Structure,
  i: number,
  j: number,
): { readonly translation: number[]; readonly distance: number } {
  const { positions, cell, pbc, numbers } = structure;
  const bare = [0, 1, 2].map((k) => positions[3 * j + k]! - positions[3 * i + k]!);
  if (!cell || !pbc.some(Boolean)) return { translation: [0, 0, 0], distance: Math.hypot(...bare) };
  const two = {
    ...structure,
    numbers: Int32Array.of(numbers[i]!, numbers[j]!),
    positions: Float64Array.of(...positions.subarray(3 * i, 3 * i + 3), ...positions.subarray(3 * j, 3 * j + 3)),
    arrays: {},
  };
  // Grows until an image is found; bonds are short.
  for (let reach = 3; ; reach *= 2) {
    const { sender, receiver, shifts, vectors } = findNeighbors(two, reach);
    let best: { translation: number[]; distance: number } | undefined;
    receiver.forEach((to, edge) => {
      if (to !== 1 || sender[edge] !== 0) return;
      const distance = Math.hypot(vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!);
      if (!best || distance < best.distance)
        best = { translation: [...shifts.subarray(3 * edge, 3 * edge + 3)], distance };
    });
    if (best) return best;
  }
}
