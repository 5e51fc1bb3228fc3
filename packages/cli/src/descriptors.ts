/** Descriptors cut as mace-torch cuts them: the first layers, all features or the invariant ones (spec 7.4). */
import { descriptorLayers, type MaceModel, type Result } from '@mace/core';

export function cutDescriptors(
  model: MaceModel,
  result: Result,
  layers: number,
  invariantsOnly: boolean,
): { values: Float64Array; width: number } {
  const all = descriptorLayers(model);
  const kept = layers < 0 ? all : all.slice(0, layers);
  const ranges: [from: number, to: number][] = [];
  let start = 0;
  for (const layer of kept) {
    ranges.push([start, start + (invariantsOnly ? layer.invariants : layer.size)]);
    start += layer.size;
  }
  const width = ranges.reduce((n, [from, to]) => n + to - from, 0);
  const values = new Float64Array(result.atoms * width);
  for (let i = 0; i < result.atoms; i++) {
    let at = i * width;
    for (const [from, to] of ranges) {
      values.set(result.descriptors!.subarray(i * result.descriptorSize! + from, i * result.descriptorSize! + to), at);
      at += to - from;
    }
  }
  return { values, width };
}
