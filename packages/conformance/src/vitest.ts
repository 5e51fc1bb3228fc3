/** The kit as vitest tests: one test per case, so that a runner shows, selects and counts them. */
import { probeBackend, type BackendDefinition } from '@mace/core/backend';
import { CaseRunner, selectCases, type ConformanceOptions } from './run.js';
import type { TestedPrecision } from './tolerance.js';

/** What this file needs of vitest. Written out, so that the package builds where vitest is not installed. */
interface TestRunner {
  describe(name: string, body: () => void): void;
  test(name: string, body: (context: { skip(note: string): void }) => Promise<void>, timeout: number): void;
  beforeAll(body: () => Promise<void>): void;
  afterAll(body: () => Promise<void>): void;
  expect(found: unknown, message?: string): { toMatch(pattern: RegExp): void; toBeNull(): void };
}

const name = 'vitest';
const { afterAll, beforeAll, describe, expect, test } = (await import(name)) as TestRunner;

export interface ConformanceTestOptions
  extends Pick<ConformanceOptions, 'only' | 'limitations' | 'timeoutSeconds' | 'configuration' | 'golden'> {
  readonly precision?: TestedPrecision | readonly TestedPrecision[];
  /** Path patterns of cases that another file runs. */
  readonly except?: readonly string[];
  /** Fail where the backend is absent, instead of skipping. Default false. */
  readonly required?: boolean;
}

/** Declares the tests of a backend; call it at the top of a test file. */
export function conformanceTests(definition: BackendDefinition, options: ConformanceTestOptions = {}): void {
  const { precision = 'f64', only, except = [], required = false, timeoutSeconds = 600 } = options;
  const precisions = typeof precision === 'string' ? [precision] : precision;
  for (const one of precisions) describe(`conformance of ${definition.name} in ${one}`, () => testsOf(one));

  function testsOf(one: TestedPrecision): void {
    let runner: CaseRunner;
    let absent: string | null = null;
    beforeAll(async () => {
      const availability = await probeBackend(definition);
      if (!availability.available) absent = `${availability.reason} ${availability.remedy ?? ''}`.trim();
      runner = new CaseRunner(definition, one, { ...options, timeoutSeconds });
    });
    afterAll(() => runner.dispose());
    for (const selected of selectCases(only ?? null, options.golden ?? [], except)) {
      test(
        selected.path,
        async (context) => {
          if (absent !== null && !required) context.skip(absent);
          expect(absent).toBeNull();
          const result = await runner.run(selected);
          if (result.unavailable !== undefined) context.skip(result.unavailable);
          expect(result.status, result.problems.map(({ message }) => message).join('\n')).toMatch(/passed|limited/);
        },
        (timeoutSeconds + 10) * 1000,
      );
    }
  }
}
