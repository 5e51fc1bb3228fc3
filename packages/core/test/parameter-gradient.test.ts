/** The gradient of a loss on energies, forces and stress with respect to weights, in one reverse pass (decision 1 of the design). */
import { describe, expect, test } from 'vitest';
import { createCalculator, reference } from '@mace/core';
import { indexMapValues } from '@mace/core/backend';
import { simplify, verify } from '@mace/core/ir';
import { maceGraph, parameterGradientGraph, parameterShapes } from '@mace/core/model';
import { buildEdges } from '@mace/core/structure';
import { deterministicModel, tinyModels, tinyStructure } from '@mace/core/generators';

describe('parameter gradient', () => {
  for (const name of ['B', 'C', 'D', 'F'] as const) {
    test(`model ${name}: central differences of a loss on energies, forces and stress`, async () => {
      const { config } = tinyModels[name];
      const model = deterministicModel(config);
      const structures = [tinyStructure('crystal'), tinyStructure('molecule')];
      const head = config.heads.at(-1)!;
      const names = parameterShapes(config).map((p) => p.name);

      // Loss = Σ_g a_g·E_g² /2 + Σ b·F²/2 + Σ c·σ²/2 with fixed weights.
      const loss = async (weights: Record<string, Float64Array>): Promise<number> => {
        const calculator = await createCalculator({
          model: {
            ...model,
            weights: {
              ...model.weights,
              ...Object.fromEntries(
                Object.entries(weights).map(([key, data]) => [key, { shape: [data.length], data }]),
              ),
            },
          },
          backend: reference(),
          plan: false,
        });
        const results = await calculator.evaluateAll(structures, { head });
        return results.reduce(
          (total, result, g) =>
            total +
            0.5 * (g + 1) * result.energy ** 2 +
            0.5 * result.forces!.reduce((sum, f) => sum + 3 * f * f, 0) +
            (result.stress ? 0.5 * result.stress.reduce((sum, s) => sum + 500 * s * s, 0) : 0),
          0,
        );
      };

      const calculator = await createCalculator({ model, backend: reference() });
      const results = await calculator.evaluateAll(structures, { head });
      const edges = buildEdges(structures, config.cutoff);
      const tangent = new Float64Array(edges.edges * 3);
      const forces = results.flatMap((result) => [...result.forces!]);
      for (let e = 0; e < edges.edges; e++) {
        const [s, r] = [edges.sender.values[e]!, edges.receiver.values[e]!];
        const g = edges.graph.values[r]!;
        const { stress, volume } = results[g]!;
        for (let a = 0; a < 3; a++) {
          tangent[3 * e + a] = -(3 * forces[3 * r + a]! - 3 * forces[3 * s + a]!);
          if (stress)
            for (let b = 0; b < 3; b++)
              tangent[3 * e + a]! +=
                (edges.vectors[3 * e + b]! * 500 * (stress[3 * a + b]! + stress[3 * b + a]!)) / 2 / volume!;
        }
      }
      const graph = simplify(parameterGradientGraph(maceGraph(model), names));
      verify(graph);
      const parameters = Object.fromEntries(Object.entries(model.weights).map(([key, { data }]) => [key, data]));
      const backend = await reference().create();
      const executable = await backend.compile(graph, { precision: 'f64', parameters });
      const species = structures
        .flatMap((structure) => [...structure.numbers])
        .map((z) => config.atomicNumbers.indexOf(z));
      const gradient = await executable.run({
        dims: { atoms: edges.atoms, edges: edges.edges, graphs: 2 },
        maps: {
          sender: edges.sender,
          receiver: edges.receiver,
          graph: edges.graph,
          species: indexMapValues(Int32Array.from(species), config.atomicNumbers.length),
          head: indexMapValues(new Int32Array(2).fill(config.heads.length - 1), config.heads.length),
        },
        values: {
          edgeVectors: edges.vectors,
          edgeTangent: tangent,
          energyCotangent: Float64Array.from(results, (result, g) => (g + 1) * result.energy),
        },
      });

      // One random direction through all weights.
      const direction = Object.fromEntries(
        names.map((key, i) => [
          key,
          model.weights[key]!.data.map((_, k) => Math.sin(1 + 0.7 * i + 1.9 * k)) as Float64Array,
        ]),
      );
      const along = names.reduce(
        (sum, key) => sum + direction[key]!.reduce((s, d, k) => s + d * gradient[`d(${key})`]![k]!, 0),
        0,
      );
      const h = 1e-5;
      const moved = (step: number): Record<string, Float64Array> =>
        Object.fromEntries(
          names.map((key) => [
            key,
            model.weights[key]!.data.map((w, k) => w + step * direction[key]![k]!) as Float64Array,
          ]),
        );
      const numeric = ((await loss(moved(h))) - (await loss(moved(-h)))) / (2 * h);
      expect(Math.abs(along - numeric) / Math.abs(numeric)).toBeLessThan(1e-6);
    });
  }
});
