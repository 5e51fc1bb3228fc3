/**
 * The graph of a model against upstream MACE on the way to the energy: harmonics, radial functions, messages, products. A
 * backend that is right in the end and wrong in between is wrong for descriptors and for training.
 */
import { parseIrreps } from '@mace/core/equivariant';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { maceGraph } from '@mace/core/model';
import type { Problem, StagesCase, Verdict } from '../case.js';
import { storedStages, type StoredStages } from '../golden/packaged.js';
import { parametersOf } from '../model-inputs.js';
import type { Outputs, Subject } from '../subject.js';
import { factors, fraction, largestDifference, toleranceOf } from '../tolerance.js';

/** Upstream adds in another order: relative to the largest value, in float64. */
const otherOrder = 1e-12;

export async function checkStages(subject: Subject, { model: name }: StagesCase): Promise<Verdict> {
  const { stages, inputs } = storedStages(name);
  const model = deterministicModel(tinyModels[name].config);
  const graph = maceGraph(model, { stages: true });
  const parameters = parametersOf(model);
  const found = inUpstreamsLayout(await subject.run(graph, parameters, inputs), stages);
  const [exact] = await subject.expected(graph, parameters, [inputs], 'f64');
  const [rounded] = await subject.expected(graph, parameters, [inputs], 'f32');
  const problems: Problem[] = [];
  let worst = 0;
  for (const [stage, wanted] of Object.entries(expectedStages(stages))) {
    const largest = Math.max(...wanted.map(Math.abs));
    const noise = toleranceOf(subject.precision, factors.model, [{ exact: exact![stage]!, rounded: rounded![stage]! }]);
    const tolerance = Math.max(noise, otherOrder * largest);
    const values = found[stage] ?? [];
    const error = values.length === wanted.length ? largestDifference(values, wanted) : Infinity;
    worst = Math.max(worst, fraction(error, tolerance));
    if (!(error <= tolerance))
      problems.push({
        check: 'golden/stages',
        message: `model ${name}, ${stage}: differs from mace-torch by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed.`,
      });
  }
  return { worst, problems };
}

function expectedStages({ harmonics, radial, messages, product }: StoredStages): Record<string, readonly number[]> {
  return {
    harmonics: harmonics.data,
    radial: radial.data,
    ...Object.fromEntries(messages.map(({ data }, i) => [`messages[${i}]`, data])),
    ...Object.fromEntries(product.map(({ data }, i) => [`product[${i}]`, data])),
  };
}

/** Messages with channels before components; products flat in `mul_ir`. */
function inUpstreamsLayout(outputs: Outputs, { messages, product }: StoredStages): Record<string, ArrayLike<number>> {
  const turned: Record<string, ArrayLike<number>> = { ...outputs };
  messages.forEach(({ shape }, i) => {
    const [, channels, components] = shape as [number, number, number];
    turned[`messages[${i}]`] = channelsFirst(outputs[`messages[${i}]`]!, channels, components);
  });
  product.forEach(({ irreps }, i) => {
    turned[`product[${i}]`] = multiplicityFirst(outputs[`product[${i}]`]!, irreps);
  });
  return turned;
}

/** [rows channels components] from [rows components channels]. */
function channelsFirst(values: ArrayLike<number>, channels: number, components: number): Float64Array {
  return Float64Array.from(values, (_, i) => {
    const row = Math.floor(i / (components * channels));
    const channel = Math.floor(i / components) % channels;
    return values[(row * components + (i % components)) * channels + channel]!;
  });
}

/** Irrep by irrep, channel slow and component fast, from [rows components channels]. */
function multiplicityFirst(values: ArrayLike<number>, irreps: string): Float64Array {
  const blocks = parseIrreps(irreps);
  const channels = blocks[0]!.multiplicity;
  const components = blocks.reduce((sum, { irrep }) => sum + 2 * irrep.l + 1, 0);
  const out = new Float64Array(values.length);
  for (let row = 0; row < values.length / (channels * components); row++) {
    let first = 0;
    for (const { irrep } of blocks) {
      const width = 2 * irrep.l + 1;
      for (let u = 0; u < channels; u++)
        for (let m = 0; m < width; m++)
          out[row * channels * components + first * channels + u * width + m] =
            values[(row * components + first + m) * channels + u]!;
      first += width;
    }
  }
  return out;
}
