/** Wear: ten thousand runs, two hundred compilations, two thousand atoms. */
import type { Backend } from '@mace/core/backend';
import { seededRandom } from '@mace/core/generators';
import { makeStructure, type Structure } from '@mace/core/structure';
import { batchInputs } from '../model-inputs.js';
import type { SoakCase, Verdict } from '../case.js';
import { structures } from '../structures.js';
import type { Outputs, Subject } from '../subject.js';
import { factors, fraction, largestDifference, toleranceOf } from '../tolerance.js';
import { compiled, runCopied } from './contract/check.js';
import { comparison, type Compare } from './contract/compare.js';
import { forcesOf } from './contract/examples.js';

/** How much of the wear; a kit that tests itself takes little. */
type Wear = (subject: Subject, share: number) => Promise<{ worst: number | null; problems: string[] }>;

const model = forcesOf('A');

const checks: Readonly<Record<string, Wear>> = {
  runs: manyRuns,
  compilations: manyCompilations,
  large: largeStructure,
};

export const soakNames: readonly string[] = Object.keys(checks);

/** @param share - of the runs, compilations and atoms; default all */
export async function checkSoak(subject: Subject, { check, path }: SoakCase, share = 1): Promise<Verdict> {
  const { worst, problems } = await checks[check]!(subject, share);
  return { worst, problems: problems.map((message) => ({ check: path, message })) };
}

/** Sizes in an irregular order: each size has the same bits each time, and memory does not grow. */
async function manyRuns(subject: Subject, share: number): ReturnType<Wear> {
  const runs = Math.ceil(10_000 * share);
  const { atom, dimer, water } = structures;
  const sizes = [[water!], [dimer!], [atom!], [dimer!, atom!], [water!, dimer!]].map((batch) =>
    batchInputs(model.config, batch),
  );
  const random = seededRandom(1);
  const backend = await subject.backend();
  return compiled(subject, model, async (executable) => {
    const first: { outputs: Outputs; compare: Compare }[] = [];
    for (const inputs of sizes)
      first.push({
        outputs: await runCopied(executable, inputs),
        compare: await comparison(subject, model, inputs),
      });
    const before = backend.memory();
    for (let run = 1; run <= runs; run++) {
      const size = Math.floor(random() * sizes.length);
      const found = await executable.run(sizes[size]!);
      const { outputs, compare } = first[size]!;
      const fault = compare(outputs, found);
      if (fault) return problem(`run ${run} of ${runs}: inputs ${size} no longer give what they gave first: ${fault}.`);
    }
    return problem(growth(backend, before, `${runs} runs`));
  });
}

async function manyCompilations(subject: Subject, share: number): ReturnType<Wear> {
  const times = Math.ceil(200 * share);
  const backend = await subject.backend();
  const inputs = batchInputs(model.config, [structures.dimer!]);
  const cycle = (): Promise<unknown> => compiled(subject, model, (executable) => executable.run(inputs));
  // What is made once for all, such as a cache of code, is made here.
  await cycle();
  const before = backend.memory();
  for (let i = 0; i < times; i++) await cycle();
  return problem(growth(backend, before, `${times} executables that were compiled, run and disposed of`));
}

/** Liquid-like: as dense as water, no two atoms closer than 1 Å. */
async function largeStructure(subject: Subject, share: number): ReturnType<Wear> {
  const inputs = batchInputs(model.config, [randomStructure(Math.ceil(2000 * share))]);
  const found = await subject.run(model.graph, model.parameters, inputs);
  const [exact] = (await subject.expected(model.graph, model.parameters, [inputs], 'f64')) as [Outputs];
  const [rounded] = (await subject.expected(model.graph, model.parameters, [inputs], 'f32')) as [Outputs];
  let worst = 0;
  const problems: string[] = [];
  for (const [name, wanted] of Object.entries(exact)) {
    const tolerance = toleranceOf(subject.precision, factors.model, [{ exact: wanted, rounded: rounded[name]! }]);
    const error = found[name]?.length === wanted.length ? largestDifference(wanted, found[name]) : Infinity;
    worst = Math.max(worst, fraction(error, tolerance));
    if (!(error <= tolerance))
      problems.push(
        `output ${name} of ${inputs.dims.atoms} atoms and ${inputs.dims.edges} edges is off by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed.`,
      );
  }
  return { worst, problems };
}

function randomStructure(atoms: number): Structure {
  const perSide = Math.ceil(Math.cbrt(atoms));
  const spacing = 2.2;
  const random = seededRandom(7);
  const positions = Array.from({ length: atoms }, (_, i) =>
    [i % perSide, Math.floor(i / perSide) % perSide, Math.floor(i / perSide ** 2)].map(
      (place) => spacing * (place + 0.3 * random()),
    ),
  ).flat();
  const side = spacing * perSide;
  return makeStructure({
    symbols: Array.from({ length: atoms }, () => ['O', 'H', 'H', 'C'][Math.floor(4 * random())]!),
    positions,
    cell: [side, 0, 0, 0.1 * side, side, 0, 0, -0.1 * side, side],
  });
}

function growth(backend: Backend, before: ReturnType<Backend['memory']>, after: string): string[] {
  const { liveBytes, liveBuffers } = backend.memory();
  return liveBytes <= before.liveBytes && liveBuffers <= before.liveBuffers
    ? []
    : [
        `${liveBytes - before.liveBytes} bytes in ${liveBuffers - before.liveBuffers} buffers more after ${after}; expected none.`,
      ];
}

function problem(found: string | readonly string[]): { worst: null; problems: string[] } {
  return { worst: null, problems: typeof found === 'string' ? [found] : [...found] };
}
