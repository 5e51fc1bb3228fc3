/** Edge regions → kernels. */
import { edgeRegion, ownedBy, type EdgeRegion } from '@mace/core/backend';
import type { NodeOf } from '@mace/core/ir';
import type { Emitter, Place, Value } from './emitter.js';
import { convolutionKernel, convolutionScratchNumbers } from './kernels/convolution.js';
import { convolutionReverseKernel, reverseScratchNumbers } from './kernels/convolution-reverse.js';
import { tableShape } from './kernels/edge-form.js';
import { fixed } from './kernels/size.js';
import type { Lanes } from './lanes.js';
import { preparedTable } from './prepared-table.js';

/** Whether a call is a region that the kernels can do: whole vectors of channels. */
export function isEdgeKernel(node: NodeOf<'call'>, lanes: Lanes): boolean {
  const region = edgeRegion(node.attributes.body);
  return region !== null && region.channels % lanes.vector.lanes === 0;
}

export function lowerEdgeRegion(emitter: Emitter, node: NodeOf<'call'>, operands: readonly Value[]): Value {
  const region = ownedBy(edgeRegion(node.attributes.body)!, emitter.plan.owner);
  const siblings = emitter.siblingsOf(node);
  // All outputs have their place when the last one is reached: one kernel makes them together.
  if (siblings.at(-1) !== node) return emitter.value(node);
  const { lanes } = emitter.kernels;
  const at = (input: number): Place => emitter.place(operands[input]!);
  const weights = weightPlaces(emitter, region, operands);
  if (region.result.input === null) {
    const { map } = region.result;
    const scratch = emitter.room(fixed(convolutionScratchNumbers(region, lanes.bytes)));
    emitter.call(convolutionKernel(emitter.kernels, region), [
      ...(region.x ? [at(region.x.input), emitter.map(region.x.map, 'values')] : []),
      at(region.scalars.input),
      ...weights,
      emitter.map(map, 'offsets'),
      emitter.map(map, 'order'),
      scratch,
      emitter.place(node),
    ]);
    return emitter.value(node);
  }
  const { map } = region.result;
  const outputs = siblings.map((sibling) => region.outputs[sibling.attributes.output]!);
  const places = siblings.map((sibling, i) =>
    outputs[i] === 'x' ? emitter.scattered(sibling) : emitter.place(sibling),
  );
  emitter.call(convolutionReverseKernel(emitter.kernels, region, outputs), [
    ...(region.x ? [at(region.x.input), emitter.map(region.x.map, 'values'), emitter.scatteredRows(region.x.map)] : []),
    at(region.scalars.input),
    ...weights,
    at(region.result.input),
    emitter.map(map, 'offsets'),
    emitter.map(map, 'order'),
    emitter.room(fixed(reverseScratchNumbers(region, lanes))),
    ...places,
  ]);
  return emitter.value(node);
}

function weightPlaces(emitter: Emitter, region: EdgeRegion, operands: readonly Value[]): Place[] {
  const { weights } = region;
  if (weights.kind === 'values') return [emitter.place(operands[weights.input]!)];
  const { map, groups } = weights.attributes;
  return [
    emitter.place(operands[weights.distance]!),
    preparedTable(emitter, tableShape(region)!, groups, operands[weights.pieces]!),
    ...(map ? [emitter.map(map, 'values')] : []),
  ];
}
