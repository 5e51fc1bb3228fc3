/**
 * The configuration of a model from its state dict alone (spec 9.6), and what has to be told because no tensor shows it.
 */
import { FormatError, UnsupportedError, type MaceConfig, type Tensor } from '@mace/core';
import { formatIrreps, parseIrreps, type IrrepBlock } from '@mace/core/equivariant';
import type { DistanceTransform, InteractionClass, RadialBasis } from '@mace/core/model';

/** A name may hold any number; loops run over layers. */
const mostLayers = 64;

type Weights = Readonly<Record<string, Tensor>>;

/**
 * @param told - settings of the run; read where tensors are silent or ambiguous
 * @param alsoNeeded - what else is missing of the run, to be named with the settings that are
 * @throws FormatError that lists the settings needed, or names the tensor that is missing
 */
export function configOfStateDict(
  weights: Weights,
  told: Partial<MaceConfig>,
  alsoNeeded: readonly string[] = [],
): MaceConfig {
  const layers = countOf(weights, /^interactions\.(\d+)\./);
  if (layers > mostLayers)
    throw new FormatError(
      `The state dict has a tensor of interactions.${layers - 1}; expected at most ${mostLayers} layers. The file is damaged or was made to mislead.`,
    );
  const hasTensor = (name: string): boolean => Object.hasOwn(weights, name);
  const atomicNumbers = hasTensor('atomic_numbers') ? [...weights['atomic_numbers']!.data] : told.atomicNumbers;
  if (layers === 0 || !atomicNumbers)
    throw new FormatError(
      'The state dict is not that of a MACE: it has no interactions or no atomic_numbers. Give the checkpoint of a MACE, or a .model file.',
    );
  const elements = atomicNumbers.length;
  const embedding = tensorOf(weights, 'node_embedding.linear.weight');
  const channels = Math.round(embedding.data.length / elements);
  refuseDipoles(weights, channels, elements);
  const energies = tensorOf(weights, 'atomic_energies_fn.atomic_energies');
  const heads = Math.round(energies.data.length / elements);
  const hidden = hiddenIrreps(weights, layers, channels, told);
  const maxEll = Math.round(Math.sqrt(componentsOf(weights))) - 1;
  const classes = Array.from({ length: layers }, (_, t) =>
    interactionClass(weights, t, t === 0 ? told.interactionFirst : told.interaction),
  );
  const readouts = countOf(weights, /^readouts\.(\d+)\./);
  const settings: MaceConfig = {
    model: hasTensor('scale_shift.scale') ? 'ScaleShiftMACE' : 'MACE',
    storedPrecision: embedding.data instanceof Float64Array ? 'f64' : 'f32',
    atomicNumbers,
    heads: told.heads ?? (heads === 1 ? ['Default'] : []),
    cutoff: tensorOf(weights, hasTensor('r_max') ? 'r_max' : 'radial_embedding.cutoff_fn.r_max').data[0]!,
    ...radialBasis(weights),
    cutoffPower: tensorOf(weights, 'radial_embedding.cutoff_fn.p').data[0]!,
    distanceTransform: distanceTransform(weights),
    applyCutoff: told.applyCutoff ?? true,
    pairRepulsion: hasTensor('pair_repulsion_fn.c'),
    maxEll,
    numInteractions: layers,
    interactionFirst: classes[0]!,
    interaction: classes[1] ?? classes[0]!,
    hiddenIrreps: formatIrreps(hidden),
    edgeIrreps: told.edgeIrreps ?? null,
    useEdgeIrrepsFirst: told.useEdgeIrrepsFirst ?? false,
    correlation: Array.from(
      { length: layers },
      (_, t) =>
        countOf(
          weights,
          new RegExp(`^products\\.${t}\\.symmetric_contractions\\.contractions\\.0\\.U_matrix_(\\d+)$`),
        ) - 1,
    ),
    radialMlp: radialMlp(weights, classes[0]!) ?? told.radialMlp ?? [64, 64, 64],
    ...lastReadout(weights, readouts, layers, heads),
    gate: told.gate ?? 'silu',
    useSo3: told.useSo3 ?? false,
    useAgnosticProduct:
      elements > 1 && tensorOf(weights, 'products.0.symmetric_contractions.contractions.0.weights_max').shape[0] === 1,
    useLastReadoutOnly: layers > 1 && readouts === 1,
    keepLastLayerIrreps: hidden.length > 1 && contractionCount(weights, layers - 1) === hidden.length,
    useReducedCg: told.useReducedCg ?? false,
    embeddings: told.embeddings ?? [],
    useEmbeddingReadout: hasTensor('embedding_readout.linear.weight'),
    avgNumNeighbors: perLayer(told.avgNumNeighbors ?? (classes.some(usesAverage) ? [] : [1]), layers),
    ...(told.activationConstants ? { activationConstants: told.activationConstants } : {}),
  };
  demand(settings, told, alsoNeeded, heads, hasTensor('joint_embedding.project.0.weight'), readouts > 1 || layers > 1);
  return settings;
}

