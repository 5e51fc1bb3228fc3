/** The one equivariant op: a sparse table of monomials, row by row, channel by channel. */
import type { RealArray } from '../../backend/contract.js';
import type { CompiledTable } from '../compiled-table.js';
import { type Arithmetic, type Value } from './value.js';

export function polynomialKernels({ round, allocate, dense }: Arithmetic) {
  /** Σ over groups of (a number) · Π channel vectors; see {@link CompiledTable}. */
  function polynomial(operands: readonly Value[], table: CompiledTable, shape: readonly number[]): Value {
    const [rows, outputs, channels] = shape as [number, number, number];
    const out = allocate(rows * outputs * channels);
    const sources = operands.map(dense);
    const widths = operands.map((x) => x.shape[1]! * x.shape[2]!);
    const groups = table.out.length;
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < groups; g++) {
        const weight = scalarSum(table, g, sources, widths, row);
        const to = (row * outputs + table.out[g]!) * channels;
        addProduct(table, g, sources, widths, row, weight, out, to, channels);
      }
    }
    return { shape, data: out, uniform: false };
  }

  function scalarSum(
    table: CompiledTable,
    group: number,
    sources: readonly RealArray[],
    widths: readonly number[],
    row: number,
  ): number {
    let total = 0;
    for (let t = table.termStart[group]!; t < table.termStart[group + 1]!; t++) {
      let product = round(table.coefficient[t]!);
      for (let f = table.scalarStart[t]!; f < table.scalarStart[t + 1]!; f++) {
        const k = table.scalarOperand[f]!;
        product = round(product * sources[k]![row * widths[k]! + table.scalarComponent[f]!]!);
      }
      total = round(total + product);
    }
    return total;
  }

  function addProduct(
    table: CompiledTable,
    group: number,
    sources: readonly RealArray[],
    widths: readonly number[],
    row: number,
    weight: number,
    out: RealArray,
    to: number,
    channels: number,
  ): void {
    const first = table.vectorStart[group]!;
    const degree = table.vectorStart[group + 1]! - first;
    const source = (f: number): RealArray => sources[table.vectorOperand[f]!]!;
    const start = (f: number): number => row * widths[table.vectorOperand[f]!]! + table.vectorComponent[f]! * channels;
    if (degree === 0) {
      for (let i = 0; i < channels; i++) out[to + i]! += weight;
      return;
    }
    const x = source(first);
    const atX = start(first);
    if (degree === 1) {
      for (let i = 0; i < channels; i++) out[to + i]! += round(weight * x[atX + i]!);
      return;
    }
    const y = source(first + 1);
    const atY = start(first + 1);
    if (degree === 2) {
      for (let i = 0; i < channels; i++) out[to + i]! += round(round(weight * x[atX + i]!) * y[atY + i]!);
      return;
    }
    const z = source(first + 2);
    const atZ = start(first + 2);
    if (degree === 3) {
      for (let i = 0; i < channels; i++)
        out[to + i]! += round(round(round(weight * x[atX + i]!) * y[atY + i]!) * z[atZ + i]!);
      return;
    }
    for (let i = 0; i < channels; i++) {
      let product = round(round(round(weight * x[atX + i]!) * y[atY + i]!) * z[atZ + i]!);
      for (let f = first + 3; f < first + degree; f++) product = round(product * source(f)[start(f) + i]!);
      out[to + i]! += product;
    }
  }

  return { polynomial };
}
