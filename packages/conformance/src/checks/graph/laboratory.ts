/** A graph compiled once for all its cases: on the backend, and on the reference as far as it is needed. */
import { reference } from '@mace/core';
import type { Backend, RealArray, RunInputs } from '@mace/core/backend';
import { isPrimitive, legalize, rewrite, type Graph } from '@mace/core/ir';
import type { Example } from '../../case.js';
import type { Configuration, Outputs, Sample, Subject } from '../../subject.js';
import type { TestedExecutable } from '../../tested-executable.js';

export interface GraphLaboratory {
  /** What the backend gives. */
  found(inputs: RunInputs): Promise<Outputs>;
  /** What the reference gives in float64. */
  exact(inputs: RunInputs): Promise<Outputs>;
  /**
   * Noise of a run, each level with that of the levels before. 1: the reference in float64 and rounding to float32. 2: also the
   * graph whose every value is off by about the last place of float32, because what rounds alike on both sides of a
   * difference cancels in the reference, and does not in an engine that rounds a product and a sum at once. 3: also the graph
   * made of primitive ops, where rounding shows in other places.
   */
  noise(inputs: RunInputs, level: NoiseLevel): Promise<readonly Sample[]>;
  dispose(): Promise<void>;
}

export type NoiseLevel = 1 | 2 | 3;

/** Small results get their noise measured more than once, for a single number may be right by chance. */
const manySamples = 4;
const disturbances = 3;
const smallResult = 4096;

const backend: Promise<Backend> = reference().create();

/** The laboratory of a graph; it holds memory of the backend until the subject turns to something else. */
export function graphLaboratoryOf(subject: Subject, example: () => Example): Promise<GraphLaboratory> {
  return subject.keep(example, () => makeGraphLaboratory(subject, example()));
}

/** A laboratory that its maker disposes of. */
export async function makeGraphLaboratory(
  subject: Subject,
  { graph, parameters }: Example,
  configuration: Configuration = {},
): Promise<GraphLaboratory> {
  const compiled = new Map<string, Promise<TestedExecutable>>();
  const onReference = (
    name: string,
    precision: 'f64' | 'f32',
    make = (): Graph => graph,
  ): Promise<TestedExecutable> => {
    let known = compiled.get(name);
    if (!known) compiled.set(name, (known = backend.then((one) => one.compile(make(), { precision, parameters }))));
    return known;
  };
  const runAll = async (name: Promise<TestedExecutable>, inputs: readonly RunInputs[]): Promise<Outputs[]> => {
    const outputs: Outputs[] = [];
    for (const one of inputs) outputs.push(await (await name).run(one));
    return outputs;
  };
  const samplesOf = async (inputs: readonly RunInputs[], rounded: Promise<TestedExecutable>): Promise<Sample[]> => {
    const exact = await runAll(onReference('exact', 'f64'), inputs);
    const other = await runAll(rounded, inputs);
    return exact.map((one, i) => ({ exact: one, rounded: other[i]! }));
  };
  const measure: Readonly<Record<NoiseLevel, (inputs: RunInputs) => Promise<Sample[]>>> = {
    1: async (inputs) => {
      const exact = await (await onReference('exact', 'f64')).run(inputs);
      const size = Object.values(exact).reduce((sum, { length }) => sum + length, 0);
      return samplesOf(variants(inputs, size > smallResult ? 1 : manySamples), onReference('rounded', 'f32'));
    },
    2: async (inputs) => {
      const samples: Sample[] = [];
      for (let k = 1; k <= disturbances; k++) {
        const off = onReference(`disturbed ${k}`, 'f64', () => disturbed(graph, k));
        samples.push(...(await samplesOf([inputs], off)));
      }
      return samples;
    },
    3: (inputs) =>
      samplesOf(
        variants(inputs, manySamples),
        onReference('primitive', 'f32', () => legalize(graph, isPrimitive)),
      ),
  };
  const executable = await subject.compile(graph, parameters, configuration);
  /** By the inputs themselves: others of the same size may be of another magnitude. */
  const measured = new WeakMap<RunInputs, Promise<readonly Sample[]>[]>();
  return {
    found: (inputs) => executable.run(inputs),
    exact: async (inputs) => (await onReference('exact', 'f64')).run(inputs),
    noise: async (inputs, level) => {
      let known = measured.get(inputs);
      if (!known) measured.set(inputs, (known = []));
      for (let next = known.length + 1; next <= level; next++) known.push(measure[next as NoiseLevel](inputs));
      return (await Promise.all(known.slice(0, level))).flat();
    },
    dispose: async () => {
      executable.dispose();
      for (const one of compiled.values()) (await one).dispose();
    },
  };
}

/** Every real value multiplied by 1 + ε, |ε| ≤ 2⁻²⁴, another ε for each node (Parker, Monte Carlo Arithmetic, 1997). */
function disturbed(graph: Graph, seed: number): Graph {
  let node = 0;
  return rewrite(graph, (build, own, operands) => {
    if (own.type.kind !== 'real' || operands.length === 0) return null;
    return build.scale(build.rebuild(own, operands), 1 + Math.sin(12.9898 * ++node + 78.233 * seed) * 2 ** -24);
  });
}

/** The inputs, and some that differ from them in the last place of float32. */
function variants(inputs: RunInputs, count: number): RunInputs[] {
  return Array.from({ length: count }, (_, k) => ({
    ...inputs,
    values: Object.fromEntries(
      Object.entries(inputs.values).map(([name, values]) => [
        name,
        k === 0 ? values : (values as RealArray).map((x, i) => x * (1 + (((i * 7 + k * 3) % 5) - 2) * 2 ** -24)),
      ]),
    ),
  }));
}
