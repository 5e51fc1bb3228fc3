/** A tiny model on the backend, and on the reference, twice. */
import { createCalculator, reference, type Calculator, type Result } from '@mace/core';
import { deterministicModel, tinyModels, type TinyModelName } from '@mace/core/generators';
import type { MaceModel } from '@mace/core/model';
import type { Structure } from '@mace/core/structure';
import { structures } from '../../structures.js';
import { once } from '../../case.js';
import type { Subject } from '../../subject.js';
import type { TestedPrecision } from '../../tolerance.js';
import type { Deviation } from './deviation.js';
import type { NoiseSample } from './limits.js';

export interface Laboratory extends Standard {
  readonly subject: Subject;
  readonly precision: TestedPrecision;
  readonly backend: Calculator;
  dispose(): Promise<void>;
}

/** A tiny model on the reference: what every backend is held against, in every precision. */
export interface Standard {
  readonly name: TinyModelName;
  readonly model: MaceModel;
  /** The reference in float64, and rounding to float32. */
  readonly exact: Calculator;
  readonly rounded: Calculator;
  /** What the model is evaluated on, with names. */
  readonly structures: readonly (readonly [string, Structure])[];
  /** What the reference gives for these structures, head by head. What follows is made when it is first asked for. */
  expected(): Promise<readonly Result[]>;
  /** Both of them on these structures, several times. */
  noise(): Promise<readonly NoiseSample[]>;
  /** How far the reference in float64 is from what a law demands. */
  lawful(name: string, find: (exact: Calculator) => Promise<Deviation>): Promise<Deviation>;
}

/** Everything that the checks use is large enough for one batch. */
const batchAtoms = 4096;

/**
 * The laboratory of a model, made once for all checks of that model: compiling takes longer than most checks. It holds
 * memory of the backend until the subject turns to something else.
 */
export async function laboratoryOf(subject: Subject, name: TinyModelName): Promise<Laboratory> {
  return subject.keep(name, async () => {
    const standard = await standardOf(name);
    const { model } = standard;
    const { precision } = subject;
    const backend = await createCalculator({ model, backend: await subject.backend(), precision, batchAtoms });
    return { ...standard, subject, precision, backend, dispose: () => backend.dispose() };
  });
}

/** It does not depend on the backend, so it is made once, however many backends and precisions are tested. */
const standards = new Map<TinyModelName, Promise<Standard>>();

function standardOf(name: TinyModelName): Promise<Standard> {
  let known = standards.get(name);
  if (!known) standards.set(name, (known = makeStandard(name)));
  return known;
}

async function makeStandard(name: TinyModelName): Promise<Standard> {
  const model = deterministicModel(tinyModels[name].config);
  const structures = structuresFor(name);
  const backend = await reference().create();
  const exact = await createCalculator({ model, backend, precision: 'f64', batchAtoms });
  const rounded = await createCalculator({ model, backend, precision: 'f32', batchAtoms });
  const list = structures.map(([, structure]) => structure);
  const lawful = new Map<string, Promise<Deviation>>();
  return {
    name,
    model,
    exact,
    rounded,
    structures,
    expected: once(() => evaluateHeads(exact, model, list)),
    noise: once(() => noiseSamples({ exact, rounded, model }, list)),
    lawful: (law, find) => {
      let known = lawful.get(law);
      if (!known) lawful.set(law, (known = find(exact)));
      return known;
    },
  };
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
async function noiseSamples(
  { exact, rounded, model }: Pick<Standard, 'exact' | 'rounded' | 'model'>,
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
