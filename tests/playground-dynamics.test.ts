// Dynamics of the playground in its worker's own code: settings that change while they run, and ends that are said.
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, type Calculator } from '@mace/core';
import { readModel } from '@mace/models/node';
import { runDynamics } from '../apps/playground/src/engine/dynamics-task.js';
import type { Controls, DynamicsFrame, DynamicsInput, Tasks } from '../apps/playground/src/engine/messages.js';
import type { TaskContext } from '../apps/playground/src/engine/task-context.js';
import { gallery } from '../apps/playground/src/files/gallery.js';
import * as state from '../apps/playground/src/state.js';

let calculator: Calculator;
vi.mock('../apps/playground/src/engine/open-task.js', () => ({ openCalculator: () => calculator }));
beforeAll(async () => {
  const [model, backend] = [await readModel('bundled'), wasm({ threads: 1 })];
  calculator = await createCalculator({ model, backend, precision: 'f32', tables: true });
});
afterAll(() => calculator.dispose());
/** A clock that takes 10 ms a look: frames come after the same steps on every machine. */
beforeEach(() => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 10));
  return () => vi.restoreAllMocks();
});

const controls: Controls = { ...state.controls.value, fixed: [] };
const inputOf = (name: string, changed: Partial<Controls> = {}): DynamicsInput => ({
  structure: gallery.find((one) => one.name === name)!.structure,
  asked: {},
  controls: { ...controls, ...changed },
  seed: 3,
  momenta: null,
  step: 0,
  time: 0,
});

/** Stops after so many steps. @param before - what the page sends before a step */
function contextOf(steps: number, before: (step: number) => Tasks['dynamics']['message'] | null = () => null) {
  const frames: DynamicsFrame[] = [];
  let step = 0;
  const context: TaskContext<'dynamics'> = {
    emit: (frame) => frames.push(frame),
    tellRenewed: () => {},
    onMessage: () => {},
    cancellation: {
      get aborted() {
        const message = before(step);
        if (message) context.onMessage(message);
        return step++ >= steps;
      },
    },
  };
  return { context, frames };
}

it.each([
  ['nvt', 4],
  ['nvt', 1],
  ['nvt-csvr', 4],
] as const)('ethanol keeps its temperature (%s) while people change it every %d steps', async (ensemble, every) => {
  const { context, frames } = contextOf(4000, (step) =>
    step % every === 0
      ? { kind: 'controls', controls: { ...controls, ensemble, temperature: 300 + (step % 20) } }
      : null,
  );
  const last = await runDynamics(inputOf('Ethanol', { ensemble }), context);
  expect(last.step).toBe(4000);
  const mean = frames.reduce((sum, { temperature }) => sum + temperature, 0) / frames.length;
  // Langevin's random numbers that begin again and again add up to 1000 K and more.
  expect(mean).toBeGreaterThan(200);
  expect(mean).toBeLessThan(420);
});

it('atoms that are too near end dynamics with a word, before a step', async () => {
  const input = inputOf('Water');
  const structure = { ...input.structure, positions: input.structure.positions.map((x) => 0.4 * x) };
  const { context, frames } = contextOf(10);
  await expect(runDynamics({ ...input, structure }, context)).rejects.toThrow(/^step 0: a force of .* Relax first/);
  expect(frames).toEqual([]);
});

it.each([
  [10, 300],
  [5, 1500],
])(
  'steps of %d fs at %d K end with a word, and no frame is beyond what dynamics keep',
  async (timestep, temperature) => {
    const { context, frames } = contextOf(20_000);
    await expect(runDynamics(inputOf('Ethanol', { timestep, temperature }), context)).rejects.toThrow(
      /^step \d+: .*shorter time step/,
    );
    for (const { conserved } of frames) expect(Math.abs(conserved - frames[0]!.conserved)).toBeLessThan(9 * 0.5);
  },
);

it.each([
  [1, 1000],
  [1.5, 300],
])('usual steps of %d fs at %d K go on for long', async (timestep, temperature) => {
  const { context } = contextOf(4000);
  const last = await runDynamics(inputOf('Ethanol', { timestep, temperature }), context);
  expect(last.step).toBe(4000);
});

it('a hand that pulls an atom adds to the energy, which is no error of the steps', async () => {
  const pull = (step: number) =>
    step < 300
      ? ({ kind: 'pull', atom: 3, position: [4, 0.02 * step, 0] } as const)
      : ({ kind: 'pull', atom: 3, position: null } as const);
  const { context, frames } = contextOf(600, pull);
  const last = await runDynamics(inputOf('Ethanol', { ensemble: 'nve' }), context);
  expect(last.step).toBe(600);
  expect(Math.abs(last.conserved - frames[0]!.conserved)).toBeGreaterThan(0.5);
});
