/**
 * A program as the bytes of an ONNX model whose inputs are what a run brings: sizes, index maps, arrays.
 *
 * Parameters are initializers, so that ONNX Runtime computes what depends on nothing else once, when it loads the model.
 */
import type { Program, RealArray } from '@mace/core/backend';
import type { Dim, IndexMap, Node } from '@mace/core/ir';
import { lowerings } from './lowering.js';
import { full } from './shapes.js';
import type { Context, SameBits, Value } from './context.js';
import { DataType, ModelBuilder, type RealType } from './model-builder.js';
import { emitSteps } from './steps.js';

/** What an engine is good at. */
export interface Traits {
  readonly real: RealType;
  /** How rows are added to their targets: one by one, or gathered side by side and summed. */
  readonly rowSums: 'added' | 'beside';
  readonly sameBits: SameBits;
  readonly shaders: boolean;
}

/** What a run must feed. */
export type Feed =
  | { readonly kind: 'size'; readonly dim: Dim }
  | { readonly kind: 'targets' | 'rows'; readonly map: string }
  | { readonly kind: 'value'; readonly name: string };

export interface EmittedModel {
  readonly bytes: Uint8Array;
  /** By the name of the input of the model. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Bytes of parameters and constants. */
  readonly initializerBytes: number;
}

/** Writes the model of a program. */
export function emitModel(
  program: Program<Context, Value>,
  { real, rowSums, sameBits, shaders }: Traits,
  parameters: Readonly<Record<string, RealArray>>,
): EmittedModel {
  const model = new ModelBuilder();
  const feeds = new Map<string, Feed>();
  const feed = (
    name: string,
    feed: Feed,
    type: RealType | DataType.INT32 | DataType.INT64,
    shape: readonly Dim[],
  ): string =>
    model.once(`feed ${name}`, () => {
      feeds.set(name, feed);
      return model.input(name, type, shape);
    });
  const shapes = new Map<string, Node>(
    [...program.graph.inputs, ...program.graph.parameters].map((leaf) => [`${leaf.op} ${leaf.attributes.name}`, leaf]),
  );
  const integer64 = (name: string): string =>
    model.once(`int64 ${name}`, () => model.add('Cast', [name], { to: DataType.INT64 }));
  const context: Context = {
    model,
    real,
    sameBits,
    shaders,
    rowsOf: (dim) =>
      typeof dim === 'number' ? model.integers([dim]) : feed(`size:${dim}`, { kind: 'size', dim }, DataType.INT64, [1]),
    mapValues: ({ name, from }: IndexMap) =>
      integer64(feed(`map:${name}`, { kind: 'targets', map: name }, DataType.INT32, [from])),
    mapRows: ({ name, to }: IndexMap) =>
      rowSums === 'added'
        ? null
        : integer64(feed(`rows:${name}`, { kind: 'rows', map: name }, DataType.INT32, [to, `most:${name}` as Dim])),
    input: (name) => feed(`in:${name}`, { kind: 'value', name }, real, shapes.get(`input ${name}`)!.type.shape),
    parameter: (name) =>
      model.reals(real, parameters[name]!, shapes.get(`parameter ${name}`)!.type.shape as readonly number[]),
  };
  const values = emitSteps(program, lowerings, context);
  for (const [name, node] of Object.entries(program.graph.outputs)) {
    const tensor = full(context, node, values.get(node)!);
    const asReal = node.type.kind === 'real' ? tensor : model.add('Cast', [tensor], { to: real });
    model.output(`out:${name}`, asReal, real, node.type.shape);
  }
  return {
    bytes: model.finish(program.graph.name || 'graph', { producer: '@mace/backend-onnx', version: '0' }),
    feeds,
    initializerBytes: model.initializerBytes,
  };
}
