/** The sample of the kit on backends that are each broken by one fault: every one is caught, and the report says where. */
import { describe, expect, test } from 'vitest';
import { CaseRunner, selectCases } from '../../src/run.js';
import { sample } from '../../src/sample.js';
import { broken, type Fault } from './fault.js';
import { faults } from './faults.js';
import { opFaults } from './op-faults.js';

const inSample = new Set(selectCases(sample).map(({ path }) => path));

/** What the cases of the sample find that should catch a fault. */
async function messagesOf(fault: Fault): Promise<string> {
  const runner = new CaseRunner(broken(fault), fault.precision ?? 'f64', {
    timeoutSeconds: fault.timeoutSeconds ?? 600,
  });
  const messages: string[] = [];
  for (const one of selectCases(fault.caughtBy)) {
    if (!inSample.has(one.path)) continue;
    const { path, status, problems } = await runner.run(one);
    if (status === 'failed') messages.push(path, ...problems.map(({ check, message }) => `${check}: ${message}`));
    const enough = messages.length > 0 && (!fault.neighbourhood || fault.neighbourhood.test(messages.join('\n')));
    if (enough) break;
  }
  await runner.dispose();
  return messages.join('\n');
}

describe.each([
  ['faults of every kind', faults],
  ['faults of single ops', opFaults],
] as const)('%s', (_, list) => {
  test.each(list.map((fault) => [fault.name, fault] as const))('%s is caught', async (_name, fault) => {
    const messages = await messagesOf(fault);
    expect(messages).not.toBe('');
    if (fault.neighbourhood) expect(messages).toMatch(fault.neighbourhood);
  });
});
