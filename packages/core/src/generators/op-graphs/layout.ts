/** Small graphs of ops that move or add up values, on numbers and on masks. */
import type { GraphBuilder, Node, OpName } from '../../ir/index.js';
import { graphOf, kept, pair, receiverSpecies, sender, senderSpecies, species } from '../index-maps.js';
import { opGraph, type OpGraph } from './make.js';

export const layoutGraphs: readonly OpGraph[] = [
  opGraph('sum', 'sum-inner', (b, i) => b.sum(b.exp(i('x', ['atoms', 2, 3])), [1])),
  opGraph('sum', 'sum-last', (b, i) => b.sum(b.exp(i('x', ['atoms', 2, 3])), [2])),
  opGraph('sum', 'sum-rows', (b, i) => b.sum(b.exp(i('x', ['atoms', 3])), [0])),
  opGraph('sum', 'sum-outer-and-last', (b, i) => b.sum(b.exp(i('x', ['atoms', 2, 3])), [0, 2])),
  opGraph('sum', 'sum-all', (b, i) => b.sum(b.exp(i('x', ['atoms', 2])), [0, 1])),
  opGraph('sum', 'sum-fixed', (b, i) => b.sum(b.exp(i('x', [4, 3])), [0])),
  opGraph('reshape', 'reshape-merge', (b, i) => b.exp(b.reshape(i('x', ['atoms', 2, 3]), ['atoms', 6]))),
  opGraph('reshape', 'reshape-split', (b, i) => b.exp(b.reshape(i('x', ['atoms', 12]), ['atoms', 2, 3, 2]))),
  opGraph('reshape', 'reshape-ones', (b, i) => b.exp(b.reshape(i('x', ['atoms', 1, 2]), [1, 'atoms', 2, 1]))),
  opGraph('transpose', 'transpose-2-axes', (b, i) => b.exp(b.transpose(i('x', ['atoms', 3]), [1, 0]))),
  opGraph('transpose', 'transpose-3-axes', (b, i) => b.exp(b.transpose(i('x', ['atoms', 2, 3]), [2, 0, 1]))),
  opGraph('transpose', 'transpose-inner', (b, i) => b.exp(b.transpose(i('x', ['atoms', 2, 3]), [0, 2, 1]))),
  opGraph('transpose', 'transpose-4-axes', (b, i) => b.exp(b.transpose(i('x', ['atoms', 2, 3, 4]), [3, 1, 0, 2]))),
  opGraph('broadcast', 'broadcast-rows', (b, i) => b.exp(b.broadcast(i('x', [1, 2, 1]), ['atoms', 2, 3]))),
  opGraph('broadcast', 'broadcast-inner', (b, i) => b.exp(b.broadcast(i('x', ['atoms', 1, 2]), ['atoms', 3, 2]))),
  opGraph('broadcast', 'broadcast-scalar', (b, i) => b.exp(b.broadcast(b.reshape(i('x', []), [1, 1]), ['atoms', 2]))),
  opGraph('slice', 'slice', (b, i) => b.exp(b.slice(i('x', ['atoms', 4]), 1, 1, 3))),
  opGraph('slice', 'slice-inner', (b, i) => b.exp(b.slice(i('x', ['atoms', 3, 2]), 1, 2, 3))),
  opGraph('slice', 'slice-first-axis', (b, i) => b.exp(b.slice(i('x', [4, 3]), 0, 1, 3))),
  opGraph('pad', 'pad', (b, i) => b.exp(b.pad(i('x', ['atoms', 2]), 1, 1, 2))),
  opGraph('pad', 'pad-inner', (b, i) => b.exp(b.pad(i('x', ['atoms', 2, 3]), 1, 2, 0))),
  opGraph('concat', 'concat', (b, i) =>
    b.exp(b.concat([i('x', ['atoms', 2]), i('z', ['atoms', 1]), i('x', ['atoms', 2])], 1)),
  ),
  opGraph('concat', 'concat-inner', (b, i) => b.exp(b.concat([i('x', ['atoms', 2, 3]), i('z', ['atoms', 1, 3])], 1))),
  opGraph('concat', 'concat-first-axis', (b, i) => b.exp(b.concat([i('x', [2, 3]), i('z', [1, 3])], 0))),
  opGraph('gather', 'gather', (b, i) => b.exp(b.gather(i('x', ['atoms', 2]), sender))),
  opGraph('gather', 'gather-numbers', (b, i) => b.exp(b.gather(i('x', ['graphs']), graphOf))),
  opGraph('gather', 'gather-matrices', (b, i) => b.exp(b.gather(i('x', [3, 2, 2]), species))),
  opGraph('gather', 'gather-composed', (b, i) => b.exp(b.gather(i('x', [3, 2]), senderSpecies))),
  opGraph('gather', 'gather-selected', (b, i) => b.exp(b.gather(i('x', [2, 2]), kept))),
  opGraph('gather', 'gather-pairs', (b, i) => b.exp(b.gather(i('x', [9, 2]), pair))),
  opGraph('segmentSum', 'segment-sum', (b, i) => b.segmentSum(b.exp(i('x', ['edges', 2])), sender)),
  opGraph('segmentSum', 'segment-sum-numbers', (b, i) => b.segmentSum(b.exp(i('x', ['atoms'])), graphOf)),
  opGraph('segmentSum', 'segment-sum-matrices', (b, i) => b.segmentSum(b.exp(i('x', ['edges', 2, 3])), sender)),
  // Element 1 never occurs, so its row is empty.
  opGraph('segmentSum', 'segment-sum-empty-target', (b, i) => b.segmentSum(b.exp(i('x', ['atoms', 2])), species)),
  opGraph('segmentSum', 'segment-sum-composed', (b, i) => b.segmentSum(b.exp(i('x', ['edges', 2])), receiverSpecies)),
  opGraph('segmentSum', 'segment-sum-selected', (b, i) => b.segmentSum(b.exp(i('x', ['atoms', 2])), kept)),
  opGraph('segmentSum', 'segment-sum-pairs', (b, i) => b.segmentSum(b.exp(i('x', ['edges', 2])), pair)),
  ofMask('slice', ['atoms', 4], (b, x) => b.slice(x, 1, 1, 3)),
  ofMask('concat', ['atoms', 2], (b, x) => b.concat([b.slice(x, 1, 1, 2), x], 1)),
  ofMask('reshape', ['atoms', 2, 3], (b, x) => b.reshape(x, ['atoms', 3, 2])),
  ofMask('transpose', ['atoms', 2, 3], (b, x) => b.transpose(x, [2, 0, 1])),
  ofMask('broadcast', ['atoms', 1, 2], (b, x) => b.broadcast(x, ['atoms', 3, 2])),
  ofMask('gather', ['atoms', 2], (b, x) => b.gather(x, sender)),
];

/**
 * The smaller of two inputs, moved: chosen by the moved mask from the moved inputs. A mask that is moved wrongly picks
 * the larger one somewhere; rounding does not matter, since both are equal where the mask switches.
 */
function ofMask(op: OpName, shape: readonly (number | 'atoms')[], move: (b: GraphBuilder, x: Node) => Node): OpGraph {
  return opGraph(op, `${op}-of-mask`, (b, i) => {
    const [x, z] = [i('x', shape), i('z', shape)];
    return b.select(move(b, b.less(x, z)), move(b, x), move(b, z));
  });
}
