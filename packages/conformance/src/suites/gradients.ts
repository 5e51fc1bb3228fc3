/**
 * Derivatives as graphs: first in both modes, second as one after the other, of every op and polynomial; and the parameter
 * gradient of whole models. A backend needs nothing for these; they are graphs of the same ops in other proportions.
 */
import { jvp, vjp } from '@mace/core/autodiff';
import type { RunInputs } from '@mace/core/backend';
import { deterministicModel, opGraphs, randomInputs, tinyModels, tinyStructure } from '@mace/core/generators';
import { simplify, type Graph } from '@mace/core/ir';
import { maceGraph, parameterGradientGraph, parameterShapes, type MaceConfig } from '@mace/core/model';
import { batchInputs, parametersOf } from '../model-inputs.js';
import { once, type Example, type GraphCase, type GraphRun } from '../case.js';
import { dimsOf, pathPart } from './ops.js';
import { polynomialGraphs } from './polynomials.js';

const rows = [1, 48, 65];

export function gradientCases(): GraphCase[] {
  const ofOps = opGraphs
    .filter(({ graph }) => graph.inputs.length > 0)
    .flatMap(({ op, name, graph, parameters, range }) =>
      derivativeCases(`gradients/${op}/${pathPart(name)}`, graph, parameters, range),
    );
  const ofPolynomials = polynomialGraphs().flatMap(({ name, graph }) =>
    derivativeCases(`gradients/polynomial/${name}`, graph, {}, [-1, 1]),
  );
  return [...ofOps, ...ofPolynomials, ...parameterGradients()];
}

function derivativeCases(
  path: string,
  graph: Graph,
  parameters: Example['parameters'],
  range: readonly [number, number],
): GraphCase[] {
  const [output] = Object.values(graph.outputs);
  if (output!.type.kind === 'mask') return [];
  const runs = rows.map(
    (n): GraphRun => ({
      name: `${n} rows`,
      inputs: (derivative) => randomInputs(derivative, { seed: 11, range, dims: dimsOf(n) }),
    }),
  );
  const made = once(() => derivatives(graph));
  return (['vjp', 'jvp', 'vjp-of-vjp', 'vjp-of-jvp'] as const).map(
    (kind): GraphCase => ({
      kind: 'graph',
      path: `${path}/${kind}`,
      example: once(() => ({ graph: made()[kind](), parameters })),
      runs,
    }),
  );
}

/** vjp, jvp, vjp of vjp, vjp of jvp. */
function derivatives(graph: Graph): Readonly<Record<'vjp' | 'jvp' | 'vjp-of-vjp' | 'vjp-of-jvp', () => Graph>> {
  const [of] = Object.keys(graph.outputs) as [string];
  const wrt = graph.inputs.map(({ attributes }) => attributes.name);
  const reverse = once(() => vjp(graph, { of, wrt, cotangent: 'cotangent', names: (name) => `d_${name}` }));
  const tangents = Object.fromEntries(wrt.map((name) => [name, `t_${name}`]));
  const forward = once(() => jvp(graph, { of: [of], tangents, names: () => 'tangent' }));
  const again = (first: Graph, output: string): Graph =>
    vjp(first, { of: output, wrt, cotangent: 'outer', names: (input) => `dd_${input}` });
  return {
    vjp: reverse,
    jvp: forward,
    'vjp-of-vjp': () => again(reverse(), `d_${wrt[0]}`),
    'vjp-of-jvp': () => again(forward(), 'tangent'),
  };
}

/** ∂/∂weights of a loss on energies, forces and stress, one case per model family. */
function parameterGradients(): GraphCase[] {
  return Object.entries(tinyModels).map(([name, { config }]): GraphCase => {
    const example = once((): Example => {
      const model = deterministicModel(config);
      const names = parameterShapes(config).map((parameter) => parameter.name);
      return {
        graph: simplify(parameterGradientGraph(maceGraph(model), names)),
        parameters: parametersOf(model),
      };
    });
    return {
      kind: 'graph',
      path: `gradients/parameters/${name}`,
      example,
      runs: [{ inputs: () => trainingInputs(config, name) }],
    };
  });
}

/** A batch of two structures with cotangents of their energies and tangents of their edges. */
function trainingInputs(config: MaceConfig, name: string): RunInputs {
  // The radial network of F is 256 wide, so it gets few edges.
  const batch = [tinyStructure(name === 'F' ? 'molecule' : 'crystal'), tinyStructure('molecule')];
  const inputs = batchInputs(config, batch, (g) => g % config.heads.length);
  return {
    ...inputs,
    values: {
      ...inputs.values,
      edgeTangent: Float64Array.from({ length: 3 * inputs.dims.edges }, (_, i) => Math.sin(1 + 1.7 * i)),
      energyCotangent: Float64Array.of(0.7, -1.3),
    },
  };
}
