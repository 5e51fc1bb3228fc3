/** The body of one function: locals, stores, loops, conditions. Statements are written in the order of the calls. */
import { list, unsigned } from './bytes.js';
import { i32, type Expression, type ValueType } from './expressions.js';

/** A variable; as an expression, what it holds. */
export interface Local extends Expression {
  readonly index: number;
}

export const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

const storeCodes: Readonly<Record<ValueType, readonly number[]>> = {
  i32: [0x36],
  f32: [0x38],
  f64: [0x39],
  v128: [0xfd, 11],
};

export class FunctionBuilder {
  readonly parameters: readonly Local[];
  readonly #locals: ValueType[] = [];
  readonly #bytes: number[] = [];

  constructor(readonly parameterTypes: readonly ValueType[]) {
    this.parameters = parameterTypes.map(variable);
  }

  /** A new variable, which starts as zero, or with a value. */
  local(type: ValueType, value?: Expression): Local {
    const local = variable(type, this.parameterTypes.length + this.#locals.length);
    this.#locals.push(type);
    if (value) this.assign(local, value);
    return local;
  }

  /** A new variable that holds a value. */
  keep(value: Expression): Local {
    return this.local(value.type, value);
  }

  assign(local: Local, value: Expression): void {
    value.write(this.#bytes);
    this.#bytes.push(0x21, ...unsigned(local.index));
  }

  /** Stores at `address` + `offset` bytes. */
  store(address: Expression, value: Expression, offset = 0): void {
    address.write(this.#bytes);
    value.write(this.#bytes);
    this.#bytes.push(...storeCodes[value.type], 0, ...unsigned(offset));
  }

  /** Stores zeros to `size` bytes. */
  clear(address: Expression, size: Expression): void {
    address.write(this.#bytes);
    i32.of(0).write(this.#bytes);
    size.write(this.#bytes);
    this.#bytes.push(0xfc, 11, 0);
  }

  /** `for (counter = from; counter < to; counter += step)`, unsigned. `to` is computed every time. */
  loop(counter: Local, from: Expression, to: Expression, step: number, body: () => void): void {
    this.assign(counter, from);
    this.while(i32.less(counter, to), () => {
      body();
      this.assign(counter, i32.add(counter, i32.of(step)));
    });
  }

  /** Tests at the end of each turn, so that a turn has one branch. */
  while(condition: Expression, body: () => void): void {
    this.if(condition, () => {
      this.#bytes.push(0x03, 0x40);
      body();
      condition.write(this.#bytes);
      this.#bytes.push(0x0d, 0, 0x0b);
    });
  }

  if(condition: Expression, then: () => void, otherwise?: () => void): void {
    condition.write(this.#bytes);
    this.#bytes.push(0x04, 0x40);
    then();
    if (otherwise) {
      this.#bytes.push(0x05);
      otherwise();
    }
    this.#bytes.push(0x0b);
  }

  /**
   * A basic block of its own, entered when `always` is not zero, which it never is. V8 puts the loads of a block before its
   * arithmetic, so a long block without this runs out of registers (seen in V8 11 and 13: a third of the speed).
   */
  apart(always: Local, body: () => void): void {
    this.if(always, body);
  }

  /** Calls function number `index`, which returns nothing. */
  call(index: number, ...operands: readonly Expression[]): void {
    for (const operand of operands) operand.write(this.#bytes);
    this.#bytes.push(0x10, ...unsigned(index));
  }

  /** The code of this function as the code section has it. */
  encode(): number[] {
    const runs: [ValueType, number][] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.[0] === type) last[1]++;
      else runs.push([type, 1]);
    }
    const locals = list(runs.map(([type, count]) => [...unsigned(count), typeCodes[type]]));
    return [...unsigned(locals.length + this.#bytes.length + 1), ...locals, ...this.#bytes, 0x0b];
  }
}

/** The result of calling function number `index`. */
export function callResult(index: number, type: ValueType, ...operands: readonly Expression[]): Expression {
  return {
    type,
    write(bytes) {
      for (const operand of operands) operand.write(bytes);
      bytes.push(0x10, ...unsigned(index));
    },
  };
}

function variable(type: ValueType, index: number): Local {
  return { type, index, write: (bytes) => void bytes.push(0x20, ...unsigned(index)) };
}
