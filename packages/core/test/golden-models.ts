/**
 * The six single-point cases that pin the model to mace-torch 0.3.16: deterministic weights (a sine of the index of
 * the parameter and of the element), small architectures, and the values in `golden-cases.json`, which were computed
 * with mace-torch in float64 and printed with twelve digits.
 */
import { parameterShapes, type MaceConfig, type MaceModel, type Tensor } from '@mace/core/model';
import { makeStructure, type Structure } from '@mace/core/structure';

const base: MaceConfig = {
  model: 'ScaleShiftMACE',
  storedPrecision: 'f64',
  atomicNumbers: [1, 6, 8],
  heads: ['Default'],
  cutoff: 4,
  radialBasis: 'bessel',
  radialBasisSize: 6,
  cutoffPower: 5,
  distanceTransform: 'None',
  applyCutoff: true,
  pairRepulsion: false,
  maxEll: 2,
  numInteractions: 2,
  interactionFirst: 'RealAgnosticInteractionBlock',
  interaction: 'RealAgnosticResidualInteractionBlock',
  hiddenIrreps: '4x0e+4x1o',
  edgeIrreps: null,
  useEdgeIrrepsFirst: false,
  correlation: [3, 3],
  radialMlp: [16, 16],
  mlpIrreps: '5x0e',
  gate: 'silu',
  readoutClass: 'NonLinearReadoutBlock',
  useSo3: false,
  useAgnosticProduct: false,
  useLastReadoutOnly: false,
  keepLastLayerIrreps: false,
  useReducedCg: false,
  embeddings: [],
  useEmbeddingReadout: false,
  avgNumNeighbors: [7.3, 7.3],
};

type Shape = 'molecule' | 'crystal' | 'slab';

export const goldenCases: Readonly<
  Record<string, { readonly config: MaceConfig; readonly structure: Shape; readonly head?: string }>
> = {
  A: {
    structure: 'molecule',
    config: {
      ...base,
      numInteractions: 1,
      correlation: [3],
      avgNumNeighbors: [7.3],
      interactionFirst: 'RealAgnosticResidualInteractionBlock',
      hiddenIrreps: '4x0e',
    },
  },
  B: { structure: 'crystal', config: base },
  C: {
    structure: 'slab',
    config: {
      ...base,
      interactionFirst: 'RealAgnosticDensityInteractionBlock',
      interaction: 'RealAgnosticDensityResidualInteractionBlock',
      distanceTransform: 'Agnesi',
      pairRepulsion: true,
      maxEll: 3,
      correlation: [2, 2],
      hiddenIrreps: '3x0e+3x1o+3x2e',
    },
  },
  D: {
    structure: 'crystal',
    head: 'Default',
    config: {
      ...base,
      interactionFirst: 'RealAgnosticResidualNonLinearInteractionBlock',
      interaction: 'RealAgnosticResidualNonLinearInteractionBlock',
      heads: ['pt_head', 'Default'],
      applyCutoff: false,
      useAgnosticProduct: true,
      readoutClass: 'NonLinearBiasReadoutBlock',
    },
  },
  E: { structure: 'crystal', config: { ...base, useSo3: true, hiddenIrreps: '3x0e+3x1e' } },
  F: {
    structure: 'molecule',
    config: {
      ...base,
      numInteractions: 3,
      correlation: [3, 3, 3],
      avgNumNeighbors: [7.3, 7.3, 7.3],
      distanceTransform: 'Soft',
      interactionFirst: 'RealAgnosticResidualInteractionBlock',
      interaction: 'RealAgnosticAttResidualInteractionBlock',
    },
  },
};

/** The model of a case with its deterministic weights. */
export function goldenModel(config: MaceConfig): MaceModel {
  const weights: Record<string, Tensor> = {};
  const shapes = parameterShapes(config).sort((a, b) => (a.name < b.name ? -1 : 1));
  shapes.forEach(({ name, shape }, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    weights[name] = {
      shape,
      data: Float64Array.from({ length: size }, (_, k) =>
        deterministicWeight(name, shape.length, Math.sin(0.5 + 1.3 * k + 2.1 * i)),
      ),
    };
  });
  const heads = config.heads.length;
  const perHead = (first: number[], second: number[]): Float64Array =>
    Float64Array.from(heads > 1 ? [...first, ...second] : first);
  return {
    config,
    weights: {
      ...weights,
      'atomic_energies_fn.atomic_energies': { shape: [heads, 3], data: perHead([-1, -2, -3], [-1.5, -2.5, -3.5]) },
      'scale_shift.scale': { shape: [heads], data: perHead([1.7], [0.6]) },
      'scale_shift.shift': { shape: [heads], data: perHead([0.3], [-0.2]) },
    },
  };
}

function deterministicWeight(name: string, rank: number, s: number): number {
  if (name.endsWith('.alpha')) return 20;
  if (name.endsWith('.beta')) return 0.5;
  if (name.endsWith('bias')) return 0.1 * s;
  if (name.includes('.net.')) return rank === 1 ? 1 + 0.1 * s : 0.3 * s;
  return Math.SQRT2 * s;
}

export function goldenStructure(shape: Shape): Structure {
  return makeStructure({
    symbols: ['O', 'H', 'H', 'C'],
    positions: [0, 0, 0.1, 0.9, 0.1, -0.4, -0.7, 0.6, -0.3, 0.2, -1.4, 0.5],
    ...(shape !== 'molecule' && { cell: [3.6, 0.1, 0, 0, 3.9, 0.2, 0.3, 0, 4.2] }),
    pbc: shape === 'molecule' ? [false, false, false] : shape === 'slab' ? [true, true, false] : [true, true, true],
  });
}
