/** Faults of kernels: an op that is wrong where a size, a number or a history has a drawn property, in a drawn way. */
import { assembleBackend, type BackendDefinition, type RealArray, type RunInputs } from '@mace/core/backend';
import { legalize, type OpName } from '@mace/core/ir';
import { reference } from '@mace/core';
import { Interpreter, makeKernels, type Value } from '@mace/core/reference';
import { drawNumberRule, drawSizeRule, type FaultDraw, type NumberRule } from './draw.js';
import { intercepted, mapped, type Call } from './kernel-calls.js';
import { forms, witnessOf, type Form, type Witness } from './witness.js';

/** What a faulty engine remembers of one executable. */
export interface History {
  runs: number;
  calls: number;
  replaced: number;
  previous: { readonly rows: number; readonly ends: string; readonly result: Value } | undefined;
}

type Condition = (call: Call, history: History) => boolean;
type Effect = (call: Call, history: History) => Value;

export interface KernelFault {
  readonly text: string;
  readonly op: OpName;
  readonly precision: 'f64' | 'f32';
  readonly witness: Witness;
  /** Inputs that run first, on the same executable. */
  readonly before?: RunInputs;
  /** How often the witness runs; −1: once, after its parameters were replaced. */
  readonly repetitions: number;
  readonly definition: BackendDefinition;
}

/** A fault of one kernel, with a graph and inputs that should show it. */
export function drawKernelFault(draw: FaultDraw): KernelFault {
  const form = draw.choose(forms);
  const precision = draw.chance(0.7) ? 'f64' : 'f32';
  const kind = draw.choose(['size', 'size', 'size', 'number', 'number', 'history']);
  const drawn = kind === 'size' ? bySize(form, draw) : kind === 'number' ? byNumber(form, draw) : byHistory(draw);
  const effect = drawn.effect ?? drawEffect(draw, precision, drawn.limit);
  const text = `${form.name} in ${precision}, where ${drawn.text}: ${effect.text}`;
  const change = (call: Call, history: History): Value =>
    drawn.holds(call, history) ? effect.apply(call, history) : call.sound();
  return {
    text,
    op: form.op,
    precision,
    witness: witnessOf(form, drawn.sizes ?? {}, draw, drawn.numbers),
    ...(drawn.first && { before: witnessOf(form, drawn.first, draw).inputs }),
    repetitions: drawn.repetitions ?? 1,
    definition: withKernel(form.op, change),
  };
}

interface Drawn {
  readonly text: string;
  readonly holds: Condition;
  readonly sizes?: Record<string, number>;
  readonly numbers?: readonly number[];
  readonly limit?: number;
  /** Sizes of a run before. */
  readonly first?: Record<string, number>;
  readonly repetitions?: number;
  readonly effect?: { readonly text: string; readonly apply: Effect };
}

function bySize(form: Form, draw: FaultDraw): Drawn {
  const name = draw.choose(Object.keys(form.sizes));
  const rule = drawSizeRule(draw, form.sizes[name]![1]);
  return {
    text: `${name} is ${rule.text}`,
    holds: ({ sizes }) => sizes[name] !== undefined && rule.holds(sizes[name]),
    sizes: { [name]: rule.example },
    limit: rule.limit,
  };
}

/** Operands number by number where the op works so; else results. */
function byNumber(form: Form, draw: FaultDraw): Drawn {
  const rule = drawNumberRule(draw, form.span ?? [1e-6, 1e6]);
  const numbers = rule.examples;
  if (!form.span)
    return {
      text: `a result ${rule.text}`,
      holds: () => true,
      numbers,
      effect: {
        text: 'it is replaced',
        apply: (call) => mapped(call.sound(), (y) => (rule.holds(y) ? rule.clamped : y)),
      },
    };
  const operand = form.op === 'pow' || form.op === 'div' || form.op === 'sub' ? draw.integer(2) : 0;
  const how = draw.choose(['clamped', 'zero', 'scaled', 'NaN']);
  const scale = 1 + draw.magnitude(1e-4, 1);
  return {
    text: `operand ${operand} ${rule.text}`,
    holds: () => true,
    numbers,
    effect: {
      text: how === 'scaled' ? `scaled by ${scale}` : how,
      apply: (call) => numberByNumber(call, operand, rule, how, scale),
    },
  };
}

function numberByNumber(call: Call, operand: number, rule: NumberRule, how: string, scale: number): Value {
  const { data: x, uniform } = call.operands[operand]!;
  const result = call.sound();
  const pick = (i: number): number => x[uniform ? 0 : i]!;
  const inside = Array.from(x).findIndex((number) => !rule.holds(number));
  return mapped(result, (y, i) => {
    if (!rule.holds(pick(i))) return y;
    if (how === 'zero') return 0;
    if (how === 'NaN') return NaN;
    if (how === 'scaled') return y * scale;
    // The value at some other operand stands for a clamp.
    return inside < 0 ? rule.clamped : result.data[result.uniform ? 0 : inside % result.data.length]!;
  });
}

