// Dynamics of the playground in its worker's own code: settings that change while they run, and ends that are said.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { wasm } from '@mace/backend-wasm';
import { createCalculator, type Calculator } from '@mace/core';
import { readModel } from '@mace/models/node';
import { runDynamics } from '../apps/playground/src/engine/dynamics-task.js';
import type { Controls, DynamicsFrame, DynamicsInput, Tasks } from '../apps/playground/src/engine/messages.js';
import type { TaskContext } from '../apps/playground/src/engine/task-context.js';
import { gallery } from '../apps/playground/src/files/gallery.js';

let calculator: Calculator;
vi.mock('../apps/playground/src/engine/open-task.js', () => ({ openCalculator: () => calculator }));
beforeAll(async () => {
  const [model, backend] = [await readModel('bundled'), wasm({ threads: 1 })];
  calculator = await createCalculator({ model, backend, precision: 'f32', tables: true });
});
afterAll(() => calculator.dispose());

const controls: Controls = {
  ensemble: 'nvt',
  temperature: 300,
  friction: 0.01,
  thermostatTime: 50,
  pressure: 0,
  timestep: 1,
  mostStepsPerSecond: 0,
  fixed: [],
};
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

it('keep their temperature while people change settings all the time', async () => {
  const warmer = (step: number) =>
    step % 4 === 0 ? ({ kind: 'controls', controls: { ...controls, temperature: 300 + (step % 20) } } as const) : null;
  const { context, frames } = contextOf(6000, warmer);
  const last = await runDynamics(inputOf('Ethanol'), context);
  expect(last.step).toBe(6000);
  expect(frames.length).toBeGreaterThan(5);
  const mean = frames.reduce((sum, { temperature }) => sum + temperature, 0) / frames.length;
  // Random numbers that begin again and again add up to more than 600 K.
  expect(mean).toBeGreaterThan(180);
  expect(mean).toBeLessThan(450);
});

it.each([
  ['tear atoms apart', 10, 300, /^step \d+: a force of .*shorter time step/],
  [
    'let them fly apart, where no force is left',
    5,
    1500,
    /^step \d+: the energy that dynamics should keep .*shorter time step/,
  ],
])('steps that are too long and %s end with a word', async (_, timestep, temperature, said) => {
  const { context } = contextOf(20_000);
  await expect(runDynamics(inputOf('Ethanol', { timestep, temperature }), context)).rejects.toThrow(said);
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