/** Dipole models have no isolated-atom energies, or linear readouts of more than one energy for each head. @throws UnsupportedError */
function refuseDipoles(weights: Weights, channels: number, elements: number): void {
  const energies = weights['atomic_energies_fn.atomic_energies']?.data.length;
  const readout = weights['readouts.0.linear.weight']?.data.length;
  const isEnergy = energies !== undefined && (readout === undefined || readout === (channels * energies) / elements);
  const hasVectors = contractionCount(weights, 0) > 1;
  if (isEnergy || !hasVectors || Object.hasOwn(weights, 'scale_shift.scale')) return;
  const kind = Object.hasOwn(weights, 'polarizability_mean')
    ? 'a dipole and polarizability model (AtomicDielectricMACE)'
    : energies === undefined
      ? 'a dipole model (AtomicDipolesMACE)'
      : 'an energy and dipole model (EnergyDipolesMACE)';
  throw new UnsupportedError(
    'model',
    `The checkpoint is that of ${kind}: ${energies === undefined ? 'it has no energies of isolated atoms' : 'its readouts give more than energies'}. Use an energy model (MACE or ScaleShiftMACE).`,
  );
}

/** Refuses to guess what no tensor shows. */
function demand(
  settings: MaceConfig,
  told: Partial<MaceConfig>,
  alsoNeeded: readonly string[],
  heads: number,
  embeds: boolean,
  hasGate: boolean,
): void {
  const needed = [
    ...(settings.avgNumNeighbors.length === 0 ? ['avgNumNeighbors'] : []),
    ...(hasGate && !told.gate ? ['gate'] : []),
    ...(told.applyCutoff === undefined ? ['applyCutoff'] : []),
    ...(heads > 1 && !told.heads ? ['heads'] : []),
    ...(embeds && !told.embeddings ? ['embeddings'] : []),
  ];
  if (needed.length > 0) {
    const examples: Readonly<Record<string, unknown>> = {
      avgNumNeighbors: [12.5],
      gate: 'silu',
      applyCutoff: true,
      heads: Array.from({ length: Math.min(heads, 10) }, (_, i) => `head${i + 1}`),
      embeddings: [{ name: 'total_charge', type: 'continuous', per: 'graph', embeddingSize: 16, inputSize: 1 }],
    };
    const example = JSON.stringify(Object.fromEntries(needed.map((name) => [name, examples[name]])));
    throw new FormatError(
      `This is a checkpoint: tensors only. Not in it, but needed: ${[...needed, ...alsoNeeded].join(', ')}. Give a model of the same run (\`--like MODEL\`), or these settings as JSON (\`--like SETTINGS.json\`, such as ${example}); the log of the training names them.`,
    );
  }
  if (settings.heads.length !== heads)
    throw new FormatError(
      `The checkpoint has ${heads === 1 ? '1 head' : `${heads} heads`}, but the settings name ${settings.heads.length} (${settings.heads.slice(0, 10).join(', ')}). Give the settings of the same run.`,
    );
  if (settings.avgNumNeighbors.length !== settings.numInteractions) {
    throw new FormatError(
      `The checkpoint has ${settings.numInteractions} layers, but avgNumNeighbors has ${settings.avgNumNeighbors.length} values. Give one for all layers, or one for each.`,
    );
  }
}

