/**
 * A model of 89 elements with random weights and the shape of published universal models: what accuracy is measured on
 * where no trained model covers the structures.
 */
import { parameterShapes, type MaceConfig, type MaceModel, type Tensor } from '@mace/core/model';
import { seededRandom } from '@mace/core/generators';

const channels = 32;

/** Hydrogen to actinium: every element of the structures that universal models are trained on, without polonium to radium. */
const atomicNumbers = Array.from({ length: 94 }, (_, i) => i + 1).filter((z) => z < 84 || z > 88);

const config: MaceConfig = {
  model: 'ScaleShiftMACE',
  storedPrecision: 'f64',
  atomicNumbers,
  heads: ['Default'],
  cutoff: 6,
  radialBasis: 'bessel',
  radialBasisSize: 10,
  cutoffPower: 5,
  distanceTransform: 'None',
  applyCutoff: true,
  pairRepulsion: false,
  maxEll: 3,
  numInteractions: 2,
  interactionFirst: 'RealAgnosticResidualInteractionBlock',
  interaction: 'RealAgnosticResidualInteractionBlock',
  hiddenIrreps: `${channels}x0e+${channels}x1o`,
  edgeIrreps: null,
  useEdgeIrrepsFirst: false,
  correlation: [3, 3],
  radialMlp: [64, 64, 64],
  mlpIrreps: '16x0e',
  gate: 'silu',
  readoutClass: 'NonLinearReadoutBlock',
  useSo3: false,
  useAgnosticProduct: false,
  useLastReadoutOnly: false,
  keepLastLayerIrreps: false,
  useReducedCg: false,
  embeddings: [],
  useEmbeddingReadout: false,
  // The square root of how many there are: sums of so many random terms are then of order one, and every body order counts.
  avgNumNeighbors: [8, 8],
};

/**
 * Weights are normal, as upstream initializes them; the scale makes forces on atoms of real materials 1.7 eV/Å as root
 * mean square. Isolated atoms have no energy, so that nothing hides small differences.
 */
export function universalModel(seed = 1): MaceModel {
  const normal = normalNumbers(seed);
  const weights: Record<string, Tensor> = {};
  for (const { name, shape } of parameterShapes(config)) {
    const size = shape.reduce((a, b) => a * b, 1);
    // Upstream divides the weights of symmetric contractions by the number of paths.
    const factor = name.includes('symmetric_contractions') ? 1 / shape[1]! : 1;
    weights[name] = { shape, data: Float64Array.from({ length: size }, () => factor * normal()) };
  }
  const one = (value: number): Tensor => ({ shape: [1], data: Float64Array.of(value) });
  return {
    config,
    weights: {
      ...weights,
      'atomic_energies_fn.atomic_energies': { shape: [1, atomicNumbers.length], data: new Float64Array(89) },
      'scale_shift.scale': one(300),
      'scale_shift.shift': one(0),
    },
  };
}

/** Normal numbers from a seed (Box and Muller). */
function normalNumbers(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
