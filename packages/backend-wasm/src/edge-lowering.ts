/** Edge regions → kernels. */
import { edgeRegion, type EdgeWeights } from '@mace/core/backend';
import type { NodeOf } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { convolutionKernel, convolutionScratchBytes } from './kernels/convolution.js';
import { convolutionReverseKernel, reverseScratchNumbers } from './kernels/convolution-reverse.js';
import { fixed } from './kernels/size.js';
import type { Lanes } from './lanes.js';

/** Whether a call is a region that the kernels can do: whole vectors of channels. */
export function isEdgeKernel(node: NodeOf<'call'>, lanes: Lanes): boolean {
  const region = edgeRegion(node.attributes.body);
  return region !== null && region.channels % lanes.vector.lanes === 0;
}

export function lowerEdgeRegion(emitter: Emitter, node: NodeOf<'call'>, operands: readonly Value[]): Value {
  const region = edgeRegion(node.attributes.body)!;
  const siblings = emitter.siblingsOf(node);
  // All outputs have their place when the last one is reached: one kernel makes them together.
  if (siblings.at(-1) !== node) return emitter.value(node);
  const { lanes } = emitter.kernels;
  const at = (input: number): Place => emitter.place(operands[input]!);
  const weights = weightPlaces(emitter, region.weights, at);
  if (region.result.input === null) {
    const { map } = region.result;
    const scratch = emitter.room({ bytesPerEntry: convolutionScratchBytes(region, lanes.bytes), map: map.name });
    emitter.call(convolutionKernel(emitter.kernels, region), [
      at(region.x.input),
      emitter.map(region.x.map, 'values'),
      at(region.scalars.input),
      ...weights,
      emitter.map(map, 'offsets'),
      emitter.map(map, 'order'),
      scratch,
      emitter.place(node),
    ]);
    return emitter.value(node);
  }
  const outputs = siblings.map((sibling) => region.outputs[sibling.attributes.output]!);
  emitter.call(convolutionReverseKernel(emitter.kernels, region, outputs), [
    at(region.x.input),
    at(region.scalars.input),
    ...weights,
    at(region.result.input),
    emitter.map(region.result.map, 'values'),
    emitter.map(region.x.map, 'offsets'),
    emitter.map(region.x.map, 'order'),
    emitter.room(fixed(reverseScratchNumbers(region, lanes.vector.lanes))),
    ...siblings.map((sibling) => emitter.place(sibling)),
  ]);
  return emitter.value(node);
}

function weightPlaces(emitter: Emitter, weights: EdgeWeights, at: (input: number) => Place): Place[] {
  if (weights.kind === 'values') return [at(weights.input)];
  const { map } = weights.attributes;
  return [at(weights.distance), at(weights.knotData), ...(map ? [emitter.map(map, 'values')] : [])];
}
