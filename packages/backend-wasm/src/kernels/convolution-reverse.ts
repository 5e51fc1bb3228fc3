/**
 * The reverse of a convolution over edges, owned by the receiver, whose cotangent stays in the innermost cache while its edges
 * are walked. Per edge it adds to the derivative of the sender's row, and leaves the derivatives by scalars and by weights, or,
 * through a table, by distance.
 */
import type { EdgeDerivative, EdgeRegion } from '@mace/core/backend';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import { lineBytes, type Lanes } from '../lanes.js';
import type { Kernel } from './copy.js';
import { edgeEntries, edgesOf, forEach, tableShape, writeCoefficients, type EdgeEntry } from './edge-form.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { sizeOfDims } from './size.js';
import { horizontalSum } from './sum.js';
import { blockNumbers, columnOf, interpolated, isBeyond, pieceOf, weightsOf, type TableShape } from './table.js';
import { forEachSet, mostEntries, weightSets } from './weight-sets.js';

/** Vectors of channels in one turn of a loop. */
const mostAbreast = 2;

/** Numbers of scratch room. */
export function reverseScratchNumbers(region: EdgeRegion, { vector, bytes }: Lanes): number {
  const { lanes } = vector;
  const sets = weightSets(region, bytes);
  const entries = mostEntries(sets);
  const tabulated = region.weights.kind === 'table' ? 2 * sets[0]!.count * region.channels : 0;
  return roundUp(entries, lanes) + entries * lanes + tabulated;
}

/**
 * Takes the addresses [(x, values of its map, rows of its derivative, if there is x), scalars, (weights | distance, pieces, values of
 * the map of the table if any), cotangent, offsets, order, scratch, a result for each of `outputs`]. A unit is a row of the
 * cotangent. The derivative by x is added to what is there, at the row that `rows of its derivative` gives for an edge.
 */
