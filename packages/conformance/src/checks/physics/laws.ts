/**
 * What must hold for any potential. A law is a function of an evaluator: it looks at structures in two ways that must agree
 * and says by how much they do not. The same law on the reference measures the noise that is allowed.
 */
import type { Result } from '@mace/core';
import { randomRotation } from '@mace/core/equivariant';
import type { Structure } from '@mace/core/structure';
import {
  permuted,
  repeated,
  rotateRows,
  rotateTensors,
  skewed,
  structures,
  together,
  transformed,
  translated,
  unwrapped,
} from '../../structures.js';
import { Deviation } from './deviation.js';

export interface LawContext {
  /** In one batch, as far as batches go. */
  evaluate(structures: readonly Structure[]): Promise<Result[]>;
  /** What the model is evaluated on, with names. */
  readonly structures: readonly NamedStructure[];
  /** Random rotations of a small molecule; the others get a few. */
  readonly rotations: number;
}

export type Law = (context: LawContext) => Promise<Deviation>;

type NamedStructure = readonly [name: string, structure: Structure];

const isPeriodic = ([, { pbc }]: NamedStructure): boolean => pbc[0];
const isMolecule = ([, { cell }]: NamedStructure): boolean => cell === null;

export const laws: Readonly<Record<string, Law>> = {
  rotation: (context) => rotations(context, (r) => r),
  reflection: (context) => rotations(context, (r) => r.map((x) => -x)),

  translation: pairwise(
    () => true,
    (structure) => ({
      moved: translated(structure, [1000, -333, 57]),
      expect: (base) => base,
    }),
  ),

  permutation: pairwise(
    () => true,
    (structure) => {
      const order = [...structure.numbers.keys()].reverse();
      return {
        moved: permuted(structure, order),
        expect: (base) => ({
          energy: base.energy,
          stress: base.stress ?? null,
          forces: Float64Array.from(order.flatMap((i) => [...base.forces!.subarray(3 * i, 3 * i + 3)])),
        }),
      };
    },
  ),

  images: pairwise(isPeriodic, (structure) => ({ moved: unwrapped(structure), expect: (base) => base })),

  'skewed-cell': pairwise(
    ([, { pbc }]) => pbc[0] && pbc[1],
    (structure) => ({ moved: skewed(structure), expect: (base) => base }),
  ),

  supercell: pairwise(isPeriodic, (structure) => ({
    moved: repeated(structure, 3),
    expect: ({ energy, forces, stress }) => ({
      energy: 3 * energy,
      forces: Float64Array.from([0, 1, 2].flatMap(() => [...forces!])),
      stress: stress ?? null,
    }),
  })),

  fragments: async ({ evaluate }) => {
    const deviation = new Deviation();
    const [first, second] = [structures.water!, structures.dimer!];
    const [a, b, both] = (await evaluate([first, second, together(first, second, [60, 20, -10])])) as [
      Result,
      Result,
      Result,
    ];
    deviation.compare(
      both,
      { energy: a.energy + b.energy, forces: Float64Array.from([...a.forces!, ...b.forces!]) },
      'two molecules 60 Å apart',
    );
    return deviation;
  },

  'cross-graph': async ({ evaluate }) => {
    const deviation = new Deviation();
    const { water, dimer, metal } = structures as Record<string, Structure>;
    const [first] = await evaluate([water!, dimer!]);
    const [second] = await evaluate([water!, translated(metal!, [0.1, 0, 0])]);
    deviation.compare(second!, first!, 'water beside another structure');
    return deviation;
  },

  'total-force': async ({ evaluate, structures: all }) => {
    const deviation = new Deviation();
    const results = await evaluate(all.map(([, structure]) => structure));
    results.forEach(({ forces }, i) => {
      const total = [0, 0, 0];
      forces!.forEach((f, k) => (total[k % 3]! += f));
      deviation.note('forces', total, [0, 0, 0], all[i]![0]);
      deviation.scale.forces = Math.max(deviation.scale.forces, ...forces!.map(Math.abs));
    });
    return deviation;
  },

  torque: async ({ evaluate, structures: all }) => {
    const deviation = new Deviation();
    const molecules = all.filter(isMolecule);
    const results = await evaluate(molecules.map(([, structure]) => structure));
    results.forEach(({ forces }, i) => {
      const { positions } = molecules[i]![1];
      const torque = [0, 0, 0];
      for (let k = 0; k < positions.length; k += 3)
        for (let a = 0; a < 3; a++) {
          const [b, c] = [(a + 1) % 3, (a + 2) % 3];
          torque[a]! += positions[k + b]! * forces![k + c]! - positions[k + c]! * forces![k + b]!;
        }
      deviation.note('forces', torque, [0, 0, 0], molecules[i]![0]);
      deviation.scale.forces = Math.max(deviation.scale.forces, ...forces!.map(Math.abs));
    });
    return deviation;
  },

  'symmetric-stress': async ({ evaluate, structures: all }) => {
    const deviation = new Deviation();
    const results = await evaluate(all.map(([, structure]) => structure));
    results.forEach(({ virial }, i) => {
      const transposed = virial!.map((_, k) => virial![3 * (k % 3) + Math.floor(k / 3)]!);
      deviation.note('stress', virial!, transposed, all[i]![0]);
    });
    return deviation;
  },

  continuity: async ({ evaluate }) => {
    const deviation = new Deviation();
    const at = (distance: number): Structure => ({
      ...structures.dimer!,
      positions: Float64Array.of(0, 0, 0, distance, 0, 0),
    });
    // The cut-off of the tiny models is 4 Å; energy and forces end there like (1 − r/4)³ or flatter.
    const [inside, outside] = (await evaluate([at(4 - 1e-5), at(4 + 1e-5)])) as [Result, Result];
    deviation.compare(inside, { energy: outside.energy, forces: outside.forces! }, 'a dimer at its cut-off');
    return deviation;
  },
};