function byHistory(draw: FaultDraw): Drawn {
  const k = 1 + draw.size(1, 6);
  return draw.choose<Drawn>([
    { text: `the executable ran ${k} times before`, holds: (_call, { runs }) => runs >= k, repetitions: k + 1 },
    { text: `it is run ${k} of each ${k}`, holds: (_call, { runs }) => runs % k === k - 1, repetitions: k },
    {
      text: 'the call before had more rows',
      holds: ({ sizes }, { previous }) => previous !== undefined && previous.rows > sizes.rows!,
      first: { rows: 9 + k, targets: 9 + k },
    },
    {
      text: 'the call before had as many rows',
      holds: ({ sizes }, { previous }) => previous !== undefined && previous.rows === sizes.rows!,
      repetitions: 2,
    },
    {
      text: 'first and last number of the operands are those of the call before',
      holds: (call, { previous }) => previous !== undefined && previous.ends === endsOf(call),
      repetitions: 2,
    },
    { text: 'parameters were replaced', holds: (_call, { replaced }) => replaced > 0, repetitions: -1 },
  ]);
}

function drawEffect(draw: FaultDraw, precision: 'f64' | 'f32', limit = 3): { text: string; apply: Effect } {
  const relative = precision === 'f64' ? draw.magnitude(1e-11, 0.3) : draw.magnitude(1e-4, 0.3);
  const effects: readonly { text: string; apply: Effect }[] = [
    { text: 'the last row is lost', apply: ({ sound }) => rowsEdited(sound(), (row, rows) => row === rows - 1) },
    { text: 'the first row is lost', apply: ({ sound }) => rowsEdited(sound(), (row) => row === 0) },
    { text: `rows beyond ${limit} are lost`, apply: ({ sound }) => rowsEdited(sound(), (row) => row >= limit) },
    { text: 'the last number is zero', apply: ({ sound }) => mapped(sound(), (y, i, n) => (i === n - 1 ? 0 : y)) },
    { text: `scaled by 1 + ${relative}`, apply: ({ sound }) => mapped(sound(), (y) => y * (1 + relative)) },
    {
      text: 'two numbers are exchanged',
      apply: ({ sound }) => {
        const { data, ...rest } = sound();
        const copy = data.slice();
        if (copy.length > 1) [copy[0], copy[copy.length - 1]] = [copy[copy.length - 1]!, copy[0]!];
        return { ...rest, data: copy };
      },
    },
    { text: 'numbers are NaN', apply: ({ sound }) => mapped(sound(), () => NaN) },
    {
      text: 'it stops too soon',
      apply: ({ sound, stopped }) => stopped?.(limit) ?? rowsEdited(sound(), (row, rows) => row === rows - 1),
    },
    {
      text: 'it stops too soon',
      apply: ({ sound, stopped }) => stopped?.(limit) ?? mapped(sound(), (y, i, n) => (2 * i >= n ? 0 : y)),
    },
    {
      text: 'the last row is that of the call before',
      apply: ({ sound }, { previous }) => {
        const { data, shape, uniform } = sound();
        const copy = data.slice();
        const width = copy.length / Math.max(1, shape[0] ?? 1);
        const old = previous?.result.data;
        if (old && old.length >= copy.length)
          copy.set(old.subarray(copy.length - width, copy.length), copy.length - width);
        else copy.fill(0, copy.length - width);
        return { data: copy, shape, uniform };
      },
    },
  ];
  return draw.choose(effects);
}

function rowsEdited(value: Value, lost: (row: number, rows: number) => boolean): Value {
  const rows = value.uniform ? 1 : (value.shape[0] ?? 1);
  const width = Math.max(1, value.data.length / Math.max(1, rows));
  return mapped(value, (y, i) => (lost(Math.floor(i / width), rows) ? 0 : y));
}

function endsOf({ operands }: Call): string {
  return operands.map(({ data }) => `${data[0]} ${data[data.length - 1]}`).join(', ');
}

/** The reference with another kernel for one op. */
export function withKernel(op: OpName, change: (call: Call, history: History) => Value): BackendDefinition {
  const sound = reference();
  return {
    ...sound,
    create: async () => {
      const { device, capabilities } = await sound.create();
      return assembleBackend({
        name: sound.name,
        device,
        capabilities,
        upload: (values, shape) => {
          const copy = values.slice();
          return { shape, bytes: copy.byteLength, read: async () => copy.slice(), dispose: () => {} };
        },
        compile: async (graph, { precision, parameters }) => {
          const flat = legalize(graph, (node) => node.op !== 'call');
          const history: History = { runs: 0, calls: 0, replaced: 0, previous: undefined };
          const kernels = makeKernels(precision);
          const instead = intercepted(kernels, op, (call) => {
            const result = change(call, history);
            history.previous = { rows: call.sizes.rows!, ends: endsOf(call), result };
            return result;
          });
          const copied = (given: typeof parameters): Record<string, RealArray> =>
            Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.slice()]));
          let held = copied(parameters);
          const interpreter = new Interpreter(flat, precision, held, instead);
          const liveBytes = Object.values(parameters).reduce((sum, { byteLength }) => sum + byteLength, 0);
          return {
            graph: flat,
            report: { kernels: [{ name: 'all', nodes: [0] }], fused: [], legalized: [] },
            memory: () => ({ liveBytes, liveBuffers: Object.keys(parameters).length }),
            bind: ({ dims, maps }) => ({
              run: async (values) => {
                const results = interpreter.run({ dims, maps, inputs: values as Readonly<Record<string, RealArray>> });
                history.runs++;
                return results;
              },
            }),
            setParameters: (given) => {
              history.replaced++;
              interpreter.setParameters((held = { ...held, ...copied(given) }));
            },
            dispose: () => {},
          };
        },
      });
    },
  };
}
