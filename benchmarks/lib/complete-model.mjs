/** Seeded models with everything that a model file has to hold: what the graph computes for itself is stored too. */
import { couplingBasis, entriesToDense } from '../../packages/core/dist/equivariant/index.js';
import { layerConfigs } from '../../packages/core/dist/model/index.js';
import { seededModel } from './prepared.mjs';

/**
 * The model of {@link seededModel} with frequencies of its radial basis and the coupling tensors of its products.
 * @param {import('./prepared.mjs').ModelShape} shape
 * @returns {import('@mace/core').MaceModel}
 */
export function completeModel(shape) {
  const { config, weights } = seededModel(shape);
  const frequencies = Float64Array.from(
    { length: config.radialBasisSize },
    (_, n) => (Math.PI / config.cutoff) * (n + 1),
  );
  const stored = { 'radial_embedding.bessel_fn.bessel_weights': { shape: [frequencies.length], data: frequencies } };
  return { config, weights: { ...weights, ...stored, ...couplingTensors(config) } };
}

/** @param {import('@mace/core').MaceConfig} config */
function couplingTensors(config) {
  return Object.fromEntries(
    layerConfigs(config).flatMap(({ index, target, hidden, correlation }) => {
      const base = target.map(({ irrep }) => ({ multiplicity: 1, irrep }));
      return hidden.flatMap(({ irrep }, k) =>
        Array.from({ length: correlation }, (_, i) => {
          const name = `products.${index}.symmetric_contractions.contractions.${k}.U_matrix_${i + 1}`;
          return [name, entriesToDense(couplingBasis(base, irrep, i + 1))];
        }),
      );
    }),
  );
}