function tensorOf(weights: Weights, name: string): Tensor {
  const tensor = Object.hasOwn(weights, name) ? weights[name] : undefined;
  if (tensor) return tensor;
  throw new FormatError(`The state dict has no tensor ${name}. It is not that of a MACE, or damaged.`);
}

/** One more than the largest number that a pattern finds among the names; 0 for none. */
function countOf(weights: Weights, pattern: RegExp): number {
  return Object.keys(weights).reduce((count, name) => Math.max(count, Number(pattern.exec(name)?.[1] ?? -1) + 1), 0);
}

function contractionCount(weights: Weights, layer: number): number {
  return countOf(weights, new RegExp(`^products\\.${layer}\\.symmetric_contractions\\.contractions\\.(\\d+)\\.`));
}

/** Number of components of the harmonics: next-to-last axis of U_matrix_1. */
function componentsOf(weights: Weights): number {
  return tensorOf(weights, 'products.0.symmetric_contractions.contractions.0.U_matrix_1').shape.at(-2) ?? 0;
}

/** Degrees from the leading axes of U; parities natural unless the settings have others with the same degrees. */
function hiddenIrreps(weights: Weights, layers: number, channels: number, told: Partial<MaceConfig>): IrrepBlock[] {
  const count = contractionCount(weights, 0);
  const found = Array.from({ length: count }, (_, k): IrrepBlock => {
    const { shape } = tensorOf(weights, `products.0.symmetric_contractions.contractions.${k}.U_matrix_1`);
    const l = shape.length === 3 ? (shape[0]! - 1) / 2 : 0;
    return { multiplicity: channels, irrep: { l, p: l % 2 === 0 || told.useSo3 ? 1 : -1 } };
  });
  const own =
    told.hiddenIrreps === undefined
      ? undefined
      : parseIrreps(told.hiddenIrreps).slice(0, layers === 1 ? count : undefined);
  const fits =
    own?.length === count &&
    own.every((block, k) => block.multiplicity === channels && block.irrep.l === found[k]!.irrep.l);
  if (fits) return own;
  if (new Set(found.map(({ irrep }) => irrep.l)).size !== count)
    throw new FormatError(
      `The checkpoint has hidden irreps of degrees ${found.map(({ irrep }) => irrep.l).join(', ')}, whose parities no tensor shows. Give hiddenIrreps, or a model of the same run (\`--like MODEL\`).`,
    );
  return found;
}

function radialBasis(weights: Weights): { radialBasis: RadialBasis; radialBasisSize: number } {
  const name = 'radial_embedding.bessel_fn';
  for (const [radialBasis, tensor] of [
    ['bessel', 'bessel_weights'],
    ['gaussian', 'gaussian_weights'],
    ['chebyshev', 'n'],
  ] as const) {
    if (Object.hasOwn(weights, `${name}.${tensor}`))
      return { radialBasis, radialBasisSize: weights[`${name}.${tensor}`]!.data.length };
  }
  throw new FormatError(
    `The state dict has no radial basis (${name}.bessel_weights, gaussian_weights or n). It is not that of a MACE, or damaged.`,
  );
}

function distanceTransform(weights: Weights): DistanceTransform {
  const has = (name: string): boolean => Object.hasOwn(weights, `radial_embedding.distance_transform.${name}`);
  if (has('q')) return 'Agnesi';
  if (has('alpha')) return 'Soft';
  if (has('b'))
    throw new UnsupportedError(
      'model',
      'The checkpoint has the SoftTransform of mace-torch 0.3.10 or older (tensors a and b), whose formula was replaced. Train the model again, or use mace-torch 0.3.10.',
    );
  return 'None';
}

