/** A graph compiled once for all its cases: on the backend, and on the reference in both precisions. */
import { reference } from '@mace/core';
import type { Backend, Executable, RealArray, RunInputs } from '@mace/core/backend';
import type { Example } from '../../case.js';
import { isPrimitive, legalize, rewrite, type Graph } from '@mace/core/ir';
import type { Outputs, Sample, Subject } from '../../subject.js';

export interface GraphLaboratory {
  /** What the backend gives. */
  found(inputs: RunInputs): Promise<Outputs>;
  /** What the reference gives in float64. */
  exact(inputs: RunInputs): Promise<Outputs>;
  /** Reference in float64 and rounding to float32; of many rows, what was measured for fewer. */
  noise(inputs: RunInputs): Promise<readonly Sample[]>;
  /**
   * The same and, from level 2 on, of the graph whose every value is off by about the last place of float32: what rounds alike
   * on both sides of a difference cancels in the reference, and does not in an engine that rounds a product and a sum at once.
   * From level 3 on, of the graph made of primitive ops, where rounding shows in other places.
   */
  widerNoise(inputs: RunInputs, level: number): Promise<readonly Sample[]>;
  dispose(): Promise<void>;
}

/** Small results get their noise measured more than once, for a single number may be right by chance. */
const manySamples = 4;
const disturbances = 3;
const smallResult = 4096;

/** Atoms and edges together, after which noise is not measured again unless a result fails. */
const enoughRows = 200;

const backend: Promise<Backend> = reference().create();

/** The laboratory of a graph; it holds memory of the backend until the subject turns to something else. */
export async function graphLaboratoryOf(subject: Subject, example: () => Example): Promise<GraphLaboratory> {
  return subject.keep(example, async () => {
    const { graph, parameters } = example();
    const compiled = new Map<string, Promise<Executable>>();
    const onReference = (name: string, precision: 'f64' | 'f32', make = (): Graph => graph): Promise<Executable> => {
      let known = compiled.get(name);
      if (!known) compiled.set(name, (known = backend.then((one) => one.compile(make(), { precision, parameters }))));
      return known;
    };
    const runAll = async (executable: Promise<Executable>, inputs: readonly RunInputs[]): Promise<Outputs[]> => {
      const outputs: Outputs[] = [];
      for (const one of inputs) outputs.push(await (await executable).run(one));
      return outputs;
    };
    const executable = await subject.compile(graph, parameters);
    let measured: { readonly rows: number; readonly samples: readonly Sample[] } | undefined;
    const measure = async (inputs: RunInputs): Promise<readonly Sample[]> => {
      const exact = onReference('exact', 'f64');
      const first = await (await exact).run(inputs);
      const size = Object.values(first).reduce((sum, { length }) => sum + length, 0);
      const samples = variants(inputs, size > smallResult ? 1 : manySamples);
      const wanted = [first, ...(await runAll(exact, samples.slice(1)))];
      const rounded = await runAll(onReference('rounded', 'f32'), samples);
      return wanted.map((one, i) => ({ exact: one, rounded: rounded[i]! }));
    };
    return {
      found: (inputs) => executable.run(inputs),
      exact: async (inputs) => (await onReference('exact', 'f64')).run(inputs),
      noise: async (inputs) => {
        const rows = inputs.dims.atoms + inputs.dims.edges;
        if (measured?.rows !== rows && (measured?.rows ?? 0) < enoughRows)
          measured = { rows, samples: await measure(inputs) };
        return measured!.samples;
      },
      widerNoise: async (inputs, level) => {
        const all = [...(await measure(inputs))];
        const { exact } = all[0]!;
        for (let k = 1; k <= disturbances; k++) {
          const [off] = await runAll(
            onReference(`disturbed ${k}`, 'f64', () => disturbed(graph, k)),
            [inputs],
          );
          all.push({ exact, rounded: off! });
        }
        if (level < 3) return all;
        const samples = variants(inputs, manySamples);
        const primitive = onReference('primitive', 'f32', () => legalize(graph, isPrimitive));
        const wanted = await runAll(onReference('exact', 'f64'), samples);
        const found = await runAll(primitive, samples);
        return [...all, ...samples.map((_, i) => ({ exact: wanted[i]!, rounded: found[i]! }))];
      },
      dispose: async () => {
        executable.dispose();
        for (const one of compiled.values()) (await one).dispose();
      },
    };
  });
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
