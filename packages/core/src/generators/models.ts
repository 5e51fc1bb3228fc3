/**
 * Tiny models, one for each part of the architecture, with deterministic weights: a sine of the index of the parameter
 * and of the element. They pin the model to mace-torch 0.3.16, whose numbers for them are known: do not change one.
 */
import { parameterShapes, type MaceConfig, type MaceModel, type Tensor } from '../model/index.js';
import type { TinyShape } from './structures.js';

export type TinyModelName = 'A' | 'B' | 'C' | 'D' | 'E' | 'F';

/** An architecture, and what it is evaluated on. */
export interface TinyModel {
  /** What is special about it. */
  readonly name: string;
  readonly config: MaceConfig;
  readonly structure: TinyShape;
  readonly head?: string;
}

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

/** Six small architectures of elements H, C and O. */
export const tinyModels: Readonly<Record<TinyModelName, TinyModel>> = {
  A: {
    name: 'residual, one layer, scalars only',
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
  B: { name: 'agnostic, then residual', structure: 'crystal', config: base },
  C: {
    name: 'density, Agnesi transform, pair repulsion, ℓ up to 3',
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
    name: 'non-linear, two heads, no cutoff of the radial functions',
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
  E: { name: 'SO(3) features', structure: 'crystal', config: { ...base, useSo3: true, hiddenIrreps: '3x0e+3x1e' } },
  F: {
    name: 'residual, then attention, three layers, Soft transform',
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

/** A model with deterministic weights; the configuration has three elements and one or two heads. */
export function deterministicModel(config: MaceConfig): MaceModel {
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
