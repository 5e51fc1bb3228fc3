/**
 * The reverse of a convolution over edges, owned by the receiver, whose cotangent stays in the innermost cache while its edges
 * are walked. Per edge it adds to the derivative of the sender's row, and leaves the derivatives by scalars and by weights, or,
 * through a table, by distance.
 */
import type { EdgeDerivative, EdgeRegion } from '@mace/core/backend';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Kernel } from './copy.js';
import { edgeEntries, edgesOf, forEach, tableShape, writeCoefficients, type EdgeEntry } from './edge-form.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { sizeOfDims } from './size.js';
import { horizontalSum } from './sum.js';
import { blockNumbers, columnOf, interpolated, pieceOf, weightsOf, type TableShape } from './table.js';
import { lineBytes } from '../lanes.js';

/** Vectors of channels in one turn of a loop. */
const mostAbreast = 2;

/** Numbers of scratch room. */
export function reverseScratchNumbers(region: EdgeRegion, lanes: number): number {
  const entries = edgeEntries(region).length;
  const tabulated = region.weights.kind === 'table' ? 2 * region.weights.components * region.channels : 0;
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
  const sizes = [channels, weights.components, region.x?.components ?? null, result.components, scalars.components];
  const key = `convolutionReverse ${JSON.stringify([entries, table, sizes, outputs])}`;
  const name = set.kernel(key, pointers, (code) => {
    const { f, lanes, begin, end } = code;
    const { vector, bytes } = lanes;
    const rowBytes = channels * bytes;
    const given = [...code.pointers];
    const results = given.splice(-outputs.length);
    const [offsets, order, scratch] = given.splice(-3) as [Local, Local, Local];
    const cotangents = given.pop()!;
    const [x, senders, derivativeRows] = region.x ? given.splice(0, 3) : [];
    const [scalarRows, first, second, third] = given as [Local, Local, Local, Local];
    const outputAt = (kind: EdgeDerivative): Local | undefined => results[outputs.indexOf(kind)];
    const products = f.keep(i32.add(scratch, i32.of(roundUp(entries.length, vector.lanes) * bytes)));
    const values = f.keep(i32.add(products, i32.of(entries.length * 16)));
    const tableBytes = weights.components * rowBytes;
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const cotangent = f.keep(i32.add(cotangents, i32.mul(row, i32.of(result.components * rowBytes))));
      const { first: firstEdge, last: lastEdge } = edgesOf(code, offsets, order, row);
      forEach(code, firstEdge, lastEdge, (edge) => {
        writeCoefficients(
          code,
          entries,
          f.keep(i32.add(scalarRows, i32.mul(edge, i32.of(scalars.components * bytes)))),
          scratch,
        );
        const rowOf = (rows: Local | undefined, numbers: Local | undefined): Local | undefined =>
          rows &&
          f.keep(i32.add(rows, i32.mul(i32.load(wordOf(numbers!, edge)), i32.of(region.x!.components * rowBytes))));
        const own = rowOf(x, senders);
        const ownDerivative = rowOf(outputAt('x'), derivativeRows);
        const edgeWeights = table
          ? values
          : f.keep(i32.add(first, i32.mul(edge, i32.of(weights.components * rowBytes))));
        if (table) {
          const { piece, x } = pieceOf(code, table, first, second, third, edge);
          writeTable(code, table, piece, x, values, tableBytes);
        }
        const slope = f.local('v128', vector.of(0));
        const dWeights = outputAt('weights');
        const edgeDWeights =
          dWeights && f.keep(i32.add(dWeights, i32.mul(edge, i32.of(weights.components * rowBytes))));
        if (edgeDWeights && weightsWithoutEntries(entries, weights.components))
          f.clear(edgeDWeights, i32.of(weights.components * rowBytes));
        let last = -1;
        for (const group of groups(entries)) {
          const { weight } = group[0]!;
          reverseGroup(code, group, rowBytes, {
            coefficients: scratch,
            products: outputAt('scalars') && products,
            own,
            ownDerivative,
            cotangent,
            weights: edgeWeights,
            slopes: table ? { values: f.keep(i32.add(values, i32.of(tableBytes))), total: slope } : undefined,
            dWeights: edgeDWeights && { address: edgeDWeights, add: weight === last },
          });
          last = weight;
        }
        const dScalars = outputAt('scalars');
        if (dScalars) {
          const to = f.keep(i32.add(dScalars, i32.mul(edge, i32.of(scalars.components * bytes))));
          for (let scalar = 0; scalar < scalars.components; scalar++) {
            const total = f.local('v128', vector.of(0));
            for (const { number, terms } of entries) {
              for (const term of terms) {
                if (term.scalar !== scalar) continue;
                const product = vector.load(products, number * 16);
                f.assign(total, vector.multiplyAdd(vector.of(term.coefficient), product, total));
              }
            }
            f.store(to, horizontalSum(lanes, total), scalar * bytes);
          }
        }
        const distance = outputAt('distance');
        if (distance) f.store(i32.add(distance, i32.mul(edge, i32.of(bytes))), horizontalSum(lanes, slope));
      });
    });
  });
  return { name, units: sizeOfDims([result.map.to]) };
}

/** Values and slopes of all functions at one distance, one list after the other. */
function writeTable(code: KernelCode, table: TableShape, piece: Local, x: Local, to: Local, tableBytes: number): void {
  const { f, end } = code;
  const { vector, splat } = code.lanes;
  const wanted = ([0, 1] as const).map((order) => ({
    order,
    weights: weightsOf(code, table, order, x).map((weight) => f.keep(splat(weight))),
  }));
  const offset = f.local('i32');
  const step = blockNumbers(code.lanes, table) === table.functions ? 16 : lineBytes;
  f.loop(offset, i32.of(0), i32.of(tableBytes), step, () => {
    const column = columnOf(code, table, piece, offset);
    const target = f.keep(i32.add(to, offset));
    for (let at = 0; at < step; at += 16)
      f.apart(end, () =>
        interpolated(code, vector, table, wanted, column, at).forEach((value, order) =>
          f.store(target, value, at + order * tableBytes),
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
  { coefficients, products, own, ownDerivative, cotangent, weights, slopes, dWeights }: Places,
): void {
  const { weight, x } = group[0]!;
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
      const weightAt = weight * rowBytes + offset;
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

function weightsWithoutEntries(entries: readonly EdgeEntry[], weights: number): boolean {
  return new Set(entries.map(({ weight }) => weight)).size < weights;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
