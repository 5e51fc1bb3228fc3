/**
 * A convolution over edges: result[receiver] = Σ over its edges of coefficient · weights · x[sender], with nothing stored per
 * edge and channel. For each set of weights the coefficients and the weights of some edges of one receiver are made first, the
 * weights in the order in which they are needed; then for each cache line of channels and each weight the sums of all edges
 * stay in registers.
 */
import type { EdgeRegion } from '@mace/core/backend';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import { lineBytes } from '../lanes.js';
import type { Kernel } from './copy.js';
import { edgeEntries, edgesOf, forEach, tableShape, writeCoefficients, type EdgeEntry } from './edge-form.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { sizeOfDims } from './size.js';
import { columnOf, interpolated, isBeyond, pieceOf, weightsOf, type TableShape } from './table.js';
import { forEachSet, mostEntries, weightSets, type WeightSet } from './weight-sets.js';

/** Most sums that stay in registers, which multiply-add in one instruction leaves more of. */
const mostSums = { relaxed: 12, plain: 8 };

/** Edges of a receiver whose weights are made before they are summed: few enough that they stay in the cache. */
const edgesAtOnce = 16;

/** Numbers of scratch room. */
export function convolutionScratchNumbers(region: EdgeRegion, bytes: number): number {
  const sets = weightSets(region, bytes);
  const ofEdge = recordBytesOf(sets, bytes) / bytes + sets[0]!.count * region.channels;
  return Math.ceil(edgesAtOnce * ofEdge) + lineBytes / bytes;
}

/** The coefficients of an edge and, if there is x, the address of its row. */
function recordBytesOf(sets: readonly WeightSet[], bytes: number): number {
  return mostEntries(sets) * bytes + 4;
}

/**
 * Takes the addresses [(x, values of its map, if there is x), scalars, (weights | distance, pieces, values of the map of the table if any),
 * offsets, order, scratch, result]. A unit is a row of the result.
 */
export function convolutionKernel(set: KernelSet, region: EdgeRegion): Kernel {
  const table = tableShape(region);
  const { channels, result, scalars } = region;
  const entries = edgeEntries(region);
  const pointers = (region.x ? 7 : 5) + (table ? (table.mapped ? 3 : 2) : 1);
  const sizes = [
    channels,
    region.weights.components,
    region.x?.components ?? null,
    result.components,
    scalars.components,
    weightSets(region, set.lanes.bytes).length,
  ];
  const name = set.kernel(`convolution ${JSON.stringify([entries, table, sizes])}`, pointers, (code) => {
    const { f, lanes } = code;
    const { bytes } = lanes;
    const rowBytes = channels * bytes;
    const step = rowBytes % lineBytes === 0 ? lineBytes : 16;
    const given = [...code.pointers];
    const [x, senders] = (region.x ? given.splice(0, 2) : []) as [Local, Local];
    const [offsets, order, scratch, out] = given.splice(-4) as [Local, Local, Local, Local];
    const [scalarRows, first, second, third] = given as [Local, Local, Local, Local];
    const sets = weightSets(region, bytes);
    const recordBytes = recordBytesOf(sets, bytes);
    const most = lanes.relaxed ? mostSums.relaxed : mostSums.plain;
    const weights = f.keep(
      i32.and(i32.add(scratch, i32.of(edgesAtOnce * recordBytes + lineBytes - 1)), i32.of(-lineBytes)),
    );
    const resultBytes = result.components * rowBytes;
    const targetOf = (row: Local): Expression => i32.add(out, i32.mul(row, i32.of(resultBytes)));
    const start = (first: Local, last: Local): void =>
      f.clear(targetOf(first), i32.mul(i32.sub(last, first), i32.of(resultBytes)));
    forEachSet(code, sets, start, (set, row) => {
      const target = f.keep(targetOf(row));
      const { first: firstEdge, last: lastEdge } = edgesOf(code, offsets, order, row);
      const from = f.local('i32');
      f.loop(from, firstEdge, lastEdge, 4 * edgesAtOnce, () => {
        const after = f.keep(i32.add(from, i32.of(4 * edgesAtOnce)));
        const to = f.keep(i32.select(after, lastEdge, i32.less(after, lastEdge)));
        const record = f.keep(scratch);
        const place = f.keep(weights);
        const make = (edge: Local): void => {
          const edgeScalars = f.keep(i32.add(scalarRows, i32.mul(edge, i32.of(scalars.components * bytes))));
          writeCoefficients(code, set.entries, edgeScalars, record);
          if (region.x) {
            const sender = i32.load(wordOf(senders, edge));
            const source = i32.add(x, i32.mul(sender, i32.of(region.x.components * rowBytes)));
            f.store(record, source, recordBytes - 4);
          }
          const weightAt = weightOf(code, region, table, [first, second, third], edge);
          spread(code, set, rowBytes, step, weightAt, place);
          f.assign(record, i32.add(record, i32.of(recordBytes)));
          f.assign(place, i32.add(place, i32.of(step)));
        };
        // An edge of the skin of a list adds nothing.
        forEach(code, from, to, (edge) => {
          if (table) f.if(i32.eqz(isBeyond(code, table, first, edge)), () => make(edge));
          else make(edge);
        });
        const line = f.local('i32');
        const lineWeights = f.keep(weights);
        f.loop(line, i32.of(0), i32.of(rowBytes), step, () => {
          for (const chunk of chunks(set.entries, most)) {
            const outputs = [...new Set(chunk.map((entry) => entry.result))];
            const source = f.keep(i32.add(lineWeights, i32.of((chunk[0]!.weight - set.first) * edgesAtOnce * step)));
            // Few sums leave registers for several vectors at once, which share the coefficients.
            const together = outputs.length === 1 ? 4 : outputs.length * 2 <= most ? 2 : 1;
            const abreast = step === lineBytes ? together : 1;
            const at = f.local('i32');
            f.loop(at, line, i32.add(line, i32.of(step)), 16 * abreast, () => {
              const places = { target: f.keep(i32.add(target, at)), at, first: scratch, last: record, source };
              sumChunk(code, region, chunk, outputs, abreast, { ...places, recordBytes, step });
              f.assign(source, i32.add(source, i32.of(16 * abreast)));
            });
          }
          f.assign(lineWeights, i32.add(lineWeights, i32.of(set.count * edgesAtOnce * step)));
        });
      });
    });
  });
  return { name, units: sizeOfDims([result.map.to]) };
}

