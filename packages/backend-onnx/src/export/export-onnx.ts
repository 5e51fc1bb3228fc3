/**
 * A model as an ONNX file that needs nothing of this project: positions or edge vectors in; energies, forces and stress out.
 *
 * No runtime is needed to write one. Like every backend, this knows a graph and plain numbers, not a model: the caller brings
 * the graph, its weights, and what is added to its outputs.
 */
import { UnsupportedError } from '@mace/core';
import { compileProgram, type RealArray } from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { full, lowerings, type Context, type Value } from '../lowering.js';
import { DataType, ModelBuilder } from '../model-builder.js';
import { emitSteps } from '../steps.js';
import { FileContext } from './file-context.js';
import { finishFile } from './finish-file.js';

/** What the positions of atoms come as. */
export type GeometryInput = 'positions' | 'edges';

export interface ExportOptions {
  /** Weights, by the names of the graph. */
  readonly parameters: Readonly<Record<string, RealArray>>;
  /** What the graph is computed in; geometry and sums over atoms are always in float64. */
  readonly precision: 'f32' | 'f64';
  /** Inputs of the file: `positions`, `cell_shifts` and `cell`, or `edge_vectors`. Default `positions`. */
  readonly from?: GeometryInput;
  /** Atomic number of each target of the map `species`, in order. */
  readonly atomicNumbers: readonly number[];
  /** Atomic numbers that the graph still knows, if it was specialised. Default all. */
  readonly elements?: readonly number[];
  /** Names of the heads: one, or one for each target of the map `head`. */
  readonly heads: readonly string[];
  /** Energy of an isolated atom, eV, [elements] or [heads elements], elements as in `atomicNumbers`. */
  readonly isolatedEnergies: ArrayLike<number>;
  /** Added to each atom, eV: one number, or one for each head. Default 0. */
  readonly shift?: ArrayLike<number>;
  /** Å */
  readonly cutoff: number;
  /** Row of a categorical input = value + offset, by the name of its map. Default 0. */
  readonly offsets?: Readonly<Record<string, number>>;
  /** Of this software, for `producer_version`. */
  readonly version: string;
  /** For people, `doc_string` of the file. */
  readonly description?: string;
  /** Further `metadata_props`: `licence`, `source`, `source_sha256`, … They win over those that are written anyway. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A protobuf message ends here. */
const largestFile = 2 ** 31 - 1;

/**
 * The bytes of an ONNX file (opset 18) for a graph with the input `edgeVectors`, the output `atomEnergy`, and any of
 * `embeddingEnergy`, `forces`, `atomVirial` and `features`.
 *
 * @throws GraphError, UnsupportedError for a graph that is no such model, or a file of 2 GiB and more
 */
export function exportOnnx(graph: Graph, options: ExportOptions): Uint8Array<ArrayBuffer> {
  if (!graph.outputs.atomEnergy)
    throw new UnsupportedError(
      'model',
      `export: the graph ${graph.name} has no output atomEnergy; it has ${Object.keys(graph.outputs).join(', ') || 'none'}.`,
    );
  const program = compileProgram<Context, Value>(graph, lowerings);
  const model = new ModelBuilder();
  const real = options.precision === 'f64' ? DataType.DOUBLE : DataType.FLOAT;
  const context = new FileContext(model, real, program.graph, options);
  context.declareInputs('atomVirial' in graph.outputs);
  const values = emitSteps(program, lowerings, context);
  const outputs = Object.fromEntries(
    Object.entries(program.graph.outputs).map(([name, node]) => [
      name,
      { tensor: full(context, node, values.get(node)!), shape: node.type.shape },
    ]),
  );
  finishFile(context, outputs, options);
  if (model.initializerBytes > largestFile)
    throw new UnsupportedError(
      'size',
      `export: the weights take ${model.initializerBytes} bytes; an ONNX file has at most ${largestFile}. Export in f32, or fewer elements.`,
    );
  const { atomicNumbers, elements = atomicNumbers, heads, cutoff, version, description, metadata } = options;
  return model.finish(graph.name || 'mace', {
    producer: 'MACE for JavaScript',
    version,
    ...(description !== undefined && { description }),
    metadata: {
      units: 'eV, Å; stress eV/Å³, positive under tension; cells are rows of vectors',
      elements: elements.join(' '),
      cutoff: String(cutoff),
      heads: heads.join(' '),
      precision: options.precision,
      version,
      ...metadata,
    },
  });
}
