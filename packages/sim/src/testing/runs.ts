/** Runs of dynamics on a test potential, and what their files say. */
import type { Calculator } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import type { MemoryStorage } from '@mace/io';
import { dynamics } from '../run/dynamics-run.js';
import type { Frame, Stopped } from '../run/frame.js';
import type { RunOptions } from '../run/run-options.js';
import { calculatorOf } from './calculator.js';
import { atomsOf, chain } from './potentials.js';

export const one = atomsOf(6, 4, (i) => i / 12);
export const many = [2, 3, 5, 1, 4].map((count) => atomsOf(6, count, (i) => i / (3 * count)));
export const usual = {
  ensemble: 'nvt',
  temperature: 50,
  steps: 40,
  timestep: 0.5,
  logEvery: 4,
  trajectoryEvery: 10,
} as const;

export async function all(
  structures: Structure | readonly (Structure | Error)[],
  options: Partial<RunOptions>,
  calculator: Calculator = calculatorOf(chain),
): Promise<(Frame | Stopped)[]> {
  const events: (Frame | Stopped)[] = [];
  for await (const event of dynamics(calculator, structures as Structure, {
    ...usual,
    ...options,
    limits: { closest: 0.01, ...options.limits },
  }))
    events.push(event);
  return events;
}

/** Rejects, or says only that it has ended. */
export const ended = async (...given: Parameters<typeof all>): Promise<string> => (await all(...given), 'ended');

export const text = (storage: MemoryStorage, name: string): string => new TextDecoder().decode(storage.files.get(name));
