/** A graph of edge vectors, and atoms that move: what the checks of `Binding.setGeometry` run. */
import { indexMapValues, type Binding, type EdgeGeometry, type RunInputs, type RunSizes } from '@mace/core/backend';
import { Draw } from '@mace/core/generators';
import { GraphBuilder, type Graph } from '@mace/core/ir';
import type { Example } from '../../case.js';
import type { Subject } from '../../subject.js';
import type { TestedExecutable } from '../../tested-executable.js';
import { compiled, copied, type Finding } from './check.js';
import { wrong } from './compare.js';

/** Inputs `edgeVectors` [edges 3] and `start` [atoms 3]; of the maps only `receiver`, as in a graph that needs no more. */
export const moving: Example = { graph: movingGraph(), parameters: {} };

function movingGraph(): Graph {
  const build = new GraphBuilder();
  const vectors = build.input('edgeVectors', ['edges', 3]);
  const sums = build.segmentSum(vectors, { name: 'receiver', from: 'edges', to: 'atoms' });
  return build.finish('moving', {
    edges: build.sin(vectors),
    atoms: build.add(sums, build.input('start', ['atoms', 3])),
  });
}

/** Structures whose edges are known. */
export interface Moving {
  readonly sizes: RunSizes;
  readonly geometry: EdgeGeometry;
  /**
   * Made anew in every call. Coordinates are multiples of 2⁻²² Å, so that float64 computes vectors exactly, in any order.
   *
   * @param where - what the vectors do not depend on: what is added to all coordinates, and quarters of the usual size of cells
   */
  step(seed: number, where?: { readonly origin?: number; readonly quarters?: number }): MovingStep;
}

export interface MovingStep {
  /** For a binding with the geometry. */
  readonly values: Record<'positions' | 'cells' | 'start', Float64Array>;
  /** The same as the graph has it. */
  readonly inputs: RunInputs;
}

/**
 * Three structures: with a cell of 100 Å, with a small one, without one. Vectors are short, shifts may be long.
 *
 * @param given - receivers of others, whose sizes these then share
 */
export function movingStructures(seed: number, given?: Int32Array): Moving {
  const draw = new Draw(seed);
  const dims = { atoms: 11, edges: 40, graphs: 3 };
  const structure = Int32Array.from({ length: dims.atoms }, (_, atom) => Math.floor((atom * dims.graphs) / dims.atoms));
  const receiver = given ?? Int32Array.from({ length: dims.edges }, () => draw.integer(dims.atoms));
  const sender = receiver.map((to) =>
    draw.choose([...structure.keys()].filter((atom) => structure[atom] === structure[to])),
  );
  /** The cell in which each atom is, counted from the origin. */
  const images = Int32Array.from({ length: 3 * dims.atoms }, () => draw.integer(7) - 3);
  const shifts = Int32Array.from({ length: 3 * dims.edges }, (_, i) => {
    const [edge, k] = [Math.floor(i / 3), i % 3];
    return images[3 * sender[edge]! + k]! - images[3 * receiver[edge]! + k]!;
  });
  const sizes = { dims, maps: { receiver: indexMapValues(receiver, dims.atoms) } };
  return {
    sizes,
    geometry: {
      sender: sender.slice(),
      receiver: receiver.slice(),
      shifts: shifts.slice(),
      structure: structure.slice(),
    },
    step: (stepSeed, { origin = 0, quarters = 4 } = {}) => {
      const random = new Draw(stepSeed);
      const rounded = (x: number): number => Math.round(x * 2 ** 20) / 2 ** 20;
      const numbers = (length: number, size: number): Float64Array =>
        Float64Array.from({ length }, () => rounded(random.symmetric(size)));
      const cells = [100, 3, 0].flatMap((size) =>
        Array.from(numbers(9, size / 8), (x, i) => (quarters / 4) * (x + (i % 4 === 0 ? size : 0))),
      );
      const inCell = numbers(3 * dims.atoms, 1.5);
      const positions = inCell.map((x, i) => {
        const [atom, k] = [Math.floor(i / 3), i % 3];
        const row = (axis: number): number => images[3 * atom + axis]! * cells[9 * structure[atom]! + 3 * axis + k]!;
        return rounded(origin) + x + row(0) + row(1) + row(2);
      });
      const edgeVectors = Float64Array.from(shifts, (_, i) => {
        const [edge, k] = [Math.floor(i / 3), i % 3];
        return inCell[3 * receiver[edge]! + k]! - inCell[3 * sender[edge]! + k]!;
      });
      const start = numbers(3 * dims.atoms, 1);
      return {
        values: { positions, cells: Float64Array.from(cells), start },
        inputs: { ...sizes, values: { edgeVectors, start: start.slice() } },
      };
    },
  };
}

export interface Placed {
  readonly executable: TestedExecutable;
  /** It has the geometry. */
  readonly binding: Binding;
  readonly structures: Moving;
}

/** Compiles, binds and gives a geometry. */
export function placed(subject: Subject, use: (given: Placed) => Promise<Finding>): Promise<Finding> {
  return compiled(subject, moving, async (executable) => {
    const structures = movingStructures(1);
    const binding = await executable.bind(structures.sizes);
    if (!binding.setGeometry) return { unavailable: 'bindings of the backend take no positions.' };
    await binding.setGeometry(structures.geometry);
    return use({ executable, binding, structures });
  });
}

/** How a run of a step differs from what the reference makes of its edge vectors. */
export async function wrongAt(
  subject: Subject,
  binding: Binding,
  step: MovingStep,
  onVectors = false,
): Promise<string | null> {
  const found = await binding.run(onVectors ? step.inputs.values : step.values);
  return wrong(subject, moving, step.inputs, copied(found));
}

/** Other senders and shifts for the same sizes and maps. */
export function otherwise({ geometry }: Moving): Moving {
  return movingStructures(2, geometry.receiver);
}
