/** Which functions of distance end: only they may become tables, which are nothing from the cutoff on. */
import { rewrite, simplify, uniformValue, type Graph } from '../ir/index.js';

/**
 * Whether a graph of one distance is exactly 0 from `cutoff` on, in every precision: where comparisons of the distance with the
 * cutoff, or with less, are false, all of it comes to 0. What that takes is found by simplifying, so it depends on no weights.
 */
export function isZeroBeyond(body: Graph, cutoff: number): boolean {
  const beyond = rewrite(body, (_build, node, operands) => {
    if (node.op !== 'select' || node.operands[0].op !== 'less') return null;
    const [distance, end] = node.operands[0].operands;
    return distance === body.inputs[0] && (uniformValue(end) ?? Infinity) <= cutoff ? operands[2]! : null;
  });
  return Object.values(simplify(beyond).outputs).every((value) => uniformValue(value) === 0);
}
