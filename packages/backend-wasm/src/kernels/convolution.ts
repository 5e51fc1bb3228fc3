/**
 * A convolution over edges: result[receiver] = Σ over its edges of coefficient · weights · x[sender], with nothing stored per
 * edge and channel. The coefficients of the edges of one receiver are made first; then for each cache line of
 * channels and each weight the sums of all edges stay in registers.
 */
import type { EdgeRegion } from '@mace/core/backend';
import { i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { Kernel } from './copy.js';
import {
  edgeEntries,
  forEdges,
  interpolated,
  knotsOf,
  tableShape,
  writeCoefficients,
  type EdgeEntry,
} from './edge-form.js';
import type { KernelCode, KernelSet } from './kernel-set.js';
import { wordOf } from './rows.js';
import { sizeOfDims } from './size.js';

/** Most sums that stay in registers. */
const mostSums = 8;
const lineBytes = 64;

/** Bytes of scratch room for each edge of a receiver. */
export function convolutionRecordBytes(region: EdgeRegion, bytes: number): number {
  return (edgeEntries(region).length + 4) * bytes + 8;
}

/**
 * Takes the addresses [x, values of its map, scalars, (weights | distance, knots, values of the map of the table if any),
 * offsets, order, scratch, result]. A unit is a row of the result. `scratch` has room for the edges of one row.
 */
export function convolutionKernel(set: KernelSet, region: EdgeRegion): Kernel {
  const table = tableShape(region);
  const { channels, result, scalars } = region;
  const entries = edgeEntries(region);
  const pointers = 7 + (table ? (table.mapped ? 3 : 2) : 1);
  const key = `convolution ${JSON.stringify([entries, table, channels, region.weights.components, region.x.components, result.components])}`;
  const name = set.kernel(key, pointers, (code) => {
    const { f, lanes, begin, end } = code;
    const { bytes } = lanes;
    const [x, senders, scalarRows] = code.pointers as [Local, Local, Local];
    const [offsets, order, scratch, out] = code.pointers.slice(-4) as [Local, Local, Local, Local];
    const [first, second, third] = code.pointers.slice(3, -4) as [Local, Local, Local];
    const recordBytes = convolutionRecordBytes(region, bytes);
    const weightsAt = entries.length * bytes;
    const addressesAt = weightsAt + 4 * bytes;
    const row = f.local('i32');
    f.loop(row, begin, end, 1, () => {
      const record = f.keep(scratch);
      forEdges(code, offsets, order, row, (edge) => {
        const edgeScalars = f.keep(i32.add(scalarRows, i32.mul(edge, i32.of(scalars.components * bytes))));
        writeCoefficients(code, entries, edgeScalars, record);
        const sender = i32.load(wordOf(senders, edge));
        f.store(record, i32.add(x, i32.mul(sender, i32.of(region.x.components * channels * bytes))), addressesAt);
        if (table) {
          const places = { distance: first, knotData: second, map: third };
          const { knot, weights } = knotsOf(code, table, 0, places, edge);
          weights.forEach((weight, i) => f.store(record, weight, weightsAt + i * bytes));
          f.store(record, knot, addressesAt + 4);
        } else {
          const rowBytes = region.weights.components * channels * bytes;
          f.store(record, i32.add(first, i32.mul(edge, i32.of(rowBytes))), addressesAt + 4);
        }
        f.assign(record, i32.add(record, i32.of(recordBytes)));
      });
      const target = f.keep(i32.add(out, i32.mul(row, i32.of(result.components * channels * bytes))));
      const line = f.local('i32');
      const whole = channels * bytes;
      const step = whole % lineBytes === 0 ? lineBytes : 16;
      f.loop(line, i32.of(0), i32.of(whole), step, () => {
        const lineEnd = f.keep(i32.add(line, i32.of(step)));
        const written = new Set<number>();
        for (const chunk of chunks(entries)) {
          const outputs = [...new Set(chunk.map((entry) => entry.result))];
          // Few sums leave registers for two vectors at once, which share the coefficients.
          const abreast = outputs.length * 2 <= mostSums && step === lineBytes ? 2 : 1;
          const at = f.local('i32');
          f.loop(at, line, lineEnd, 16 * abreast, () => {
            sumChunk(code, region, chunk, outputs, abreast, written, {
              target: f.keep(i32.add(target, at)),
              at,
              scratch,
              recordEnd: record,
              recordBytes,
              weightsAt,
              addressesAt,
            });
          });
          outputs.forEach((output) => written.add(output));
        }
        for (let output = 0; output < result.components; output++) {
          if (written.has(output)) continue;
          const at = f.local('i32');
          f.loop(at, line, lineEnd, 16, () =>
            f.store(i32.add(target, at), lanes.vector.of(0), output * channels * bytes),
          );
        }
      });
    });
  });
  return { name, units: sizeOfDims([result.map.to]) };
}

interface Places {
  readonly target: Local;
  /** Bytes from the start of the channels. */
  readonly at: Local;
  readonly scratch: Expression;
  readonly recordEnd: Expression;
  readonly recordBytes: number;
  readonly weightsAt: number;
  readonly addressesAt: number;
}

/** The sums of some results over all edges, for `abreast` vectors of channels. */
function sumChunk(
  code: KernelCode,
  region: EdgeRegion,
  chunk: readonly EdgeEntry[],
  outputs: readonly number[],
  abreast: number,
  written: ReadonlySet<number>,
  { target, at, scratch, recordEnd, recordBytes, weightsAt, addressesAt }: Places,
): void {
  const { f, lanes } = code;
  const { vector, bytes } = lanes;
  const rowBytes = region.channels * bytes;
  const sums = outputs.map((output) =>
    Array.from({ length: abreast }, (_, v) =>
      f.keep(written.has(output) ? vector.load(target, output * rowBytes + 16 * v) : vector.of(0)),
    ),
  );
  const weight = chunk[0]!.weight;
  const record = f.local('i32');
  f.loop(record, scratch, recordEnd, recordBytes, () => {
    const sender = f.keep(i32.add(i32.load(record, addressesAt), at));
    const source = f.keep(i32.add(i32.load(record, addressesAt + 4), at));
    const splats =
      region.weights.kind === 'table'
        ? [0, 1, 2, 3].map((i) => f.keep(vector.loadSplat(record, weightsAt + i * bytes)))
        : [];
    const weights = Array.from({ length: abreast }, (_, v) => {
      const offset = weight * rowBytes + 16 * v;
      return f.keep(
        region.weights.kind === 'table'
          ? interpolated(vector, splats, source, offset, region.weights.components * rowBytes)
          : vector.load(source, offset),
      );
    });
    for (const component of new Set(chunk.map(({ x }) => x))) {
      const products = weights.map((value, v) =>
        f.keep(vector.mul(value, vector.load(sender, component * rowBytes + 16 * v))),
      );
      for (const { number, result } of chunk.filter((entry) => entry.x === component)) {
        const coefficient = f.keep(vector.loadSplat(record, number * bytes));
        sums[outputs.indexOf(result)]!.forEach((sum, v) =>
          f.assign(sum, vector.multiplyAdd(coefficient, products[v]!, sum)),
        );
      }
    }
  });
  outputs.forEach((output, i) => sums[i]!.forEach((sum, v) => f.store(target, sum, output * rowBytes + 16 * v)));
}

/** Entries of one weight whose results fit into registers. */
function chunks(entries: readonly EdgeEntry[]): EdgeEntry[][] {
  const byWeight = new Map<number, EdgeEntry[]>();
  for (const entry of entries) byWeight.set(entry.weight, [...(byWeight.get(entry.weight) ?? []), entry]);
  return [...byWeight.values()].flatMap((own) => {
    const outputs = [...new Set(own.map(({ result }) => result))];
    const parts = Math.ceil(outputs.length / mostSums);
    const size = Math.ceil(outputs.length / parts);
    return Array.from({ length: parts }, (_, part) => {
      const some = outputs.slice(part * size, (part + 1) * size);
      return own.filter(({ result }) => some.includes(result));
    });
  });
}
