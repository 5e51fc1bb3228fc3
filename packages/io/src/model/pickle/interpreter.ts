/**
 * Runs the stack machine of a pickle without executing anything: names become labels (`allow-list.ts`), the rest is data.
 *
 * Every operation is counted and nothing recurses, so that a hostile stream costs time and memory in proportion to its length.
 */
import { FormatError, isMaceError } from '@mace/core';
import { admit, instantiate, isStorageType, reduce } from './allow-list.js';
import {
  PickleBytes,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleSet,
  PickleStorage,
  PickleTuple,
  describe,
  type PickleValue,
} from './values.js';

/** Limits that no real model comes near. */
export interface PickleLimits {
  /** Length of the stream, bytes. */
  readonly bytes: number;
  readonly operations: number;
  /** Depth of the stack. */
  readonly stack: number;
  readonly memo: number;
}

export const defaultPickleLimits: PickleLimits = {
  bytes: 2 ** 28,
  operations: 30_000_000,
  stack: 1_000_000,
  memo: 5_000_000,
};

/** The value that a stream describes. @throws FormatError, UnsupportedError */
export function readPickle(bytes: Uint8Array, limits: Partial<PickleLimits> = {}): PickleValue {
  const machine = new Machine(bytes, { ...defaultPickleLimits, ...limits });
  try {
    return machine.run();
  } catch (cause) {
    if (isMaceError(cause)) throw cause;
    // A RangeError of a DataView or of a decoder: the stream is not what it says.
    throw new FormatError(
      `The pickle is malformed at byte ${machine.at} of ${bytes.length}: ${(cause as Error).message}. Copy or download the file again.`,
      { cause },
    );
  }
}

/** Stands on the stack where a MARK was. */
const mark = Symbol('mark');
type Slot = PickleValue | typeof mark;

