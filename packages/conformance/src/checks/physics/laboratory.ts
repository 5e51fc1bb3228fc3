/** A tiny model on the backend and on the reference, twice, for one check. */
import { createCalculator, type Calculator, type Result } from '@mace/core';
import { deterministicModel, tinyModels, type TinyModelName } from '@mace/core/generators';
import type { MaceModel } from '@mace/core/model';
import type { Structure } from '@mace/core/structure';
import { structures } from '../../structures.js';
import type { Subject } from '../../subject.js';
import type { TestedPrecision } from '../../tolerance.js';
import type { NoiseSample } from './limits.js';

export interface Laboratory {
  readonly subject: Subject;
  readonly name: TinyModelName;
  readonly precision: TestedPrecision;
  readonly model: MaceModel;
  readonly backend: Calculator;
  /** The reference in float64, and rounding to float32. */
  readonly exact: Calculator;
  readonly rounded: Calculator;
  /** What the model is evaluated on, with names. */
  readonly structures: readonly (readonly [string, Structure])[];
  dispose(): Promise<void>;
}

/** Everything that the checks use is large enough for one batch. */
const batchAtoms = 4096;

/**
 * The laboratory of a model, made once for all checks of that model: compiling takes longer than most checks. It holds
 * memory of the backend until the subject turns to something else.
 */
export async function laboratoryOf(subject: Subject, name: TinyModelName): Promise<Laboratory> {
  return subject.keep(name, async () => {
    const model = deterministicModel(tinyModels[name].config);
    const { precision } = subject;
    const reference = await subject.reference();
    const backend = await createCalculator({ model, backend: await subject.backend(), precision, batchAtoms });
    const exact = await createCalculator({ model, backend: reference, precision: 'f64', batchAtoms });
    const rounded = await createCalculator({ model, backend: reference, precision: 'f32', batchAtoms });
    const dispose = async (): Promise<void> => {
      for (const calculator of [backend, exact, rounded]) await calculator.dispose();
    };
    return { subject, name, precision, model, backend, exact, rounded, structures: structuresFor(name), dispose };
  });
}

/** All, or for the model whose radial network is 256 wide the small ones. */
function structuresFor(name: TinyModelName): readonly (readonly [string, Structure])[] {
  const all = Object.entries(structures);
  return name === 'F' ? all.filter(([one]) => ['atom', 'dimer', 'water', 'lattice'].includes(one)) : all;
}

/** Each structure with every head of the model. */
export async function evaluateHeads(
  calculator: Calculator,
  model: MaceModel,
  structures: readonly Structure[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (const head of model.config.heads) results.push(...(await calculator.evaluateAll(structures, { head })));
  return results;
}

/** How often the noise of a structure is measured, as that of a graph is. */
const measurements = 4;

/** The reference on structures, and on some that differ from them by a millionth of an Å. */
export async function noiseSamples(
  { exact, rounded, model }: Pick<Laboratory, 'exact' | 'rounded' | 'model'>,
  structures: readonly Structure[],
): Promise<NoiseSample[]> {
  const samples: NoiseSample[] = [];
  for (let k = 0; k < measurements; k++) {
    const moved = structures.map((structure) => ({
      ...structure,
      positions: structure.positions.map((x, i) => x + (k === 0 ? 0 : 1e-6 * Math.sin(1 + 7 * i + 3 * k))),
    }));
    samples.push({
      exact: await evaluateHeads(exact, model, moved),
      rounded: await evaluateHeads(rounded, model, moved),
    });
  }
  return samples;
}
