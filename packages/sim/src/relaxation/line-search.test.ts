/** Line searches of functions of one number, with the steps of ASE 3.29. */
import { describe, expect, test } from 'vitest';
import { continueSearch, startSearch } from './line-search.js';

/** Steps of a search of a function and its derivative. */
function searched(energy: (x: number) => number, slope: (x: number) => number, longest = 1e9): unknown[] {
  const steps: unknown[] = [];
  let search = startSearch(energy(0), slope(0), longest);
  while (search && steps.length < 40) {
    const { step } = search;
    steps.push(step);
    const next = continueSearch(search, { step, energy: energy(step), slope: slope(step) });
    if (typeof next === 'string') return [...steps, next];
    search = next;
  }
  return steps;
}

const functions: Record<string, [energy: (x: number) => number, slope: (x: number) => number, longest?: number]> = {
  'far away': [(x) => 0.05 * (x - 20) ** 2, (x) => 0.1 * (x - 20)],
  'far away, in short steps': [(x) => 0.05 * (x - 2) ** 2, (x) => 0.1 * (x - 2), 0.3],
  'too far': [(x) => (x - 0.05) ** 2 + (x - 0.05) ** 4, (x) => 2 * (x - 0.05) + 4 * (x - 0.05) ** 3],
  quartic: [(x) => (x - 3) ** 4 - x, (x) => 4 * (x - 3) ** 3 - 1],
  wave: [(x) => -Math.sin(x) - 0.3 * Math.cos(5 * x), (x) => -Math.cos(x) + 1.5 * Math.sin(5 * x)],
  wall: [(x) => Math.exp(30 * (x - 0.5)) - x, (x) => 30 * Math.exp(30 * (x - 0.5)) - 1],
  'slow, halved': [
    (x) => 50 * Math.abs(x - 0.2) ** 5 - 0.01 * x,
    (x) => 250 * Math.sign(x - 0.2) * (x - 0.2) ** 4 - 0.01,
  ],
  'wrong slope': [(x) => x, () => -1],
};

/** ASE takes the step of a search that failed for found. `LineSearch()._line_search(func, fprime, [0.], [1.], …, maxstep=longest, c1=.23, c2=.46)` */
const ase: Record<string, unknown[]> = {
  'far away': [1.0, 5.0, 19.999999999999993, 'found'],
  'far away, in short steps': [0.3, 0.6, 0.8999999999999999, 1.2, 'found'],
  'too far': [1.0, 0.08067949793336227, 0.04997044253303666, 'found'],
  quartic: [1.0, 'found'],
  wave: [1.0, 5.0, 1.865038978404932, 1.2415126819429574, 'found'],
  wall: [
    1.0,
    0.32142865073588855,
    0.6551526967039343,
    0.4190530410889964,
    0.35490360775971674,
    0.38689137554143427,
    'found',
  ],
  'slow, halved': [
    1,
    0.2606877548638612,
    0.2649586762003694,
    0.6324793381001848,
    0.33361688836537895,
    0.27734904571526986,
    0.2795666122428695,
    0.2795254116960864,
    0.2795270728768985,
    0.2795270728767051,
    0.2795270728767051,
    'failed',
  ],
  'wrong slope': [
    1.0,
    0.09175170953613698,
    0.00841837620280364,
    0.0007724004081255667,
    7.08690578919306e-5,
    6.502357214800084e-6,
    5.966023904725418e-7,
    5.473928923920156e-8,
    1e-8,
    'failed',
  ],
};

describe('steps of ASE', () => {
  test.each(Object.keys(functions))('%s', (name) => {
    const [energy, slope, longest] = functions[name]!;
    const [steps, wanted] = [searched(energy, slope, longest), ase[name]!];
    expect(steps.length).toBe(wanted.length);
    steps.forEach((step, i) =>
      typeof step === 'number' ? expect(step).toBeCloseTo(wanted[i] as number, 11) : expect(step).toBe(wanted[i]),
    );
  });
});

test('no search up', () => {
  expect(startSearch(1, 0, 1)).toBeUndefined();
  expect(startSearch(1, NaN, 1)).toBeUndefined();
});