class Machine {
  at = 0;
  private readonly view: DataView;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true });
  private operations = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly limits: PickleLimits,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length > limits.bytes)
      throw this.malformed(`it has ${bytes.length} bytes, more than the limit of ${limits.bytes}`);
  }

  run(): PickleValue {
    const allowed = Math.min(this.limits.operations, 1000 + 2 * this.bytes.length);
    for (;;) {
      if (this.at >= this.bytes.length) throw this.malformed('it ends before its STOP');
      if (++this.operations > allowed) throw this.malformed(`it has more than ${allowed} operations`);
      if (this.stack.length > this.limits.stack) throw this.malformed(`its stack grows beyond ${this.limits.stack}`);
      const opcode = this.bytes[this.at++]!;
      if (opcode === 0x2e) return this.pop(); // STOP
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    switch (opcode) {
      // Constants
      case 0x4e:
        return this.push(null); // NONE
      case 0x88:
        return this.push(true); // NEWTRUE
      case 0x89:
        return this.push(false); // NEWFALSE
      case 0x4b:
        return this.push(this.take(1).getUint8(0)); // BININT1
      case 0x4d:
        return this.push(this.take(2).getUint16(0, true)); // BININT2
      case 0x4a:
        return this.push(this.take(4).getInt32(0, true)); // BININT
      case 0x8a:
        return this.push(this.long(this.take(1).getUint8(0))); // LONG1
      case 0x8b:
        return this.push(this.long(this.take(4).getInt32(0, true))); // LONG4
      case 0x47:
        return this.push(this.take(8).getFloat64(0)); // BINFLOAT
      case 0x58:
        return this.push(this.text(this.take(4).getUint32(0, true))); // BINUNICODE
      case 0x8c:
        return this.push(this.text(this.take(1).getUint8(0))); // SHORT_BINUNICODE
      case 0x8d:
        return this.push(this.text(this.longLength())); // BINUNICODE8
      case 0x43:
        return this.push(this.raw(this.take(1).getUint8(0))); // SHORT_BINBYTES
      case 0x42:
        return this.push(this.raw(this.take(4).getUint32(0, true))); // BINBYTES
      case 0x8e:
        return this.push(this.raw(this.longLength())); // BINBYTES8
      // Containers
      case 0x28:
        this.stack.push(mark);
        return; // MARK
      case 0x29:
        return this.push(new PickleTuple([])); // EMPTY_TUPLE
      case 0x85:
        return this.push(new PickleTuple(this.popMany(1))); // TUPLE1
      case 0x86:
        return this.push(new PickleTuple(this.popMany(2))); // TUPLE2
      case 0x87:
        return this.push(new PickleTuple(this.popMany(3))); // TUPLE3
      case 0x74:
        return this.push(new PickleTuple(this.popToMark())); // TUPLE
      case 0x5d:
        return this.push(new PickleList()); // EMPTY_LIST
      case 0x6c:
        return this.push(new PickleList(this.popToMark())); // LIST
      case 0x7d:
        return this.push(new PickleDict()); // EMPTY_DICT
      case 0x64:
        return this.newDict(); // DICT
      case 0x8f:
        return this.push(new PickleSet()); // EMPTY_SET
      case 0x61:
        return this.append([this.pop()]); // APPEND
      case 0x65:
        return this.append(this.popToMark()); // APPENDS
      case 0x73:
        return this.setItems(this.popMany(2)); // SETITEM
      case 0x75:
        return this.setItems(this.popToMark()); // SETITEMS
      case 0x90:
        return this.addItems(this.popToMark()); // ADDITEMS
      // Stack and memo
      case 0x30:
        this.pop(true);
        return; // POP
      case 0x31:
        this.popToMark();
        return; // POP_MARK
      case 0x32:
        return this.push(this.top()); // DUP
      case 0x71:
        return this.remember(this.take(1).getUint8(0)); // BINPUT
      case 0x72:
        return this.remember(this.take(4).getUint32(0, true)); // LONG_BINPUT
      case 0x94:
        return this.remember(this.memo.size); // MEMOIZE
      case 0x68:
        return this.recall(this.take(1).getUint8(0)); // BINGET
      case 0x6a:
        return this.recall(this.take(4).getUint32(0, true)); // LONG_BINGET
      // Names and objects
      case 0x63:
        return this.named(this.line(), this.line()); // GLOBAL
      case 0x93:
        return this.stackGlobal(); // STACK_GLOBAL
      case 0x52:
        return this.call(reduce); // REDUCE
      case 0x81:
        return this.call(instantiate); // NEWOBJ
      case 0x62:
        return this.build(); // BUILD
      case 0x51:
        return this.push(this.persistent(this.pop())); // BINPERSID
      // Framing
      case 0x80:
        this.protocol();
        return; // PROTO
      case 0x95:
        this.longLength();
        return; // FRAME
      default:
        throw this.malformed(
          `operation 0x${opcode.toString(16)} at byte ${this.at - 1} is not one that model files use`,
        );
    }
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private pop(allowMark = false): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || (value === mark && !allowMark))
      throw this.malformed(`an operation before byte ${this.at} takes a value from an empty stack`);
    return value === mark ? null : value;
  }

  private popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.pop());
    return values.reverse();
  }

  private popToMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(mark);
    if (at < 0) throw this.malformed(`an operation before byte ${this.at} looks for a MARK that is not there`);
    const values = this.stack.splice(at + 1) as PickleValue[];
    this.stack.pop();
    return values;
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === mark)
      throw this.malformed(`an operation before byte ${this.at} needs a value on the stack`);
    return value;
  }

  /** The next bytes, as a view; throws when the stream ends before them. */
  private take(count: number): DataView {
    if (count < 0 || this.at + count > this.bytes.length)
      throw this.malformed(
        `it ends inside the operation at byte ${this.at - 1} (${count} bytes wanted, ${this.bytes.length - this.at} left)`,
      );
    this.at += count;
    return new DataView(this.view.buffer, this.view.byteOffset + this.at - count, count);
  }

  private raw(length: number): PickleBytes {
    const part = this.take(length);
    return new PickleBytes(new Uint8Array(part.buffer, part.byteOffset, length));
  }

  private text(length: number): string {
    return this.utf8.decode(this.take(length));
  }

  private longLength(): number {
    const length = this.take(8).getBigUint64(0, true);
    if (length > BigInt(this.bytes.length))
      throw this.malformed(`an operation at byte ${this.at - 9} declares ${length} bytes`);
    return Number(length);
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0 || end - this.at > 1024) throw this.malformed(`the name at byte ${this.at} does not end`);
    const text = this.utf8.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** Little-endian two's complement. */
  private long(length: number): number | bigint {
    if (length > 64) throw this.malformed(`an integer at byte ${this.at} has ${length} bytes`);
    const part = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(part.getUint8(i));
    const signed = length > 0 ? BigInt.asIntN(length * 8, value) : 0n;
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  private protocol(): void {
    const version = this.take(1).getUint8(0);
    if (version > 5) throw this.malformed(`protocol ${version} is not known`);
  }

  private newDict(): void {
    const items = this.popToMark();
    this.push(new PickleDict());
    this.setItems(items);
  }

  private append(values: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleList)) throw this.malformed(`it appends to ${describe(target)}`);
    for (const value of values) target.items.push(value);
  }

  private setItems(values: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleDict) || values.length % 2)
      throw this.malformed(`it sets items of ${describe(target)}`);
    for (let i = 0; i < values.length; i += 2) target.entries.set(values[i]!, values[i + 1]!);
  }

  private addItems(values: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof PickleSet)) throw this.malformed(`it adds items to ${describe(target)}`);
    for (const value of values) target.items.push(value);
  }

  private remember(key: number): void {
    if (this.memo.size >= this.limits.memo) throw this.malformed(`it memoizes more than ${this.limits.memo} values`);
    this.memo.set(key, this.top());
  }

  private recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) throw this.malformed(`it recalls value ${key}, which was never memoized`);
    this.push(value);
  }

  private named(module: string, name: string): void {
    this.push(admit(module, name, this.at - module.length - name.length - 3));
  }

  private stackGlobal(): void {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.malformed(`it names ${describe(module)} in ${describe(name)}`);
    this.push(admit(module, name, this.at - 1));
  }

  private call(action: (callable: PickleValue, args: readonly PickleValue[]) => PickleValue): void {
    const [callable, args] = this.popMany(2);
    if (!(args instanceof PickleTuple))
      throw this.malformed(`a call of ${describe(callable)} has ${describe(args)} for arguments`);
    // A call may copy its argument: it pays for it, so that one long list in the memo cannot be copied without end.
    const [content] = args.items;
    this.operations += content instanceof PickleList || content instanceof PickleTuple ? content.items.length : 0;
    this.push(action(callable!, args.items));
  }

  /** Attaches state to an instance. Attributes of containers and tensors (hooks, metadata) are not needed. */
  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleObject) target.state = state;
    else if (target === null || typeof target !== 'object' || target instanceof PickleGlobal)
      throw this.malformed(`it attaches state to ${describe(target)}`);
  }

  private persistent(id: PickleValue): PickleStorage {
    const [kind, type, key, , count] = id instanceof PickleTuple ? id.items : [];
    if (
      kind !== 'storage' ||
      !isStorageType(type) ||
      typeof key !== 'string' ||
      typeof count !== 'number' ||
      !Number.isSafeInteger(count) ||
      count < 0
    ) {
      throw this.malformed(`its persistent id ${describe(id)} is not that of a storage`);
    }
    return new PickleStorage(type.name, key, count);
  }

  private malformed(what: string): FormatError {
    return new FormatError(
      `The pickle of this file is malformed: ${what}. Copy or download the file again; if it opens in mace-torch, please open an issue.`,
    );
  }
}