/** A vector of weights of an edge: `at` bytes from where a line of channels is, which is `line` bytes from the first. */
type WeightAt = (line: Local) => (at: number) => Expression;

/** @param places - of rows of weights, or of distance, pieces and map of a table */
function weightOf(
  code: KernelCode,
  region: EdgeRegion,
  table: TableShape | null,
  [first, second, third]: readonly [Local, Local, Local],
  edge: Local,
): WeightAt {
  const { f, lanes } = code;
  if (!table) {
    const row = f.keep(
      i32.add(first, i32.mul(edge, i32.of(region.weights.components * region.channels * lanes.bytes))),
    );
    return (line) => {
      const address = f.keep(i32.add(row, line));
      return (at) => lanes.vector.load(address, at);
    };
  }
  const { piece, x } = pieceOf(code, table, first, second, third, edge);
  const weights = weightsOf(code, table, 0, x).map((weight) => f.keep(lanes.splat(weight)));
  return (line) => {
    const column = columnOf(code, table, piece, line);
    return (at) => interpolated(code, lanes.vector, table, [{ order: 0, weights }], column, at)[0]!;
  };
}

/** Writes weights of an edge line by line, so that those of one weight and line follow each other over the edges. */
function spread(
  { f, end }: KernelCode,
  { first, count }: WeightSet,
  rowBytes: number,
  step: number,
  value: WeightAt,
  place: Expression,
): void {
  const [weightAt, offset] = [f.local('i32'), f.local('i32')];
  const start = f.keep(place);
  f.loop(weightAt, i32.of(first * rowBytes), i32.of((first + count) * rowBytes), rowBytes, () => {
    const to = f.keep(start);
    f.loop(offset, weightAt, i32.add(weightAt, i32.of(rowBytes)), step, () => {
      const inLine = value(offset);
      for (let at = 0; at < step; at += 16) f.apart(end, () => f.store(to, inLine(at), at));
      f.assign(to, i32.add(to, i32.of(count * edgesAtOnce * step)));
    });
    f.assign(start, i32.add(start, i32.of(edgesAtOnce * step)));
  });
}

interface Places {
  readonly target: Local;
  /** Bytes from the start of the channels. */
  readonly at: Local;
  /** The record of the first edge, and where those of all end. */
  readonly first: Expression;
  readonly last: Expression;
  readonly recordBytes: number;
  /** The weight of the first edge, and how far it is to that of the next. */
  readonly source: Expression;
  readonly step: number;
}

/** Adds some edges to the sums of some results, for `abreast` vectors of channels. */
function sumChunk(
  { f, lanes: { vector, bytes }, end }: KernelCode,
  region: EdgeRegion,
  chunk: readonly EdgeEntry[],
  outputs: readonly number[],
  abreast: number,
  { target, at, first, last, recordBytes, source, step }: Places,
): void {
  const rowBytes = region.channels * bytes;
  const sums = outputs.map((output) =>
    Array.from({ length: abreast }, (_, v) => f.keep(vector.load(target, output * rowBytes + 16 * v))),
  );
  const [record, weight] = [f.local('i32'), f.keep(source)];
  f.loop(record, first, last, recordBytes, () => {
    const sender = region.x && f.keep(i32.add(i32.load(record, recordBytes - 4), at));
    const weights = Array.from({ length: abreast }, (_, v) => f.keep(vector.load(weight, 16 * v)));
    for (const component of new Set(chunk.map(({ x }) => x))) {
      f.apart(end, () => {
        const products = weights.map((value, v) =>
          sender ? f.keep(vector.mul(value, vector.load(sender, component * rowBytes + 16 * v))) : value,
        );
        for (const { number, result } of chunk.filter((entry) => entry.x === component)) {
          // Not as an offset: V8 keeps an address for each, and they do not fit into registers.
          const coefficient = f.keep(vector.loadSplat(i32.add(record, i32.of(number * bytes))));
          sums[outputs.indexOf(result)]!.forEach((sum, v) =>
            f.assign(sum, vector.multiplyAdd(coefficient, products[v]!, sum)),
          );
        }
      });
    }
    f.assign(weight, i32.add(weight, i32.of(step)));
  });
  outputs.forEach((output, i) => sums[i]!.forEach((sum, v) => f.store(target, sum, output * rowBytes + 16 * v)));
}

/** Entries of one weight whose results fit into registers. */
function chunks(entries: readonly EdgeEntry[], most: number): EdgeEntry[][] {
  const byWeight = new Map<number, EdgeEntry[]>();
  for (const entry of entries) byWeight.set(entry.weight, [...(byWeight.get(entry.weight) ?? []), entry]);
  return [...byWeight.values()].flatMap((own) => {
    const outputs = [...new Set(own.map(({ result }) => result))];
    const parts = Math.ceil(outputs.length / most);
    const size = Math.ceil(outputs.length / parts);
    return Array.from({ length: parts }, (_, part) => {
      const some = outputs.slice(part * size, (part + 1) * size);
      return own.filter(({ result }) => some.includes(result));
    });
  });
}