export function convolutionReverseKernel(
  set: KernelSet,
  region: EdgeRegion,
  outputs: readonly EdgeDerivative[],
): Kernel {
  const table = tableShape(region);
  const { channels, scalars, weights, result } = region;
  const entries = edgeEntries(region);
  const pointers = (region.x ? 8 : 5) + (table ? (table.mapped ? 3 : 2) : 1) + outputs.length;
  const sizes = [
    channels,
    weights.components,
    region.x?.components ?? null,
    result.components,
    scalars.components,
    weightSets(region, set.lanes.bytes).length,
  ];
  const key = `convolutionReverse ${JSON.stringify([entries, table, sizes, outputs])}`;
  const name = set.kernel(key, pointers, (code) => {
    const { f, lanes } = code;
    const { vector, bytes } = lanes;
    const rowBytes = channels * bytes;
    const given = [...code.pointers];
    const results = given.splice(-outputs.length);
    const [offsets, order, scratch] = given.splice(-3) as [Local, Local, Local];
    const cotangents = given.pop()!;
    const [x, senders, derivativeRows] = region.x ? given.splice(0, 3) : [];
    const [scalarRows, first, second, third] = given as [Local, Local, Local, Local];
    const outputAt = (kind: EdgeDerivative): Local | undefined => results[outputs.indexOf(kind)];
    const sets = weightSets(region, bytes);
    const most = mostEntries(sets);
    const products = f.keep(i32.add(scratch, i32.of(roundUp(most, vector.lanes) * bytes)));
    const values = f.keep(i32.add(products, i32.of(most * 16)));
    const [dScalars, dDistance, dWeightRows] = (['scalars', 'distance', 'weights'] as const).map(outputAt);
    const rowOf = (rows: Local, number: Expression, rowLength: number): Local =>
      f.keep(i32.add(rows, i32.mul(number, i32.of(rowLength))));
    const nothing = (): void => {};
    forEachSet(code, sets, nothing, (set, row, isFirst) => {
      const own = set.entries;
      const setBytes = set.count * rowBytes;
      const weightAt = set.first * rowBytes;
      const cotangent = rowOf(cotangents, row, result.components * rowBytes);
      const { first: firstEdge, last: lastEdge } = edgesOf(code, offsets, order, row);
      const derive = (edge: Local): void => {
        writeCoefficients(code, own, rowOf(scalarRows, edge, scalars.components * bytes), scratch);
        const ofSender = (rows: Local | undefined, numbers: Local | undefined): Local | undefined =>
          rows && rowOf(rows, i32.load(wordOf(numbers!, edge)), region.x!.components * rowBytes);
        if (table) {
          const { piece, x: position } = pieceOf(code, table, first, second, third, edge);
          writeTable(code, table, piece, position, values, weightAt, setBytes);
        }
        const slope = f.local('v128', vector.of(0));
        const edgeDWeights = dWeightRows && rowOf(dWeightRows, edge, weights.components * rowBytes);
        const places = {
          coefficients: scratch,
          products: dScalars && products,
          own: ofSender(x, senders),
          ownDerivative: ofSender(outputAt('x'), derivativeRows),
          cotangent,
          weights: table
            ? values
            : f.keep(i32.add(rowOf(first, edge, weights.components * rowBytes), i32.of(weightAt))),
          slopes: table ? { values: f.keep(i32.add(values, i32.of(setBytes))), total: slope } : undefined,
        };
        const dWeights = edgeDWeights && f.keep(i32.add(edgeDWeights, i32.of(weightAt)));
        if (dWeights && new Set(own.map(({ weight }) => weight)).size < set.count) f.clear(dWeights, i32.of(setBytes));
        let last = -1;
        for (const group of groups(own)) {
          const { weight } = group[0]!;
          const add = weight === last;
          reverseGroup(code, group, rowBytes, (weight - set.first) * rowBytes, {
            ...places,
            dWeights: dWeights && { address: dWeights, add },
          });
          last = weight;
        }
        const gather = (to: Expression, at: number, sum: Expression): void =>
          f.store(to, isFirst ? sum : lanes.single.add(lanes.single.load(to, at), sum), at);
        if (dScalars) {
          const to = rowOf(dScalars, edge, scalars.components * bytes);
          for (let scalar = 0; scalar < scalars.components; scalar++) {
            const terms = own.flatMap(({ number, terms }) =>
              terms.filter((term) => term.scalar === scalar).map(({ coefficient }) => ({ number, coefficient })),
            );
            if (terms.length === 0 && !isFirst) continue;
            const total = f.local('v128', vector.of(0));
            for (const { number, coefficient } of terms)
              f.assign(total, vector.multiplyAdd(vector.of(coefficient), vector.load(products, number * 16), total));
            gather(to, scalar * bytes, horizontalSum(lanes, total));
          }
        }
        if (dDistance) gather(rowOf(dDistance, edge, bytes), 0, horizontalSum(lanes, slope));
      };
      // An edge of the skin of a list has derivatives of zero.
      const skip = (edge: Local): void => {
        if (!isFirst) return;
        if (dScalars) f.clear(rowOf(dScalars, edge, scalars.components * bytes), i32.of(scalars.components * bytes));
        if (dDistance) f.store(rowOf(dDistance, edge, bytes), lanes.single.of(0));
      };
      forEach(code, firstEdge, lastEdge, (edge) => {
        if (table) {
          f.if(
            isBeyond(code, table, first, edge),
            () => skip(edge),
            () => derive(edge),
          );
        } else derive(edge);
      });
    });
  });
  return { name, units: sizeOfDims([result.map.to]) };
}

/** Values and slopes at one distance of `length` bytes of functions from byte `from` on, one list after the other. */
function writeTable(
  code: KernelCode,
  table: TableShape,
  piece: Local,
  x: Local,
  to: Local,
  from: number,
  length: number,
): void {
  const { f, end } = code;
  const { vector, splat } = code.lanes;
  const wanted = ([0, 1] as const).map((order) => ({
    order,
    weights: weightsOf(code, table, order, x).map((weight) => f.keep(splat(weight))),
  }));
  const offset = f.local('i32');
  const step = blockNumbers(code.lanes, table) === table.functions ? 16 : lineBytes;
  const start = f.keep(i32.sub(to, i32.of(from)));
  f.loop(offset, i32.of(from), i32.of(from + length), step, () => {
    const column = columnOf(code, table, piece, offset);
    const target = f.keep(i32.add(start, offset));
    for (let at = 0; at < step; at += 16)
      f.apart(end, () =>
        interpolated(code, vector, table, wanted, column, at).forEach((value, order) =>
          f.store(target, value, at + order * length),
        ),
      );
  });
}

