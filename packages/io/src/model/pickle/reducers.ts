/** What the reader computes in place of the few Python callables whose result is data. `allow-list.ts` says which name is which. */
import { FormatError } from '@mace/core';
import { RefusedNameError, untrusted } from './refused-name.js';
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleSet,
  PickleTuple,
  describe,
  type PickleValue,
} from './values.js';

export function dictionary(args: readonly PickleValue[], name: string): PickleDict {
  const dict = new PickleDict();
  if (args.length === 0) return dict;
  for (const pair of itemsOf(args[0], name)) {
    const [key, value] = itemsOf(pair, name);
    if (key === undefined || value === undefined)
      throw new FormatError(
        `A dictionary of the file is malformed: expected pairs, got ${describe(pair)}. ${untrusted}`,
      );
    dict.entries.set(key, value);
  }
  return dict;
}

export function set(args: readonly PickleValue[], name: string): PickleSet {
  const result = new PickleSet();
  if (args.length > 0) for (const item of itemsOf(args[0], name)) result.items.push(item);
  return result;
}

export function latin1(args: readonly PickleValue[]): PickleBytes {
  const [text, encoding] = args;
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    throw new FormatError(
      `The file calls _codecs.encode with ${describe(text)} and ${describe(encoding)}; expected text and 'latin1'. ${untrusted}`,
    );
  }
  return new PickleBytes(text);
}

export function first(args: readonly PickleValue[], name: string): PickleValue {
  if (args[0] === undefined) throw new FormatError(`The file calls ${name} without an argument. ${untrusted}`);
  return args[0];
}

/** Upstream saves the activations tanh and abs as attributes of a class of torch. Exactly those are allowed. */
export function attribute(args: readonly PickleValue[]): PickleGlobal {
  const [owner, name] = args;
  if (
    owner instanceof PickleGlobal &&
    owner.qualifiedName === 'torch._C._VariableFunctionsClass' &&
    (name === 'tanh' || name === 'abs' || name === 'sigmoid')
  ) {
    return new PickleGlobal('torch', name);
  }
  throw new RefusedNameError(
    'getattr',
    `The file calls getattr on ${describe(owner)} with ${describe(name)}; only the activations tanh, abs and sigmoid of torch are expected there. ${untrusted}`,
  );
}

export function numpyScalar(args: readonly PickleValue[], name: string): number {
  const [type, raw] = args;
  const code =
    type instanceof PickleObject && type.type.qualifiedName === 'numpy.dtype' ? type.args.items[0] : undefined;
  const size = typeof code === 'string' ? Number(/^[fiu]([1248])$/.exec(code)?.[1]) : NaN;
  const bytes = raw instanceof PickleBytes ? raw.decode() : undefined;
  if (typeof code !== 'string' || bytes?.length !== size || code === 'f1' || code === 'f2') {
    throw new FormatError(
      `A numpy scalar of the file cannot be read: ${name} with type ${describe(code)} and ${bytes?.length ?? 'no'} bytes. Save the model again with plain Python numbers.`,
    );
  }
  const state = (type as PickleObject).state;
  const little = !(state instanceof PickleTuple && state.items[1] === '>');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (code) {
    case 'f8':
      return view.getFloat64(0, little);
    case 'f4':
      return view.getFloat32(0, little);
    case 'i8':
      return Number(view.getBigInt64(0, little));
    case 'u8':
      return Number(view.getBigUint64(0, little));
    case 'i4':
      return view.getInt32(0, little);
    case 'u4':
      return view.getUint32(0, little);
    case 'i2':
      return view.getInt16(0, little);
    case 'u2':
      return view.getUint16(0, little);
    case 'i1':
      return view.getInt8(0);
    default:
      return view.getUint8(0);
  }
}

function itemsOf(value: PickleValue | undefined, name: string): readonly PickleValue[] {
  if (value instanceof PickleTuple || value instanceof PickleList) return value.items;
  throw new FormatError(`The file calls ${name} with ${describe(value)}; expected a list. ${untrusted}`);
}
