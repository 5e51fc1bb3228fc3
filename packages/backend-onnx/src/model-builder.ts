/**
 * Puts an ONNX model together: nodes, initializers, inputs and outputs, each known by the name of a tensor.
 *
 * Whole numbers and shapes are made once and shared. Nothing here knows MACE or ONNX Runtime.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type AttributeProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './proto/onnx_pb.js';

export { DataType };

/** Element types that are used here. */
export type ElementType = DataType.FLOAT | DataType.DOUBLE | DataType.INT64 | DataType.INT32 | DataType.BOOL;
/** The element type of real numbers in one file. */
export type RealType = DataType.FLOAT | DataType.DOUBLE;

/** A size: a number, or the name of a size that is known when the model runs. */
export type FileDim = number | string;

/** Attributes of a node: a whole number, whole numbers, a word, or numbers as a tensor. */
export type Attributes = Readonly<Record<string, number | readonly number[] | string | Tensor>>;

type Tensor = MessageInitShape<typeof TensorProtoSchema>;

/** What is said about a file, not computed. */
export interface FileFacts {
  readonly producer: string;
  readonly version: string;
  readonly description?: string;
  /** `metadata_props` of the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Opset of the files; 18 is the first in which ScatterND adds and ReduceSum takes its axes as an input. */
export const opset = 18;
const irVersion = 8;

export class ModelBuilder {
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #initializers: Tensor[] = [];
  readonly #inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #shared = new Map<string, string>();
  #count = 0;
  #bytes = 0;

  /** Bytes of the initializers so far. */
  get initializerBytes(): number {
    return this.#bytes;
  }

  /** Adds a node with one output and gives the name of that. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.addMany(op, inputs, 1, attributes)[0]!;
  }

  /** Adds a node with several outputs. */
  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}): string[] {
    const names = Array.from({ length: outputs }, () => this.#name());
    this.#nodes.push({
      opType: op,
      input: [...inputs],
      output: names,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return names;
  }

  /** What `make` names, made on first use of `key`. */
  once(key: string, make: () => string): string {
    let name = this.#shared.get(key);
    if (name === undefined) this.#shared.set(key, (name = make()));
    return name;
  }

  /** Whether something was made under this key. */
  known(key: string): boolean {
    return this.#shared.has(key);
  }

  /** int64 [values.length] */
  integers(values: readonly number[]): string {
    return this.once(`integers ${values.join(' ')}`, () => this.#initializer(integerTensor(values)));
  }

  /** int64 scalar */
  integer(value: number): string {
    return this.once(`integer ${value}`, () => this.#initializer(integerTensor([value], [])));
  }

  /** Real numbers of a shape; the numbers are copied. */
  reals(type: RealType, values: ArrayLike<number>, shape: readonly number[]): string {
    const make = (): string => this.#initializer(realTensor(type, values, shape));
    if (values.length > 16) return make();
    return this.once(`reals ${type} [${shape.join(' ')}] ${Array.from(values, exactly).join(' ')}`, make);
  }

  /** One real number, as the value of an attribute. */
  realAttribute(type: RealType, value: number): Tensor {
    return realTensor(type, [value], [1]);
  }

  input(name: string, type: ElementType, shape: readonly FileDim[], description?: string): string {
    this.#inputs.push(valueInfo(name, type, shape, description));
    return name;
  }

  /** Gives the tensor `from` the name `name` and makes it an output. */
  output(name: string, from: string, type: ElementType, shape: readonly FileDim[], description?: string): void {
    this.#nodes.push({ opType: 'Identity', input: [from], output: [name] });
    this.#outputs.push(valueInfo(name, type, shape, description));
  }

  /** The bytes of the file. */
  finish(name: string, facts: FileFacts): Uint8Array<ArrayBuffer> {
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      opsetImport: [{ domain: '', version: BigInt(opset) }],
      producerName: facts.producer,
      producerVersion: facts.version,
      ...(facts.description !== undefined && { docString: facts.description }),
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
      metadataProps: Object.entries(facts.metadata ?? {}).map(([key, value]) => ({ key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }

  #name(): string {
    return `t${this.#count++}`;
  }

  #initializer(tensor: Tensor): string {
    const name = this.#name();
    this.#initializers.push({ ...tensor, name });
    this.#bytes += tensor.rawData!.byteLength;
    return name;
  }
}

/** −0 is not 0. */
function exactly(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function attribute(
  name: string,
  value: number | readonly number[] | string | Tensor,
): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: Uint8Array.from(value, (letter) => letter.charCodeAt(0)) };
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
  return { name, type: AttributeType.TENSOR, t: value as Tensor };
}

function integerTensor(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return {
    dims: shape.map(BigInt),
    dataType: DataType.INT64,
    rawData: littleEndian(values.length, 8, (view, at, i) => view.setBigInt64(at, BigInt(values[i]!), true)),
  };
}

function realTensor(type: RealType, values: ArrayLike<number>, shape: readonly number[]): Tensor {
  const wide = type === DataType.DOUBLE;
  const set = wide
    ? (view: DataView, at: number, i: number): void => view.setFloat64(at, values[i]!, true)
    : (view: DataView, at: number, i: number): void => view.setFloat32(at, values[i]!, true);
  return { dims: shape.map(BigInt), dataType: type, rawData: littleEndian(values.length, wide ? 8 : 4, set) };
}

function littleEndian(
  count: number,
  width: number,
  set: (view: DataView, at: number, i: number) => void,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) set(view, i * width, i);
  return bytes;
}

function valueInfo(
  name: string,
  type: ElementType,
  shape: readonly FileDim[],
  description?: string,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: type, shape: { dim } } } },
    ...(description !== undefined && { docString: description }),
  };
}
