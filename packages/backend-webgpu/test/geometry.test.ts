// Edge vectors that the device makes of positions: their last digits, what is refused, what goes to the device, and failures.
import { describe, expect, it } from 'vitest';
import { indexMapValues, type Backend, type Binding, type EdgeGeometry, type IndexMapValues } from '@mace/core/backend';
import { deterministicModel, seededRandom, tinyModels, tinyStructure } from '@mace/core/generators';
import { GraphBuilder, simplify } from '@mace/core/ir';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { buildEdges } from '@mace/core/structure';
import { webgpu } from '@mace/backend-webgpu';
import { gpu, hasAdapter, limited, required } from './gpu.js';

const atoms = 20;
const edges = 400;
const random = seededRandom(5);
const symmetric = (size: number): number => size * (2 * random() - 1);
const integer = (below: number): number => Math.floor(random() * below);

const structure = Int32Array.from({ length: atoms }, (_, atom) => Math.floor(atom / 10));
const sender = Int32Array.from({ length: edges }, () => integer(atoms));
const geometry: EdgeGeometry = {
  sender,
  receiver: sender.map((from) => 10 * structure[from]! + integer(10)),
  shifts: Int32Array.from({ length: 3 * edges }, () => integer(5) - 2),
  structure,
};

const build = new GraphBuilder();
const vectors = build.input('edgeVectors', ['edges', 3]);
const graph = build.finish('twice', { twice: build.add(vectors, vectors) });

interface Placed {
  readonly backend: Backend;
  readonly device: GPUDevice;
  readonly binding: Binding;
}

async function placed(given: EdgeGeometry = geometry): Promise<Placed> {
  const { gpu: watched, devices } = limited(2 ** 27);
  const backend = await webgpu({ gpu: watched }).create();
  const executable = await backend.compile(graph, { precision: 'f32', parameters: {} });
  const binding = await executable.bind({ dims: { atoms, edges: given.sender.length, graphs: 2 }, maps: {} });
  await binding.setGeometry!(given);
  return { backend, device: devices[0]!, binding };
}

/** Atoms within a few Å of the origin, and what moves their images together. */
function values(spread: number, origin: number, cell: number): { positions: Float64Array; cells: Float64Array } {
  return {
    positions: Float64Array.from({ length: 3 * atoms }, () => origin + symmetric(spread)),
    cells: Float64Array.from({ length: 18 }, (_, i) => symmetric(0.1 * cell) + ((i % 9) % 4 === 0 ? cell : 0)),
  };
}

function exactly(
  { positions, cells }: ReturnType<typeof values>,
  { shifts, receiver }: EdgeGeometry = geometry,
): number[] {
  return Array.from(shifts, (_, i) => {
    const [edge, k] = [Math.floor(i / 3), i % 3];
    const row = (axis: number): number =>
      shifts[3 * edge + axis]! * cells[9 * structure[sender[edge]!]! + 3 * axis + k]!;
    return positions[3 * receiver[edge]! + k]! - positions[3 * sender[edge]! + k]! + (row(0) + row(1) + row(2));
  });
}