interface Places {
  readonly coefficients: Expression;
  /** Where what the derivative by scalars needs goes. */
  readonly products: Expression | undefined;
  /** The row of x; without one the form has none. */
  readonly own: Expression | undefined;
  readonly ownDerivative: Expression | undefined;
  readonly cotangent: Expression;
  readonly weights: Expression;
  readonly slopes: { readonly values: Expression; readonly total: Local } | undefined;
  readonly dWeights: { readonly address: Expression; readonly add: boolean } | undefined;
}

/** All that entries of one weight and one component of x contribute, over all channels. */
function reverseGroup(
  { f, lanes: { vector, bytes }, end }: KernelCode,
  group: readonly EdgeEntry[],
  rowBytes: number,
  weightRow: number,
  { coefficients, products, own, ownDerivative, cotangent, weights, slopes, dWeights }: Places,
): void {
  const { x } = group[0]!;
  const factors = group.map(({ number }) => f.keep(vector.loadSplat(coefficients, number * bytes)));
  const sums = products && group.map(() => f.local('v128', vector.of(0)));
  const at = f.local('i32');
  const abreast = rowBytes % (16 * mostAbreast) === 0 ? mostAbreast : 1;
  f.loop(at, i32.of(0), i32.of(rowBytes), 16 * abreast, () => {
    const moved = (address: Expression): Expression => f.keep(i32.add(address, at));
    const [cotangentAt, weightsAt] = [moved(cotangent), moved(weights)];
    const ownAt = own && moved(own);
    const ownDerivativeAt = ownDerivative && moved(ownDerivative);
    const slopesAt = slopes && moved(slopes.values);
    const dWeightsAt = dWeights && moved(dWeights.address);
    const vectorAt = (offset: number): void => {
      const xAt = x * rowBytes + offset;
      const weightAt = weightRow + offset;
      const cotangents = group.map(({ result }) => f.keep(vector.load(cotangentAt, result * rowBytes + offset)));
      const value = ownAt && (sums || slopes || dWeightsAt) && f.keep(vector.load(ownAt, xAt));
      const scale = (sums || ownDerivativeAt) && f.keep(vector.load(weightsAt, weightAt));
      const inner = f.keep(vector.mul(factors[0]!, cotangents[0]!));
      for (let i = 1; i < group.length; i++) f.assign(inner, vector.multiplyAdd(factors[i]!, cotangents[i]!, inner));
      if (ownDerivativeAt)
        f.store(ownDerivativeAt, vector.multiplyAdd(scale!, inner, vector.load(ownDerivativeAt, xAt)), xAt);
      if (slopes) {
        const slope = vector.load(slopesAt!, weightAt);
        f.assign(slopes.total, vector.multiplyAdd(value ? vector.mul(slope, value) : slope, inner, slopes.total));
      }
      if (dWeightsAt) {
        const before = vector.load(dWeightsAt, weightAt);
        const own = value ? vector.mul(value, inner) : inner;
        const sum = !dWeights.add ? own : value ? vector.multiplyAdd(value, inner, before) : vector.add(before, inner);
        f.store(dWeightsAt, sum, weightAt);
      }
      if (!sums) return;
      const product = value ? f.keep(vector.mul(scale!, value)) : scale!;
      sums.forEach((sum, i) => f.assign(sum, vector.multiplyAdd(product, cotangents[i]!, sum)));
    };
    for (let offset = 0; offset < 16 * abreast; offset += 16) f.apart(end, () => vectorAt(offset));
  });
  sums?.forEach((sum, i) => f.store(products!, sum, group[i]!.number * 16));
}

/** Entries of one weight and one component of x. */
function groups(entries: readonly EdgeEntry[]): EdgeEntry[][] {
  const found = new Map<string, EdgeEntry[]>();
  for (const entry of entries) {
    const key = `${entry.weight} ${entry.x}`;
    found.set(key, [...(found.get(key) ?? []), entry]);
  }
  return [...found.values()];
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