/** The name of a class is not stored; its parts tell it. Where two fit, the settings decide. */
function interactionClass(weights: Weights, layer: number, told: InteractionClass | undefined): InteractionClass {
  const scope = `interactions.${layer}`;
  const has = (name: string): boolean => Object.hasOwn(weights, `${scope}.${name}`);
  if (has('source_embedding.weight')) return 'RealAgnosticResidualNonLinearInteractionBlock';
  if (has('linear_down.weight')) return 'RealAgnosticAttResidualInteractionBlock';
  const density = has('density_fn.layer0.weight');
  const plain: readonly [InteractionClass, InteractionClass] = density
    ? ['RealAgnosticDensityInteractionBlock', 'RealAgnosticDensityResidualInteractionBlock']
    : ['RealAgnosticInteractionBlock', 'RealAgnosticResidualInteractionBlock'];
  // Not residual: one block for every irrep of the message. Residual: only those that input and output share, which in
  // the first layer and in the last is one. All layers between are of the last one's class.
  const last = countOf(weights, /^interactions\.(\d+)\./) - 1;
  const judge = layer === 0 ? 0 : last;
  const size = tensorOf(weights, `interactions.${judge}.skip_tp.weight`).data.length;
  const channels = tensorOf(weights, 'products.0.symmetric_contractions.contractions.0.weights_max').shape[2]!;
  const embedding = tensorOf(weights, 'node_embedding.linear.weight').data.length;
  const blocks = size / (embedding * channels);
  const maxEll = Math.round(Math.sqrt(componentsOf(weights))) - 1;
  if (maxEll === 0 || (judge > 0 && contractionCount(weights, judge) === maxEll + 1))
    return told && plain.includes(told) ? told : plain[1];
  return blocks === (judge === 0 ? 1 : contractionCount(weights, judge)) ? plain[1] : plain[0];
}

function usesAverage(name: InteractionClass): boolean {
  return !name.includes('Density') && !name.includes('NonLinear');
}

function radialMlp(weights: Weights, first: InteractionClass): number[] | undefined {
  if (first === 'RealAgnosticAttResidualInteractionBlock') return undefined; // its widths are fixed
  const scope = 'interactions.0.conv_tp_weights';
  const nonLinear = first === 'RealAgnosticResidualNonLinearInteractionBlock';
  const count = nonLinear
    ? (countOf(weights, /^interactions\.0\.conv_tp_weights\.net\.(\d+)\.weight$/) + 2) / 3
    : countOf(weights, /^interactions\.0\.conv_tp_weights\.layer(\d+)\.weight$/);
  return Array.from({ length: Math.max(0, Math.floor(count) - 1) }, (_, k) =>
    nonLinear
      ? tensorOf(weights, `${scope}.net.${3 * k}.weight`).shape[0]!
      : tensorOf(weights, `${scope}.layer${k}.weight`).shape[1]!,
  );
}

function lastReadout(
  weights: Weights,
  readouts: number,
  layers: number,
  heads: number,
): Pick<MaceConfig, 'mlpIrreps' | 'readoutClass'> {
  const name = `readouts.${readouts - 1}`;
  const has = (part: string): boolean => Object.hasOwn(weights, `${name}.${part}.weight`);
  if (!has('linear_2'))
    return { mlpIrreps: '16x0e', readoutClass: layers === 1 ? 'NonLinearReadoutBlock' : 'LinearReadoutBlock' };
  const width = tensorOf(weights, `${name}.linear_2.weight`).data.length / heads / heads;
  return {
    mlpIrreps: `${Math.round(width)}x0e`,
    readoutClass: has('linear_mid') ? 'NonLinearBiasReadoutBlock' : 'NonLinearReadoutBlock',
  };
}

/** One value for all layers, or one for each. */
function perLayer(values: readonly number[], layers: number): readonly number[] {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first)
    ? new Array<number>(layers).fill(first)
    : values;
}
