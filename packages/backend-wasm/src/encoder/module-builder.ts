/** A WebAssembly module: one imported memory, imported functions of numbers, exported functions. */
import { list, name, unsigned } from './bytes.js';
import { typeCodes, type FunctionBuilder } from './function-builder.js';
import type { ValueType } from './expressions.js';

/** A function of the host: f64 operands, f64 result. */
export interface ImportedFunction {
  readonly name: string;
  readonly operands: number;
}

export interface MemoryImport {
  readonly shared: boolean;
  /** Pages of 64 KiB. */
  readonly maximum: number;
}

/** The bytes of a module whose memory is `host.memory` and whose imports are `host.NAME`. */
export function encodeModule(
  memory: MemoryImport,
  imports: readonly ImportedFunction[],
  functions: Readonly<Record<string, FunctionBuilder>>,
): Uint8Array<ArrayBuffer> {
  const types: string[] = [];
  const typeNumber = (operands: readonly ValueType[], results: readonly ValueType[]): number => {
    const bytes = [0x60, ...list(operands.map((t) => [typeCodes[t]])), ...list(results.map((t) => [typeCodes[t]]))];
    const key = bytes.join(' ');
    const known = types.indexOf(key);
    return known >= 0 ? known : types.push(key) - 1;
  };
  const importEntries = [
    [...name('host'), ...name('memory'), 0x02, memory.shared ? 0x03 : 0x01, 0, ...unsigned(memory.maximum)],
    ...imports.map(({ name: text, operands }) => [
      ...name('host'),
      ...name(text),
      0x00,
      ...unsigned(typeNumber(new Array<ValueType>(operands).fill('f64'), ['f64'])),
    ]),
  ];
  const own = Object.entries(functions);
  const declared = own.map(([, { parameterTypes }]) => unsigned(typeNumber(parameterTypes, [])));
  const exported = own.map(([text], i) => [...name(text), 0x00, ...unsigned(imports.length + i)]);
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types.map((key) => key.split(' ').map(Number)))),
    ...section(2, list(importEntries)),
    ...section(3, list(declared)),
    ...section(7, list(exported)),
  ];
  const code = own.map(([, builder]) => builder.encode());
  const count = unsigned(code.length);
  const codeSize = code.reduce((size, { length }) => size + length, count.length);
  const head = [...bytes, 10, ...unsigned(codeSize), ...count];
  const encoded = new Uint8Array(head.length + codeSize - count.length);
  encoded.set(head);
  let at = head.length;
  for (const part of code) {
    encoded.set(part, at);
    at += part.length;
  }
  return encoded;
}

function section(number: number, content: readonly number[]): number[] {
  return [number, ...unsigned(content.length), ...content];
}