describe.skipIf(!hasAdapter && !required)('edge vectors of positions', () => {
  it.each([
    ['near the origin', 3, 0, 10],
    ['far away', 3, 12_345.678, 100],
    ['where a float has no digit left', 1e-3, -987_654.321, 0],
    ['as far apart as they may be', 2 ** 20, 0, 2 ** 17],
    // About where 40 Å + 2⁻¹⁰ Å is rounded up or down.
    ['shorter than any that is one', 1e-7, 40 + 2 ** -10, 0],
  ])('%s are right to the last digit of float32', async (_what, spread, origin, cell) => {
    const { backend, binding } = await placed();
    for (let step = 0; step < 3; step++) {
      const given = values(spread, origin, cell);
      const wanted = exactly(given);
      const { twice } = await binding.run(given);
      const errors = wanted.map((x, i) => {
        const unit = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 1e-30))) - 23);
        // Coordinates are taken to 2⁻³⁹ Å, and float64 itself has rounded.
        const allowed = unit + 3 * 2 ** -39 + 2 ** -52 * Math.abs(origin);
        return Math.abs(twice![i]! / 2 - x) / allowed;
      });
      expect(Math.max(...errors)).toBeLessThan(1);
    }
    await backend.dispose();
  });

  it('across any number of cells, each another', async () => {
    const far = { ...geometry, shifts: geometry.shifts.map(() => integer(2 ** 32) - 2 ** 31) };
    const { backend, binding } = await placed(far);
    const given = { ...values(3, 0, 0), cells: new Float64Array(18).fill(2 ** -14) };
    const { twice } = await binding.run(given);
    const errors = exactly(given, far).map((x, i) => Math.abs(twice![i]! / 2 / x - 1));
    expect(Math.max(...errors)).toBeLessThan(2 ** -23);
    await backend.dispose();
  });

  it.each([
    ['positions', 2_000_000, /positions: y of atom 7 is 2000000 Å; expected a number up to 1048576.*Wrap/],
    ['positions', NaN, /positions: y of atom 7 is NaN Å/],
    ['cells', 2 ** 21, /cells: . of the shift \[.*\] in structure \d is .* Å; expected a number up to 1048576/],
    ['cells', Infinity, /cells: . of the shift/],
  ] as const)('%s of %d Å are refused, and the next run is right', async (name, wrong, message) => {
    const { backend, binding } = await placed();
    const [good, bad] = [values(3, 0, 10), values(3, 0, 10)];
    bad[name][name === 'positions' ? 22 : 13] = wrong;
    const refused = binding.run(bad);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: 'unsupported', reason: 'size' });
    const { twice } = await binding.run(good);
    expect(twice![30]! / 2).toBeCloseTo(exactly(good)[30]!, 5);
    await backend.dispose();
  });

  it('a run sends coordinates, not vectors', async () => {
    const { backend, device, binding } = await placed();
    await binding.run(values(3, 0, 10));
    const { queue } = device;
    const writeBuffer = queue.writeBuffer.bind(queue) as (...all: unknown[]) => undefined;
    const sent: number[] = [];
    queue.writeBuffer = (...all: unknown[]) => {
      sent.push((all[2] as Float32Array).byteLength);
      return writeBuffer(...all);
    };
    await binding.run(values(3, 0, 10));
    const shifts = new Set(
      Array.from({ length: edges }, (_, e) => `${structure[sender[e]!]} ${geometry.shifts.subarray(3 * e, 3 * e + 3)}`),
    );
    // High and low of three coordinates; the rest are sizes of kernels.
    expect(sent.sort((a, b) => b - a)[0]).toBe(24 * (atoms + shifts.size));
    expect(sent).toHaveLength(2);
    await backend.dispose();
  });

  it('a binding says what the geometry takes', async () => {
    const { backend, binding } = await placed();
    const executable = await backend.compile(graph, { precision: 'f32', parameters: {} });
    const plain = await executable.bind({ dims: { atoms, edges, graphs: 2 }, maps: {} });
    const [before, held] = [plain.bytes!, backend.memory().liveBytes];
    await plain.setGeometry!({ ...geometry, shifts: new Int32Array(3 * edges) });
    expect(plain.bytes! - before).toBe(12 * edges + 24 * (atoms + 2));
    await plain.run(values(3, 0, 10));
    expect(backend.memory().liveBytes).toBeGreaterThan(held + 12 * edges);
    binding.dispose();
    await backend.dispose();
  });

  it('after a run that failed the geometry is still there', async () => {
    const { backend, device, binding } = await placed();
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (options) => createBuffer({ ...options, size: 2 ** 50 });
    await expect(binding.run(values(3, 0, 10))).rejects.toMatchObject({ code: 'device' });
    device.createBuffer = createBuffer;
    const given = values(3, 0, 10);
    const { twice } = await binding.run(given);
    expect(Math.max(...exactly(given).map((x, i) => Math.abs(twice![i]! / 2 - x)))).toBeLessThan(1e-5);
    await backend.dispose();
  });

  it('give a model the forces that it has on edge vectors, 10 µm from the origin', async () => {
    const model = deterministicModel(tinyModels.B.config);
    const forces = simplify(observablesGraph(maceGraph(model), ['atomEnergy', 'forces']));
    const weights = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
    const structures = [tinyStructure('crystal'), tinyStructure('slab')];
    const batch = buildEdges(structures, model.config.cutoff);
    const species = structures.flatMap(({ numbers }) => [...numbers].map((z) => model.config.atomicNumbers.indexOf(z)));
    const all: Record<string, IndexMapValues> = {
      sender: batch.sender,
      receiver: batch.receiver,
      graph: batch.graph,
      species: indexMapValues(Int32Array.from(species), model.config.atomicNumbers.length),
      head: indexMapValues(new Int32Array(2), model.config.heads.length),
    };
    const backend = await webgpu({ gpu }).create();
    const executable = await backend.compile(forces, { precision: 'f32', parameters: weights });
    const { atoms: count, edges: pairs } = batch;
    const binding = await executable.bind({ dims: { atoms: count, edges: pairs, graphs: 2 }, maps: all });
    const wanted = await binding.run({ edgeVectors: batch.vectors });
    await binding.setGeometry!({
      sender: batch.sender.values,
      receiver: batch.receiver.values,
      shifts: batch.shifts,
      structure: batch.graph.values,
    });
    const found = await binding.run({
      positions: Float64Array.from(structures.flatMap(({ positions }) => [...positions].map((at) => at + 1e5))),
      cells: Float64Array.from(structures.flatMap(({ cell }) => [...(cell ?? new Float64Array(9))])),
    });
    const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));
    const errors = found.forces!.map((force, i) => force - wanted.forces![i]!);
    expect(largest(errors)).toBeLessThan(1e-5 * largest(wanted.forces!));
    await backend.dispose();
  });
});
