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
import type { GraphCase } from '../case.js';
import { dimsOf, pathPart } from './ops.js';
import { polynomialGraphs } from './polynomials.js';

const rows = 65;

export function gradientCases(): GraphCase[] {
  const ofOps = opGraphs
    .filter(({ graph }) => graph.inputs.length > 0)
    .flatMap(({ op, name, graph, parameters, range }) =>
      derivatives(graph).map(
        ([kind, derivative]): GraphCase => ({
          kind: 'graph',
          path: `gradients/${op}/${pathPart(name)}/${kind}`,
          graph: derivative,
          parameters,
          inputs: () => randomInputs(derivative, { seed: 11, range, dims: dimsOf(rows) }),
        }),
      ),
    );
  const ofPolynomials = polynomialGraphs().flatMap(({ name, graph }) =>
    derivatives(graph).map(
      ([kind, derivative]): GraphCase => ({
        kind: 'graph',
        path: `gradients/polynomial/${name}/${kind}`,
        graph: derivative,
        parameters: {},
        inputs: () => randomInputs(derivative, { seed: 13, range: [-1, 1], dims: dimsOf(rows) }),
      }),
    ),
  );
  return [...ofOps, ...ofPolynomials, ...parameterGradients()];
}

/** vjp, jvp, vjp of vjp, vjp of jvp. */
function derivatives(graph: Graph): [string, Graph][] {
  const [of] = Object.keys(graph.outputs) as [string];
  if (graph.outputs[of]!.type.kind === 'mask') return [];
  const wrt = graph.inputs.map(({ attributes }) => attributes.name);
  const reverse = vjp(graph, { of, wrt, cotangent: 'cotangent', names: (name) => `d_${name}` });
  const tangents = Object.fromEntries(wrt.map((name) => [name, `t_${name}`]));
  const forward = jvp(graph, { of: [of], tangents, names: () => 'tangent' });
  const again = (first: Graph, output: string, name: string): Graph =>
    vjp(first, { of: output, wrt, cotangent: name, names: (input) => `dd_${input}` });
  return [
    ['vjp', reverse],
    ['jvp', forward],
    ['vjp-of-vjp', again(reverse, `d_${wrt[0]}`, 'outer')],
    ['vjp-of-jvp', again(forward, 'tangent', 'outer')],
  ];
}

/** ∂/∂weights of a loss on energies, forces and stress, one case per model family. */
function parameterGradients(): GraphCase[] {
  return Object.entries(tinyModels).map(([name, { config }]): GraphCase => {
    const model = deterministicModel(config);
    const names = parameterShapes(config).map((parameter) => parameter.name);
    const graph = simplify(parameterGradientGraph(maceGraph(model), names));
    return {
      kind: 'graph',
      path: `gradients/parameters/${name}`,
      graph,
      parameters: parametersOf(model),
      inputs: () => trainingInputs(config, name),
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
