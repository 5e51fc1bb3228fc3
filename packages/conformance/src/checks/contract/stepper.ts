/** Dynamics on the device, where the backend has it: the same trajectory as a loop on the host with the same forces. */
import { indexMapValues, type Executable, type StepperOptions, type StepperState } from '@mace/core/backend';
import { tinyStructure } from '@mace/core/generators';
import { atomicMasses, buildEdges, type Structure } from '@mace/core/structure';
import type { Subject } from '../../subject.js';
import { largestDifference } from '../../tolerance.js';
import type { Check, Finding } from './check.js';
import { compiled } from './check.js';
import { forcesOf, numbers } from './examples.js';

/** Å/fs² of 1 eV/Å on 1 amu. */
const accelerationUnit = 9.648_533_212_331_001e-3;
const steps = 20;
const timestep = 1;
const skin = 0.2;

/** Å, and Å/fs: rounding, which chaos of so short a time barely grows. */
const tolerances = {
  f64: { positions: 1e-9, velocities: 1e-10 },
  f32: { positions: 2e-5, velocities: 2e-6 },
} as const;

export const stepperChecks: Readonly<Record<string, Check>> = {
  'stepper/trajectory': async (subject) => {
    const backend = await subject.backend();
    if (!backend.stepper) return { unavailable: 'the backend has no stepper.' };
    const model = forcesOf('A');
    const structure = tinyStructure('crystal');
    return compiled(subject, model, async (executable) => {
      const masses = Float64Array.from(structure.numbers, (z) => atomicMasses[z]!);
      const species = Int32Array.from(structure.numbers, (z) => model.config.atomicNumbers.indexOf(z));
      const maps = {
        graph: indexMapValues(new Int32Array(species.length), 1),
        species: indexMapValues(species, model.config.atomicNumbers.length),
        head: indexMapValues(new Int32Array(1), model.config.heads.length),
      };
      const options = { cutoff: model.config.cutoff, skin, timestep, masses, maps, values: {} };
      const start = startOf(structure);
      const stepper = await backend.stepper!(executable, options);
      try {
        await stepper.upload(start);
        // In two parts: a stepper goes on where it was.
        await stepper.run(steps / 2);
        await stepper.run(steps / 2);
        return compare(subject, await onHost(executable, options, structure, start), await stepper.read());
      } finally {
        stepper.dispose();
      }
    });
  },
};

/** Fast enough that atoms enter and leave the cutoff within a few steps. */
function startOf({ positions, cell, pbc }: Structure): StepperState {
  return { positions, velocities: numbers(positions.length, 12).map((v) => 0.05 * v), cell, pbc };
}

/** Velocity Verlet with a new neighbor list in every step. */
async function onHost(
  executable: Executable,
  { cutoff, masses, maps }: StepperOptions,
  structure: Structure,
  start: StepperState,
): Promise<StepperState> {
  const positions = Float64Array.from(start.positions);
  const velocities = Float64Array.from(start.velocities);
  const accelerations = async (): Promise<Float64Array> => {
    const { sender, receiver, vectors, edges, atoms } = buildEdges([{ ...structure, positions }], cutoff);
    const { forces } = await executable.run({
      dims: { atoms, edges, graphs: 1 },
      maps: { ...maps, sender, receiver },
      values: { edgeVectors: vectors },
    });
    return Float64Array.from(forces!, (force, i) => (accelerationUnit * force) / masses[Math.floor(i / 3)]!);
  };
  let acceleration = await accelerations();
  for (let step = 0; step < steps; step++) {
    velocities.forEach((v, i) => (velocities[i] = v + 0.5 * timestep * acceleration[i]!));
    positions.forEach((x, i) => (positions[i] = x + timestep * velocities[i]!));
    acceleration = await accelerations();
    velocities.forEach((v, i) => (velocities[i] = v + 0.5 * timestep * acceleration[i]!));
  }
  return { ...start, positions, velocities };
}

function compare(subject: Subject, wanted: StepperState, found: StepperState): Finding {
  return (['positions', 'velocities'] as const).flatMap((quantity) => {
    const tolerance = tolerances[subject.precision][quantity];
    const error = largestDifference(wanted[quantity], found[quantity]);
    return error <= tolerance && found[quantity].length === wanted[quantity].length
      ? []
      : [
          `${quantity} after ${steps} steps of ${timestep} fs are off by ${error.toExponential(2)}; ${tolerance} is allowed. Expected velocity Verlet with Å, fs, amu, eV, and a list made again when an atom has moved by half the skin.`,
        ];
  });
}
