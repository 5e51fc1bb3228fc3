/** For which structures of a batch tables of functions of distance hold. */
import type { Batch } from './batch.js';

/** For each structure of a batch, whether no two of its atoms are nearer than `shortest`, Å. */
export function fitsTables({ structures, edges: { vectors, receiver, graph } }: Batch, shortest: number): boolean[] {
  const fits = structures.map(() => true);
  for (let edge = 0; edge < receiver.values.length; edge++) {
    const [x, y, z] = [vectors[3 * edge]!, vectors[3 * edge + 1]!, vectors[3 * edge + 2]!];
    if (!(Math.sqrt(x * x + y * y + z * z) >= shortest)) fits[graph.values[receiver.values[edge]!]!] = false;
  }
  return fits;
}
