/**
 * A fusion claims to be equal to what it replaces, so each is compared with the reference alone, with the others, and off.
 * A backend names its fusions in `Backend.fusions`; one that never occurs in any configuration is a claim without proof.
 */
import { graphPasses, type Choice } from '@mace/core/backend';
import { deterministicModel, tinyModels } from '@mace/core/generators';
import { simplify, type Graph } from '@mace/core/ir';
import { maceGraph, observablesGraph, type MaceModel } from '@mace/core/model';
import type { Structure } from '@mace/core/structure';
import { batchInputs, parametersOf } from '../model-inputs.js';
import { once, type FusionCase, type Problem, type Verdict } from '../case.js';
import { structures } from '../structures.js';
import type { Configuration, Subject } from '../subject.js';
import { factors, fraction, largestDifference, toleranceOf } from '../tolerance.js';

const wanted = ['atomEnergy', 'forces', 'atomVirial'] as const;
/** A crystal, a molecule, and a lone atom in one batch. The radial network of F is 256 wide, so it gets few edges. */
const fullBatch = [structures['rock-salt']!, structures.chiral!, structures.atom!];
const lightBatch = [structures.water!, structures.atom!];

export async function checkFusion(subject: Subject, { model }: FusionCase): Promise<Verdict> {
  return model === null
    ? eachOccurs(subject)
    : onAndOff(subject, deterministicModel(tinyModels[model].config), model === 'F' ? lightBatch : fullBatch);
}

/** Every fusion that the backend names is used in at least one model. */
async function eachOccurs(subject: Subject): Promise<Verdict> {
  const named = (await subject.backend()).fusions ?? [];
  if (named.length === 0) return { worst: null, problems: [], unavailable: 'the backend has no fusions.' };
  const used = new Set<string>();
  for (const { config } of Object.values(tinyModels)) {
    const model = deterministicModel(config);
    const executable = await subject.compile(forceGraph(model), parametersOf(model), { fusions: 'all' });
    executable.report.fused.forEach(({ pattern }) => used.add(pattern));
    executable.dispose();
    if (named.every((name) => used.has(name))) break;
  }
  const idle = named.filter((name) => !used.has(name));
  const message = `${idle.join(', ')}: named by the backend, used in no model. Remove it, or find why it never matches.`;
  return { worst: null, problems: idle.length > 0 ? [{ check: 'fusion/occurs', message }] : [] };
}

async function onAndOff(subject: Subject, model: MaceModel, batch: readonly Structure[]): Promise<Verdict> {
  const graph = forceGraph(model);
  const parameters = parametersOf(model);
  const inputs = batchInputs(model.config, batch);
  const [exact] = await subject.expected(graph, parameters, [inputs], 'f64');
  const rounded = once(async () => (await subject.expected(graph, parameters, [inputs], 'f32'))[0]!);
  const backend = await subject.backend();
  const problems: Problem[] = [];
  let worst = 0;
  const queue: Required<Configuration>[] = [{ fusions: 'all', passes: 'all' }];
  for (let i = 0; i < queue.length; i++) {
    const configuration = queue[i]!;
    const executable = await subject.compile(graph, parameters, configuration);
    try {
      const found = await executable.run(inputs);
      for (const output of wanted) {
        const wanted = exact![output]!;
        const error = largestDifference(found[output]!, wanted);
        let tolerance = toleranceOf(subject.precision, factors.model, [{ exact: wanted, rounded: wanted }]);
        if (error > tolerance)
          tolerance = toleranceOf(subject.precision, factors.model, [
            { exact: wanted, rounded: (await rounded())[output]! },
          ]);
        worst = Math.max(worst, fraction(error, tolerance));
        if (!(error <= tolerance))
          problems.push({
            check: 'fusion/values',
            message: `${output} with fusions ${said(configuration.fusions)} and passes ${said(configuration.passes)}: off by ${error.toExponential(2)}; ${tolerance.toExponential(2)} is allowed.`,
          });
      }
      const used = executable.report.fused.map(({ pattern }) => pattern);
      if (i === 0) queue.push(...furtherConfigurations([...new Set(used)], backend.fusions ?? []));
      const off = used.filter(
        (pattern) => Array.isArray(configuration.fusions) && !configuration.fusions.includes(pattern),
      );
      if (off.length > 0 || (configuration.fusions === 'none' && used.length > 0))
        problems.push({
          check: 'fusion/switch',
          message: `${[...new Set(used)].join(', ')} were used though fusions were ${said(configuration.fusions)}.`,
        });
    } finally {
      executable.dispose();
    }
  }
  return { worst, problems };
}

/** Beside all: none, and each alone that occurs where several do; for the passes too. */
function furtherConfigurations(occurring: readonly string[], named: readonly string[]): Required<Configuration>[] {
  const passes = graphPasses.map((pass) => pass.name);
  const alone = occurring.length > 1 ? occurring : [];
  return [
    ...(named.length > 0
      ? ([
          // An empty list is no fusion, too.
          { fusions: [], passes: 'all' },
          { fusions: 'all', passes: 'none' },
        ] as const)
      : []),
    { fusions: 'none', passes: 'none' },
    ...alone.map((one) => ({ fusions: [one], passes: 'all' as Choice })),
    ...passes.map((one) => ({ fusions: 'none' as Choice, passes: [one] })),
  ];
}

function said(choice: Choice): string {
  return typeof choice === 'string' ? choice : `[${choice.join(', ')}]`;
}

function forceGraph(model: MaceModel): Graph {
  return simplify(observablesGraph(maceGraph(model), wanted));
}
