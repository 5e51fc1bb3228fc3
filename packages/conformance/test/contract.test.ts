/** The suites `contract` and `soak`: sound backends keep every promise, and for each promise a backend that breaks it is caught. */
import { describe, expect, test } from 'vitest';
import { reference } from '@mace/core';
import type { BackendDefinition } from '@mace/core/backend';
import { typedArrays } from '../../backend-typed-arrays/src/index.js';
import { checkContract } from '../src/checks/contract.js';
import { checkSoak } from '../src/checks/soak.js';
import { CaseRunner, selectCases } from '../src/run.js';
import { Subject } from '../src/subject.js';
import { contractCases } from '../src/suites/contract.js';
import { soakCases } from '../src/suites/soak.js';
import { bindingFaults } from './contract/binding-faults.js';
import { broken, resultsChanged, type Fault } from './contract/fault.js';
import { graphFaults, inputFaults, numberFaults, parameterFaults } from './contract/faults.js';
import { geometryFaults } from './contract/geometry-faults.js';
import { hosted } from './contract/hosted.js';
import { memberFaults, reportFaults, tensorFaults } from './contract/member-faults.js';
import { definitionFaults, lifetimeFaults } from './contract/object-faults.js';
import { changeFaults, memberFaultsOfSizes, overlapFaults, repetitionFaults } from './contract/sharper-faults.js';

const cases = contractCases();
const faults: readonly Fault[] = [
  ...graphFaults,
  ...inputFaults,
  ...parameterFaults,
  ...numberFaults,
  ...definitionFaults,
  ...lifetimeFaults,
  ...tensorFaults,
  ...reportFaults,
  ...memberFaults,
  ...changeFaults,
  ...repetitionFaults,
  ...overlapFaults,
  ...memberFaultsOfSizes,
  ...bindingFaults,
  ...geometryFaults,
];

const onDevice = [
  'precision/understated',
  'determinism/understated',
  'device-tensors',
  'repeated/runs-on-device',
  'overlap/on-device',
  'overlap/on-device-inputs-written-to',
  'binding/kept',
  'parameters/tensors',
  'binding/bytes',
];
/** Paths of the promises that apply to each sound backend only if it has something that it need not have. */
const optional = {
  reference: [...onDevice, 'neighbors'],
  'typed-arrays': [
    'precision/understated',
    'determinism/understated',
    'device-tensors/unclaimed',
    'neighbors',
    'geometry',
    'binding/bytes',
  ],
  hosted: onDevice,
};

describe.each([
  ['reference', reference()],
  ['typed-arrays', typedArrays()],
  ['hosted', hosted()],
] as const)('%s keeps every promise', (name, definition) => {
  test.each(['f64', 'f32'] as const)('in %s', async (precision) => {
    const runner = new CaseRunner(definition, precision);
    const results = [];
    for (const one of selectCases(['contract'])) results.push(await runner.run(one));
    await runner.dispose();
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    const left = results
      .filter(({ status }) => status === 'unavailable')
      .map(({ path }) => path.replace('contract/', ''));
    expect(left.filter((path) => !optional[name].some((known) => path.startsWith(known)))).toEqual([]);
    expect(results.length - left.length).toBeGreaterThan(55);
  });
});

describe('a backend that breaks a promise is caught', () => {
  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const problems = await problemsOf(broken(soundFor(fault), fault), fault.breaks);
    expect([...new Set(problems.map(({ check }) => check))].sort()).toEqual(
      fault.breaks.map((promise) => `contract/${promise}`).sort(),
    );
    for (const { message } of problems) expect(message).toMatch(/^.{20,}[.]$/s);
  });

  test('and there is one for every promise', () => {
    const broken = new Set(faults.flatMap(({ breaks }) => breaks));
    expect(cases.map(({ check }) => check).filter((check) => !broken.has(check))).toEqual([]);
  });
});

describe('soak, a hundredth of it', () => {
  const share = 0.01;

  test.each([
    ['reference', reference()],
    ['typed-arrays', typedArrays()],
  ] as const)('%s wears well', async (_name, definition) => {
    expect(await worn(definition, 'f64')).toEqual([]);
    expect(await worn(definition, 'f32')).toEqual([]);
  });

  test('what grows, forgets or breaks under size is caught', async () => {
    const wearOf = (of: string, how: Fault['how']): Promise<string[]> =>
      worn(broken(reference(), { name: of, breaks: [], how }), 'f64');
    const leaking = lifetimeFaults.filter(({ name }) => name === 'memory/runs' || name === 'memory/executables');
    expect(await wearOf('runs', leaking[0]!.how)).toEqual(['soak/runs']);
    expect(await wearOf('executables', leaking[1]!.how)).toEqual(['soak/compilations']);
    const late = (): ReturnType<Fault['how']> =>
      resultsChanged((results, _inputs, { runs }) => runs === 90 && results.forces?.reverse());
    expect(await wearOf('late', late)).toEqual(['soak/runs']);
    const large = (): ReturnType<Fault['how']> =>
      resultsChanged((results, { dims }) => dims.atoms > 10 && results.forces?.fill(0, -3));
    expect(await wearOf('large', large)).toEqual(['soak/large']);
  });

  async function worn(definition: BackendDefinition, precision: 'f64' | 'f32'): Promise<string[]> {
    const subject = new Subject(definition, precision);
    const found: string[] = [];
    for (const one of soakCases()) {
      const { problems } = await checkSoak(subject, one, share);
      found.push(...problems.map(({ check }) => check));
    }
    await subject.dispose();
    return found;
  }
});

/** What the checks of these promises find. */
async function problemsOf(
  definition: BackendDefinition,
  promises: readonly string[],
): Promise<{ check: string; message: string }[]> {
  const subject = new Subject(definition, 'f64');
  // As in a whole run, something was compiled and run before.
  await checkContract(subject, cases.find(({ check }) => check === 'outputs/kept')!);
  const problems = [];
  for (const one of cases)
    if (promises.includes(one.check)) problems.push(...(await checkContract(subject, one)).problems);
  await subject.dispose();
  return problems;
}

function soundFor({ of }: Fault): BackendDefinition {
  return of === 'device tensors' ? typedArrays() : of === 'optional members' ? hosted() : reference();
}
