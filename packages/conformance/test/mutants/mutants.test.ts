/** The kit on backends that are each broken by one fault: every one is caught, and the report says where. */
import { describe, expect, test } from 'vitest';
import { runConformance } from '../../src/run.js';
import { broken, type Fault } from './fault.js';
import { faults } from './faults.js';
import { opFaults } from './op-faults.js';

async function messagesOf(fault: Fault): Promise<string> {
  const report = await runConformance(broken(fault), {
    precision: fault.precision ?? 'f64',
    only: fault.caughtBy,
    timeoutSeconds: fault.timeoutSeconds ?? 60,
  });
  return report.notable
    .filter(({ status }) => status === 'failed')
    .map(({ path, problems }) => `${path}\n${problems.map(({ check, message }) => `${check}: ${message}`).join('\n')}`)
    .join('\n');
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
