/** Atoms so near that something is wrong: a site listed twice, fractional coordinates taken for Å, a wrong unit. */
import type { Batch } from './batch.js';

/** Å; the shortest bond, that of H2, is 0.74 Å long. */
const nearest = 0.3;

/**
 * For each structure of a batch a warning that names its two nearest atoms, or null where none are nearer than 0.3 Å.
 * @param shortest - square of the shortest edge of each structure, Å²
 */
export function nearAtoms({ structures, orders, edges }: Batch, shortest: Float64Array): (string | null)[] {
  if (shortest.every((squared) => squared >= nearest ** 2)) return structures.map(() => null);
  const { vectors, sender, receiver, graph } = edges;
  const found = structures.map(() => ({ distance: nearest, edge: -1 }));
  for (let edge = 0; edge < receiver.values.length; edge++) {
    const [x, y, z] = [vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!];
    const distance = Math.sqrt(x * x + y * y + z * z);
    if (distance >= nearest) continue;
    const pair = found[graph.values[receiver.values[edge]!]!]!;
    if (distance < pair.distance) Object.assign(pair, { distance, edge });
  }
  return found.map(({ distance, edge }, g) => {
    if (edge < 0) return null;
    const first = graph.offsets[g]!;
    const [i, j] = [sender, receiver].map(({ values }) => orders[g]![values[edge]! - first]!).sort((a, b) => a - b);
    const who = i === j ? `atom ${i} and its own image` : `atoms ${i} and ${j}`;
    return `${who} are ${distance < 0.001 ? distance.toExponential(1) : distance.toFixed(3)} Å apart, nearer than any bond; check positions, cell and units`;
  });
}
