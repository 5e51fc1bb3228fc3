/**
 * A model as an ONNX file that needs nothing of this project: positions or edge vectors in; energies, forces and stress out.
 *
 * No runtime is needed to write one. Like every backend, this knows a graph and plain numbers, not a model: the caller brings
 * the graph, its weights, and what is added to its outputs.
 */
import { UnsupportedError } from '@mace/core/errors';
import { compileProgram } from '@mace/core/backend';
import type { Graph } from '@mace/core/ir';
import { lowerings } from '../lowering.js';
import { full } from '../shapes.js';
import type { Context, Value } from '../context.js';
import { DataType, ModelBuilder } from '../model-builder.js';
import { emitSteps } from '../steps.js';
import { FileContext } from './file-context.js';
import { finishFile } from './finish-file.js';
import type { ExportOptions } from './options.js';

export type { ExportOptions, FileOutput, GeometryInput } from './options.js';

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
