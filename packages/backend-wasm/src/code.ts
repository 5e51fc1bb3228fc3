/**
 * The code of graphs, compiled once for equal ones: it holds sizes and constants of the graph, but no weights and no addresses,
 * so that executables with parameters and memory of their own share it, and what the engine has optimized of it.
 */
import { compileProgram, type CompileOptions, type Program } from '@mace/core/backend';
import { graphHash, type Graph } from '@mace/core/ir';
import { AddressList, writeDrivers } from './driver.js';
import { emit } from './emit.js';
import type { Emitter, Value } from './emitter.js';
import { lanesOf } from './lanes.js';
import { loweringsFor } from './lowering.js';

/** What a program runs as, from which its memory follows. Nothing of it changes. */
export interface WrittenCode {
  readonly emitter: Emitter;
  readonly list: AddressList;
}

export interface Code extends WrittenCode {
  readonly module: WebAssembly.Module;
}

export interface CompiledGraph {
  readonly program: Program<Emitter, Value>;
  /** @param frugal - whether sums over edges are made again too, which takes longer and leaves less to keep */
  written(frugal: boolean): WrittenCode;
  /** The same, compiled. */
  code(frugal: boolean): Promise<Code>;
}

/** What the code depends on beside the graph. */
export interface CodeSettings extends Pick<CompileOptions, 'fusions' | 'passes'> {
  readonly precision: 'f64' | 'f32';
  readonly relaxed: boolean;
  /** The memory that it will run in. */
  readonly memory: { readonly shared: boolean; readonly maximum: number };
}

/** Graphs whose code is kept, the one asked for last at the end. */
const kept = new Map<string, CompiledGraph>();
const mostKept = 16;

/** The program of a graph and its code, which equal graphs share. @throws GraphError, UnsupportedError as `compileProgram` */
export function compiledGraph(graph: Graph, settings: CodeSettings): CompiledGraph {
  const { precision, relaxed, memory, fusions, passes } = settings;
  const key = JSON.stringify([graphHash(graph), precision, relaxed, memory, fusions, passes]);
  const compiled = kept.get(key) ?? compile(graph, settings);
  kept.delete(key);
  kept.set(key, compiled);
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return compiled;
}

function compile(graph: Graph, { precision, relaxed, memory, ...options }: CodeSettings): CompiledGraph {
  const lanes = lanesOf(precision, relaxed);
  const program = compileProgram(graph, loweringsFor(lanes), options);
  const codes = new Map<boolean, Promise<Code>>();
  const texts = new Map<boolean, WrittenCode>();
  const written = (frugal: boolean): WrittenCode => {
    let text = texts.get(frugal);
    if (!text) {
      text = { emitter: emit(program, lanes, frugal), list: new AddressList() };
      writeDrivers(text.emitter, text.list);
      texts.set(frugal, text);
    }
    return text;
  };
  const compiledCode = async (frugal: boolean): Promise<Code> => {
    const text = written(frugal);
    return { ...text, module: await WebAssembly.compile(text.emitter.kernels.encode(memory)) };
  };
  return {
    program,
    written,
    code: (frugal) => {
      let code = codes.get(frugal);
      if (!code) {
        codes.set(frugal, (code = compiledCode(frugal)));
        code.catch(() => codes.delete(frugal));
      }
      return code;
    },
  };
}
