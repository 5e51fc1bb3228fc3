/** What this engine's WebAssembly can do, asked by letting it validate small modules. */
import { unsigned } from './encoder/bytes.js';
import { nodeModule } from './node.js';

const zeros = [0xfd, 12, ...new Array<number>(16).fill(0)];

/** Whether code may be compiled: pages forbid it where their Content-Security-Policy has no 'wasm-unsafe-eval', which validation ignores. */
export function mayCompile(): boolean {
  try {
    return new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])) !== undefined;
  } catch {
    return false;
  }
}

/** Vectors of 128 bits. */
export function hasSimd(): boolean {
  return validates([...zeros, 0x1a]);
}

/** Multiply-add that may round once. Node 20 has it behind a flag of V8, which this raises (decision 0011). */
export function hasRelaxedSimd(): boolean {
  const valid = (): boolean => validates([...zeros, ...zeros, ...zeros, 0xfd, ...unsigned(0x105), 0x1a]);
  if (!valid()) nodeModule<V8>('node:v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return valid();
}

interface V8 {
  setFlagsFromString(flags: string): void;
}

/** Whether a module with one function of these instructions is valid. */
function validates(instructions: readonly number[]): boolean {
  const body = [0, ...instructions, 0x0b];
  const types = [1, 4, 1, 0x60, 0, 0];
  const code = [10, ...unsigned(body.length + 1 + unsigned(body.length).length), 1, ...unsigned(body.length), ...body];
  return WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, 3, 2, 1, 0, ...code]));
}
