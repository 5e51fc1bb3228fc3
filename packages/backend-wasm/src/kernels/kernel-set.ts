/**
 * The kernels of one graph: functions of a range of units, the sizes of the run, and addresses. Kernels with equal keys are
 * one function.
 */
import type { RuntimeDim } from '@mace/core/ir';
import type { Expression, ValueType } from '../encoder/expressions.js';
import { callResult, FunctionBuilder, type Local } from '../encoder/function-builder.js';
import { encodeModule, type MemoryImport } from '../encoder/module-builder.js';
import type { Lanes } from '../lanes.js';

/** What the code of a kernel is written with. */
export interface KernelCode {
  readonly f: FunctionBuilder;
  readonly lanes: Lanes;
  /** The units that this call computes: what a unit is, the kernel says. */
  readonly begin: Local;
  readonly end: Local;
  readonly sizes: Readonly<Record<RuntimeDim, Local>>;
  readonly pointers: readonly Local[];
  /** A function of JavaScript's `Math` on f64. */
  host(name: HostFunction, ...operands: Expression[]): Expression;
}

export const runtimeDims: readonly RuntimeDim[] = ['atoms', 'edges', 'graphs'];

/** Functions that WebAssembly lacks, from `Math`, with the number of their operands. */
const hostFunctions = { log: 1, sin: 1, cos: 1, pow: 2 } as const;
export type HostFunction = keyof typeof hostFunctions;

export class KernelSet {
  readonly #functions: Record<string, FunctionBuilder> = {};
  /** Of the functions, from 0 on. */
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<string, string>();

  constructor(readonly lanes: Lanes) {}

  /**
   * The name of the kernel with this key, written if it is new.
   * @param pointers - number of addresses that it takes
   */
  kernel(key: string, pointers: number, write: (code: KernelCode) => void): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `${key.match(/^[a-zA-Z]*/)![0]}${this.#names.size}`;
    this.#names.set(key, name);
    const f = new FunctionBuilder(new Array<ValueType>(5 + pointers).fill('i32'));
    const [begin, end, atoms, edges, graphs, ...rest] = f.parameters as [Local, Local, Local, Local, Local, ...Local[]];
    const host = (called: HostFunction, ...operands: Expression[]): Expression =>
      callResult(Object.keys(hostFunctions).indexOf(called), 'f64', ...operands);
    write({ f, lanes: this.lanes, begin, end, sizes: { atoms, edges, graphs }, pointers: rest, host });
    this.#add(name, f);
    return name;
  }

  /** A function of i32 operands that calls kernels. */
  driver(name: string, operands: number, write: (f: FunctionBuilder) => void): void {
    const f = new FunctionBuilder(new Array<ValueType>(operands).fill('i32'));
    write(f);
    this.#add(name, f);
  }

  /** What a driver calls a kernel by. */
  indexOf(name: string): number {
    return Object.keys(hostFunctions).length + this.#numbers.get(name)!;
  }

  #add(name: string, f: FunctionBuilder): void {
    this.#numbers.set(name, this.#numbers.size);
    this.#functions[name] = f;
  }

  encode(memory: MemoryImport): Uint8Array<ArrayBuffer> {
    const imports = Object.entries(hostFunctions).map(([name, operands]) => ({ name, operands }));
    return encodeModule(memory, imports, this.#functions);
  }
}

/** What every module imports beside its memory. */
export const hostImports: Readonly<Record<HostFunction, (...operands: number[]) => number>> = {
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  pow: Math.pow as (...operands: number[]) => number,
};
