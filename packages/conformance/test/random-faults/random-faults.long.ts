/**
 * Three hundred faults drawn at random, from a seed that changes with the date: the kit must catch 98 % of them. A fault that
 * changes no result is shown to be none by a run against the reference, and another is drawn. A run stops at the first case
 * that fails; each fault that passes the whole kit is printed as a case to add.
 *
 * `npm run test:long -- random-faults`; `MACE_FAULT_SEED=20261130` draws those of a day again, `MACE_FAULTS=50` fewer,
 * `MACE_FAULTS_FROM=100` goes on at a draw.
 */
import { expect, test } from 'vitest';
import { reference } from '@mace/core';
import { nodesOf } from '@mace/core/ir';
import type { BackendDefinition } from '@mace/core/backend';
import { typedArrays } from '../../../backend-typed-arrays/src/index.js';
import type { Case } from '../../src/case.js';
import { CaseRunner, runConformance, selectCases } from '../../src/run.js';
import { broken } from '../contract/fault.js';
import { FaultDraw } from './draw.js';
import { drawEngineFault } from './engine-faults.js';
import { changesResults } from './equivalence.js';
import { drawKernelFault, withKernel } from './kernel-faults.js';
import { sessionFault } from './session.js';

const seed = Number(process.env['MACE_FAULT_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''));
const wanted = Number(process.env['MACE_FAULTS'] ?? 300);
const from = Number(process.env['MACE_FAULTS_FROM'] ?? 0);

interface Drawn {
  readonly text: string;
  readonly precision: 'f64' | 'f32';
  readonly definition: () => BackendDefinition;
  /** What a session or witness shows. */
  readonly shown: string;
  readonly first: (one: Case) => boolean;
}

test(`${wanted} faults of seed ${seed}`, async () => {
  const cases = selectCases(null);
  const missed: Drawn[] = [];
  let equivalent = 0;
  let done = 0;
  for (let draw = from; done < wanted; draw++) {
    const fault = await drawFault(new FaultDraw(seed * 1009 + draw));
    if (!fault) {
      equivalent++;
      continue;
    }
    done++;
    const began = performance.now();
    const caught = await firstFailure(fault, cases);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const outcome = caught ? `caught by ${caught}` : `MISSED; it shows as: ${fault.shown}`;
    process.stdout.write(`${done}. (draw ${draw}, ${seconds} s) ${fault.text}\n   ${outcome}\n`);
    if (!caught) missed.push(fault);
  }
  const lines = missed.map(({ text, shown }) => `- ${text}\n  ${shown}\n`);
  process.stdout.write(
    `${wanted - missed.length} of ${wanted} caught; ${equivalent} more changed no result. Cases to add:\n${lines.join('')}`,
  );
  expect(1 - missed.length / wanted).toBeGreaterThanOrEqual(0.98);
});

/** A fault that changes a result; null if the one that was drawn does not. */
async function drawFault(draw: FaultDraw): Promise<Drawn | null> {
  if (draw.chance(0.7)) {
    const fault = drawKernelFault(draw);
    const shown = await changesResults(fault);
    if (!shown) return null;
    return {
      ...fault,
      definition: () => fault.definition,
      shown,
      first: (one) => one.kind === 'graph' && nodesOf(one.example().graph).some(({ op }) => op === fault.op),
    };
  }
  const { text, how } = drawEngineFault(draw);
  const definition = (): BackendDefinition => broken(typedArrays(), { name: text, breaks: [], how });
  for (let i = 0; i < 3; i++) {
    const shown = await sessionFault(definition(), typedArrays(), draw.integer(2 ** 31));
    if (shown) return { text, precision: 'f64', definition, shown, first: (one) => one.kind === 'contract' };
  }
  return null;
}

async function firstFailure(
  { text, definition, precision, first }: Drawn,
  cases: readonly Case[],
): Promise<string | null> {
  // Only what never ends may be caught by the time that it takes.
  const timeoutSeconds = text.includes('never ends') ? 5 : 900;
  const runner = new CaseRunner(definition(), precision, { timeoutSeconds });
  try {
    for (const one of [...cases.filter(first), ...cases.filter((other) => !first(other))]) {
      const { status, path, seconds } = await runner.run(one);
      if (seconds > 20) process.stdout.write(`   ${path} took ${seconds.toFixed(0)} s\n`);
      if (status === 'failed') return path;
    }
    return null;
  } finally {
    await runner.dispose();
  }
}

test('the engine whose kernels are broken is sound before', async () => {
  const sound = withKernel('matmul', (call) => call.sound());
  const report = await runConformance(sound, { precision: 'f64', only: ['contract', 'ops/matmul'] });
  expect(report.notable.filter(({ status }) => status === 'failed')).toEqual([]);
});

test('a sound backend shows nothing in sessions and witnesses', async () => {
  for (let i = 0; i < 10; i++) expect(await sessionFault(typedArrays(), typedArrays(), i)).toBeNull();
  for (let i = 0; i < 100; i++)
    expect(await changesResults({ ...drawKernelFault(new FaultDraw(i)), definition: reference() })).toBeNull();
});
