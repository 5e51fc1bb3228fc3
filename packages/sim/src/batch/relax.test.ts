/** Many relaxations at once: the bits of each alone, in order, failures in their places. */
import { expect, test } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { fixAtoms } from '../constraints/fix-atoms.js';
import { relaxSystem } from '../relaxation/relax-system.js';
import { bindingOf } from '../testing/binding.js';
import { atomsOf, chain, systemOf } from '../testing/potentials.js';
import { relax, type NotRelaxed, type Relaxed, type RelaxOptions } from './relax.js';

const many = Array.from({ length: 30 }, (_, g) => atomsOf(1 + (g % 8), 1 + (g % 5), (i) => 2 * Math.sin(7 * g + i)));

async function all(
  structures: readonly (Structure | Error)[],
  options?: RelaxOptions,
): Promise<(Relaxed | NotRelaxed)[]> {
  const found: (Relaxed | NotRelaxed)[] = [];
  for await (const one of relax(bindingOf(chain), structures, options)) found.push(one);
  return found;
}

test.each(['lbfgs', 'fire'] as const)('%s: the same bits as one by one', async (optimizer) => {
  const found = (await all(many, { optimizer, fmax: 1e-3, batchAtoms: 20 })) as Relaxed[];
  expect(found.map(({ index }) => index)).toEqual([...many.keys()]);
  expect(new Set(found.map(({ steps }) => steps)).size).toBeGreaterThan(5);
  for (const { index, structure, energy, steps, fmax } of found) {
    const [alone] = await relaxSystem(systemOf([many[index]!], chain), { optimizer, fmax: 1e-3 });
    expect([energy, steps, fmax]).toEqual([alone!.last!.energy, alone!.steps, alone!.largestForce]);
    expect(structure.positions).toEqual(alone!.structure.positions);
  }
});

test('one that fails has its reason in its place', async () => {
  const unknown = atomsOf(9, 2);
  const short = many[0]!;
  const constraints = (one: Structure, index: number): ReturnType<typeof fixAtoms>[] =>
    index === 2 ? [fixAtoms(one, [1])] : [];
  const found = await all([many[1]!, unknown, short, new Error('not readable'), many[2]!], { constraints });
  expect(found.map((one) => ('error' in one ? one.error.message : one.isConverged))).toEqual([
    true,
    'Element that the model does not cover.',
    'fixAtoms is 1; expected numbers of atoms from 0 to 0.',
    'not readable',
    true,
  ]);
});

test('what is known keeps its place', async () => {
  const found: unknown[] = [];
  for await (const one of relax(bindingOf(chain), [many[1]!, { passed: 'a result' }, many[2]!]))
    found.push('passed' in one ? [one.index, one.passed] : one.index);
  expect(found).toEqual([0, [1, 'a result'], 2]);
});

test('the energy of the start, and each point of a path, are told', async () => {
  const path: number[] = [];
  const observe: RelaxOptions['observe'] = ({ last }, index) => void (index === 1 && path.push(last!.energy));
  const [, one] = (await all(many.slice(0, 3), { observe, steps: 3 })) as Relaxed[];
  expect([path.length, path[0], path.at(-1)]).toEqual([4, one!.initialEnergy, one!.energy]);
  expect([one!.end, one!.isConverged]).toEqual(['out-of-steps', false]);
});

test('a wrong option is said before any structure is asked for', async () => {
  const structures = function* (): Generator<Structure> {
    throw new Error('was asked for');
  };
  const run = relax(bindingOf(chain), structures(), { fmax: -1 });
  await expect(run.next()).rejects.toThrow('fmax is -1');
  const other = relax(bindingOf(chain), structures(), { maxSteps: 2 } as object);
  await expect(other.next()).rejects.toThrow('maxSteps is no option of relax; the nearest is steps');
});
