/**
 * What a run does, in order, with the names of places made addresses: inputs arrive, kernels work on all rows, and phases by rows work
 * chunk by chunk. It holds as long as addresses do.
 */
import type { Program } from '@mace/core/backend';
import type { NodeOf } from '@mace/core/ir';
import { chunksName, commitName, phaseName } from './driver.js';
import type { Call, Emitter, Preparation, Value } from './emitter.js';
import { runtimeDims } from './kernels/kernel-set.js';
import { sizeOfDims, valueOf } from './kernels/size.js';
import type { BoundSpace } from './run-space.js';

/** Kernels and drivers by name. */
export type Code = Readonly<Record<string, (...operands: number[]) => void>>;

export type RunStep =
  | { readonly kind: 'input'; readonly name: string; readonly address: number; readonly count: number }
  | { readonly kind: 'prepare'; readonly one: Preparation; readonly from: Numbers | null; readonly address: number }
  | { readonly kind: 'call'; readonly call: Call; readonly run: () => void }
  | { readonly kind: 'rows'; readonly from: number; readonly to: number; readonly phases: readonly RowPhase[] };

/** Where numbers are. */
export interface Numbers {
  readonly address: number;
  readonly count: number;
}

/** The functions that compute one chunk of a phase. */
export interface RowPhase {
  readonly run: string;
  readonly commit: string;
  /** Both for several chunks, on one thread. */
  readonly chunks: string;
}

export interface Steps {
  readonly steps: readonly RunStep[];
  /** Values that chunks add to, cleared before a run. */
  readonly scattered: readonly Numbers[];
  readonly outputs: readonly (Numbers & { readonly name: string })[];
  /** Inputs that arrive after rows have been computed, during which others may run. */
  readonly lateInputs: readonly string[];
}

export function stepsOf(program: Program<Emitter, Value>, emitter: Emitter, space: BoundSpace, code: Code): Steps {
  const { phases, plan, memory } = emitter;
  const { dims } = space.sizes;
  const sizes = runtimeDims.map((dim) => dims[dim]);
  const numbersOf = (node: Value['node']): Numbers => ({
    address: space.address({ kind: 'slot', slot: memory.slotOf(node, null) }),
    count: valueOf(sizeOfDims(node.type.shape), dims),
  });
  const called = (call: Call): RunStep[] => {
    const count = valueOf(call.units, dims);
    const operands = [0, count, ...sizes, ...call.places.map((place) => space.address(place))];
    return count === 0 ? [] : [{ kind: 'call', call, run: () => code[call.kernel]!(...operands) }];
  };
  const arrived = (node: NodeOf<'input'>): RunStep => ({
    kind: 'input',
    name: node.attributes.name,
    ...numbersOf(node),
  });
  const prepared = (one: Preparation): RunStep => ({
    kind: 'prepare',
    one,
    from: one.source.op === 'parameter' ? null : numbersOf(one.source),
    address: space.address({ kind: 'room', room: one.room }),
  });
  const steps: RunStep[] = [];
  for (let phase = 0; phase < phases.length; ) {
    for (const one of phases[phase]!.whole)
      steps.push(...('input' in one ? [arrived(one.input)] : 'prepare' in one ? [prepared(one)] : called(one)));
    // Phases by rows with nothing to do as a whole between them are one job.
    const from = phases[phase]!.byRows.length > 0 ? phase : phase + 1;
    do phase++;
    while (phase < phases.length && phases[phase]!.whole.length === 0);
    if (phase === from) continue;
    const names = Array.from({ length: phase - from }, (_, i) => from + i);
    steps.push({
      kind: 'rows',
      from,
      to: phase,
      phases: names.map((one) => ({ run: phaseName(one), commit: commitName(one), chunks: chunksName(one) })),
    });
  }
  const firstRows = steps.findIndex(({ kind }) => kind === 'rows');
  const late = firstRows < 0 ? [] : steps.slice(firstRows);
  return {
    steps,
    lateInputs: late.flatMap((step) => (step.kind === 'input' ? [step.name] : [])),
    scattered: [...plan.scattered].map(numbersOf),
    outputs: Object.entries(program.graph.outputs).map(([name, node]) => ({ name, ...numbersOf(node) })),
  };
}
