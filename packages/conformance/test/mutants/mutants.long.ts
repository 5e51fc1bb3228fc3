/**
 * Every mutant on most of the kit: writes TABLE.md, mutant × suite, and wants every kind of check tripped by at least one.
 *
 * Run by `npm run test:long -- packages/conformance/test/mutants`; some twenty minutes on one core.
 */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { physicsNames } from '../../src/checks/physics.js';
import { suiteNames } from '../../src/case.js';
import { runConformance } from '../../src/run.js';
import type { Report } from '../../src/report/report.js';
import { sample } from '../../src/sample.js';
import { broken, type Fault } from './fault.js';
import { faults } from './faults.js';
import { opFaults } from './op-faults.js';

const suites = suiteNames.filter((name) => name !== 'soak');

describe('mutants', () => {
  const rows: string[] = [];
  const tripped = new Set<string>();

  test.each([...faults, ...opFaults].map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const only = opFaults.includes(fault)
      ? [`ops/${fault.name.replace(/-(scaled|last-row-lost)$/, '')}/*/1-to-35-rows`]
      : sample;
    const report = await run(fault, only);
    rows.push(rowOf(fault, report));
    for (const { problems } of report.notable) problems.forEach(({ check }) => tripped.add(check));
    expect(report.failed).toBeGreaterThan(0);
  });

  test('every kind of check is tripped by at least one mutant', () => {
    const header = ['mutant', ...suites, 'caught by'];
    const table = [header, header.map(() => '---')].map((cells) => `| ${cells.join(' | ')} |`);
    const text = [
      '# Mutants',
      '',
      'Number of cases of the sample (`src/sample.ts`) that fail on a backend with one fault, suite by suite; made by',
      '`mutants.long.ts`. The mutants of',
      'single ops run the cases of their op only. Checks of the contract have mutants of their own in `contract.test.ts`.',
      '',
      ...table,
      ...rows,
      '',
    ];
    writeFileSync(new URL('TABLE.md', import.meta.url), text.join('\n'));
    const expected = [
      'values',
      'finite',
      'keys',
      'size',
      'inputs-unmodified',
      'leak',
      'hangs',
      'throws',
      'fusion/values',
      'fusion/switch',
      'fusion/occurs',
      'golden/energy',
      'golden/forces',
      'golden/stress',
      'golden/virial',
      'golden/stages',
      ...physicsNames.map((law) => `physics/${law}`),
    ];
    expect(expected.filter((check) => !tripped.has(check))).toEqual([]);
  });
});

async function run(fault: Fault, only: readonly string[]): Promise<Report> {
  return runConformance(broken(fault), {
    precision: fault.precision ?? 'f64',
    only: fault.timeoutSeconds ? fault.caughtBy : only,
    timeoutSeconds: fault.timeoutSeconds ?? 60,
  });
}

function rowOf({ name }: Fault, { suites: found, notable }: Report): string {
  const checks = [...new Set(notable.flatMap(({ problems }) => problems.map(({ check }) => check)))];
  const shown = checks.slice(0, 4).join(', ') + (checks.length > 4 ? ', …' : '');
  return `| ${[name, ...suites.map((suite) => found[suite]?.failed || (found[suite] ? '·' : '')), shown].join(' | ')} |`;
}
