/** The atoms of dynamics out of structures and options: masses, constraints, and how many ways there are to move. */
import { UnsupportedError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { Atoms } from './atoms.js';
import type { Constraint } from './constraints/constraint.js';
import type { CheckedOptions } from './options.js';
import { massesOf } from './units.js';

/** @throws UnsupportedError (`option`), StructureError for elements without a mass */
export function prepareAtoms(
  structures: readonly Structure[],
  offsets: Int32Array,
  options: Pick<CheckedOptions, 'masses' | 'constraints' | 'stress'>,
): Atoms {
  const count = offsets.at(-1)!;
  const { constraints = structures.map(() => []) } = options;
  const masses = options.masses
    ? Float64Array.from(options.masses)
    : massesOf(structures.flatMap((one) => [...one.numbers]));
  if (masses.length !== count || !masses.every((mass) => mass > 0 && Number.isFinite(mass)))
    throw new UnsupportedError('option', `masses: expected ${count} numbers above 0, in u; got ${masses.length}.`);
  if (constraints.length !== structures.length)
    throw new UnsupportedError(
      'option',
      `constraints are of ${constraints.length} structures; expected a list for each of ${structures.length}, empty where nothing is held.`,
    );
  const own = (g: number): Float64Array => masses.subarray(offsets[g]!, offsets[g + 1]!);
  const drifts = structures.map(({ positions }, g) =>
    constraints[g]!.every((one) => letsDrift(one, positions, own(g))),
  );
  return {
    offsets,
    masses,
    positions: Float64Array.from(structures.flatMap((one) => [...one.positions])),
    momenta: new Float64Array(3 * count),
    forces: new Float64Array(3 * count),
    cells: Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))])),
    stresses: new Float64Array(options.stress ? 9 * structures.length : 0),
    constraints,
    freedom: Float64Array.from(structures, ({ numbers }, g) => freedomOf(numbers.length, constraints[g]!, g)),
    drifts,
  };
}

function freedomOf(atoms: number, constraints: readonly Constraint[], g: number): number {
  const removed = constraints.reduce((sum, one) => sum + one.removed, 0);
  if (removed > 3 * atoms)
    throw new UnsupportedError(
      'option',
      `constraints of structure ${g} take ${removed} degrees of freedom; expected at most the ${3 * atoms} of its ${atoms} atoms. Name none twice.`,
    );
  return 3 * atoms - removed;
}

/** Whether a constraint leaves a motion of all atoms alike as it is. */
function letsDrift(constraint: Constraint, positions: Float64Array, masses: Float64Array): boolean {
  return [0, 1, 2].every((axis) => {
    const momenta = positions.map((_, i) => (i % 3 === axis ? masses[Math.floor(i / 3)]! : 0));
    const left = momenta.slice();
    constraint.adjustMomenta(positions, left, masses);
    return left.every((p, i) => Math.abs(p - momenta[i]!) <= 1e-9 * masses[Math.floor(i / 3)]!);
  });
}
