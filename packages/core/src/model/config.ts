/**
 * What a MACE is: the constructor arguments of upstream's model, as resolved, and the weights by upstream's names.
 *
 * Everything else (irreps of each layer, shapes, normalisations) follows from these by the rules of `layers.ts`.
 * Names follow upstream's arguments, spelled in camel case; class names are upstream's own.
 */

export const interactionClasses = [
  'RealAgnosticInteractionBlock',
  'RealAgnosticResidualInteractionBlock',
  'RealAgnosticDensityInteractionBlock',
  'RealAgnosticDensityResidualInteractionBlock',
  'RealAgnosticAttResidualInteractionBlock',
  'RealAgnosticResidualNonLinearInteractionBlock',
] as const;
export type InteractionClass = (typeof interactionClasses)[number];

export const readoutClasses = ['LinearReadoutBlock', 'NonLinearReadoutBlock', 'NonLinearBiasReadoutBlock'] as const;
export type ReadoutClass = (typeof readoutClasses)[number];

export type RadialBasis = 'bessel' | 'gaussian' | 'chebyshev';
export type DistanceTransform = 'None' | 'Agnesi' | 'Soft';
export type GateName = 'silu' | 'tanh' | 'abs' | 'None';

/** One extra input that is embedded and added to the initial features (upstream: `embedding_specs`). */
export interface EmbeddingSpec {
  /** Name of the input, such as `total_charge`. */
  readonly name: string;
  /** Key of a structure that holds it, where it differs from the name. */
  readonly key?: string;
  readonly type: 'categorical' | 'continuous';
  readonly per: 'graph' | 'atom';
  readonly embeddingSize: number;
  /** Categorical: number of rows of the table. */
  readonly numClasses?: number;
  /** Categorical: row = value + offset. */
  readonly offset?: number;
  /** Continuous: number of input components. */
  readonly inputSize?: number;
  /** Continuous: whether the two linear layers have biases. */
  readonly useBias?: boolean;
}

/** Upstream's constructor arguments, all resolved. Lengths in Å. */
export interface MaceConfig {
  /** `MACE` has no scale and shift. */
  readonly model: 'MACE' | 'ScaleShiftMACE';
  /** The precision in which the file was saved: constants that upstream stores are rounded to it. */
  readonly storedPrecision: 'f64' | 'f32';
  /** Atomic number of each element, in the model's own order. */
  readonly atomicNumbers: readonly number[];
  /** Head names, at least one. */
  readonly heads: readonly string[];
  /** `r_max`. */
  readonly cutoff: number;
  readonly radialBasis: RadialBasis;
  /** `num_bessel`. */
  readonly radialBasisSize: number;
  /** `num_polynomial_cutoff`, the exponent p. */
  readonly cutoffPower: number;
  readonly distanceTransform: DistanceTransform;
  readonly applyCutoff: boolean;
  /** ZBL. */
  readonly pairRepulsion: boolean;
  readonly maxEll: number;
  readonly numInteractions: number;
  readonly interactionFirst: InteractionClass;
  /** Class of layers ≥ 1 (equal to `interactionFirst` when there is one layer). */
  readonly interaction: InteractionClass;
  /** Such as `128x0e+128x1o`. */
  readonly hiddenIrreps: string;
  readonly edgeIrreps: string | null;
  readonly useEdgeIrrepsFirst: boolean;
  /** One per layer. */
  readonly correlation: readonly number[];
  /** Widths of the hidden layers of the radial network. */
  readonly radialMlp: readonly number[];
  /** Such as `16x0e`; the width of the last readout, per head. */
  readonly mlpIrreps: string;
  readonly gate: GateName;
  /** Class of the last readout when there are two or more layers. */
  readonly readoutClass: ReadoutClass;
  readonly useSo3: boolean;
  readonly useAgnosticProduct: boolean;
  readonly useLastReadoutOnly: boolean;
  /** Otherwise the last layer has the first block of the hidden irreps only. */
  readonly keepLastLayerIrreps: boolean;
  /** The file carries U matrices of a reduced basis; they must be among the weights. */
  readonly useReducedCg: boolean;
  readonly embeddings: readonly EmbeddingSpec[];
  readonly useEmbeddingReadout: boolean;
  /** One per layer; upstream keeps it in no buffer. */
  readonly avgNumNeighbors: readonly number[];
  /** Second-moment constants of the activations (`normalize2mom.cst`), where a file differs from the defaults. */
  readonly activationConstants?: Readonly<Partial<Record<'silu' | 'tanh' | 'sigmoid' | 'abs', number>>>;
}

/** A dense row-major array. Integers of a file are stored as float64. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/** Where a model came from; kept through conversion. All optional, all text for people. */
export interface Provenance {
  readonly format?: string;
  readonly source?: string;
  readonly sha256?: string;
  readonly licence?: string;
  readonly description?: string;
  /** Architecture as the file wrote it, before defaults were filled in. */
  readonly asWritten?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/**
 * A model: configuration, and parameters and buffers by upstream's state-dict names, such as
 * `interactions.0.linear_up.weight` or `products.0.symmetric_contractions.contractions.0.U_matrix_3`.
 */
export interface MaceModel {
  readonly config: MaceConfig;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly provenance?: Provenance;
}