/** R·structure gives the energy, R·forces and R·stress·Rᵀ. */
async function rotations(
  { evaluate, rotations: many, structures: all }: LawContext,
  make: (rotation: Float64Array) => Float64Array,
): Promise<Deviation> {
  const deviation = new Deviation();
  for (const [name, structure] of all) {
    // A small molecule in many orientations, and one without symmetry in some.
    const count = name === 'water' ? many : name === 'chiral' ? 8 : 2;
    const matrices = Array.from({ length: count }, (_, i) => make(randomRotation(i + 1)));
    const [base, ...moved] = await evaluate([structure, ...matrices.map((r) => transformed(structure, r))]);
    moved.forEach((result, i) =>
      deviation.compare(
        result,
        {
          energy: base!.energy,
          forces: rotateRows(base!.forces!, matrices[i]!),
          stress: base!.stress ? rotateTensors(base!.stress, matrices[i]!) : null,
        },
        `${name}, seed ${i + 1}`,
      ),
    );
  }
  return deviation;
}

/** A law about each structure and one that was made of it. */
function pairwise(
  chosen: (named: NamedStructure) => boolean,
  make: (structure: Structure) => {
    readonly moved: Structure;
    readonly expect: (base: Result) => Partial<Pick<Result, 'energy' | 'forces' | 'stress'>>;
  },
): Law {
  return async ({ evaluate, structures: all }) => {
    const deviation = new Deviation();
    const pairs = all.filter(chosen).map(([name, structure]) => ({ name, structure, ...make(structure) }));
    const bases = await evaluate(pairs.map(({ structure }) => structure));
    const results = await evaluate(pairs.map(({ moved }) => moved));
    pairs.forEach(({ name, expect }, i) => deviation.compare(results[i]!, expect(bases[i]!), name));
    return deviation;
  };
}
