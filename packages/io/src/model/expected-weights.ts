/**
 * The weights that a configuration asks for, by upstream's names: their shapes, and the irreps of the equivariant linear maps.
 *
 * Counted from the irreps alone, apart from the code that builds the graph, so that a wrong rule in either of them shows as
 * a refused file and not as wrong energies.
 */
import type { MaceConfig } from '@mace/core';
import {
  countOf,
  includesIrrep,
  irrepProduct,
  parseIrreps,
  sameIrrep,
  simplifyIrreps,
  sortIrreps,
  sphericalHarmonicsIrreps,
  type IrrepBlock,
} from '@mace/core/equivariant';
import { channelCount, layerConfigs, readoutConfigs, type LayerConfig } from '@mace/core/model';

/** An `o3.Linear`: `NAME.weight`, and `NAME.bias` where it has biases. */
export interface LinearMap {
  readonly input: readonly IrrepBlock[];
  readonly output: readonly IrrepBlock[];
  readonly biases: number;
}

const scalar = { l: 0, p: 1 } as const;
/** Upstream's attention block: widths that are not configurable. */
const attention = { down: 64, hidden: [256, 256, 256] };
const densityHidden = 64;

/**
 * Shape of every weight that the configuration needs, except the contractions' (their path counts are in the file). What upstream
 * keeps as one row of values, such as the blocks of an `o3.Linear`, is one number.
 */
export function expectedShapes(config: MaceConfig): Map<string, readonly number[]> {
  const elements = config.atomicNumbers.length;
  const heads = config.heads.length;
  const shapes = new Map<string, readonly number[]>([['atomic_energies_fn.atomic_energies', [heads, elements]]]);
  for (const [name, { input, output, biases }] of linearMaps(config)) {
    shapes.set(`${name}.weight`, [linearSize(input, output)]);
    if (biases > 0) shapes.set(`${name}.bias`, [biases]);
  }
  if (config.model === 'ScaleShiftMACE')
    for (const name of ['scale', 'shift']) shapes.set(`scale_shift.${name}`, [heads]);
  if (config.radialBasis === 'bessel')
    shapes.set('radial_embedding.bessel_fn.bessel_weights', [config.radialBasisSize]);
  if (config.radialBasis === 'gaussian')
    shapes.set('radial_embedding.bessel_fn.gaussian_weights', [config.radialBasisSize]);
  for (const layer of layerConfigs(config)) addInteraction(shapes, config, layer);
  addEmbeddings(shapes, config);
  return shapes;
}

/** Every equivariant linear map of the model, by the path of its module. */
export function linearMaps(config: MaceConfig): Map<string, LinearMap> {
  const maps = new Map<string, LinearMap>();
  const heads = config.heads.length;
  const channels = scalars(channelCount(config));
  const add = (name: string, input: readonly IrrepBlock[], output: readonly IrrepBlock[], biases = 0): void =>
    void maps.set(name, { input, output, biases });
  add('node_embedding.linear', scalars(config.atomicNumbers.length), channels);
  if (config.useEmbeddingReadout) add('embedding_readout.linear', channels, scalars(heads));
  const layers = layerConfigs(config);
  for (const layer of layers) {
    addInteractionMaps((name, ...map) => add(`interactions.${layer.index}.${name}`, ...map), config, layer);
    add(`products.${layer.index}.linear`, layer.hidden, layer.hidden);
  }
  const width = heads * countOfAll(parseIrreps(config.mlpIrreps));
  for (const { index, layer, readout } of readoutConfigs(config)) {
    const name = `readouts.${index}`;
    const biased = readout === 'NonLinearBiasReadoutBlock';
    if (readout === 'LinearReadoutBlock') {
      add(`${name}.linear`, layers[layer]!.hidden, scalars(heads));
      continue;
    }
    add(`${name}.linear_1`, layers[layer]!.hidden, scalars(width));
    if (biased) add(`${name}.linear_mid`, scalars(width), scalars(width), width);
    add(`${name}.linear_2`, scalars(width), scalars(heads), biased ? heads : 0);
  }
  return maps;
}

type AddMap = (name: string, input: readonly IrrepBlock[], output: readonly IrrepBlock[]) => void;

function addInteractionMaps(add: AddMap, config: MaceConfig, layer: LayerConfig): void {
  const paths = simplifyIrreps(messagePaths(config, layer));
  add('linear_up', layer.input, layer.edge);
  if (layer.interaction === 'RealAgnosticResidualNonLinearInteractionBlock') {
    const elements = scalars(config.atomicNumbers.length);
    const width = scalars(countOf(layer.input, scalar));
    const gated = simplifyIrreps(gateInput(layer.target));
    add('source_embedding', elements, width);
    add('target_embedding', elements, width);
    add('linear_res', layer.edge, gated);
    add('linear_1', paths, gated);
    add('linear_2', layer.target, layer.target);
    add('skip_tp', layer.input, layer.hidden);
    return;
  }
  add('linear', paths, layer.target);
  if (layer.interaction !== 'RealAgnosticAttResidualInteractionBlock') return;
  add('linear_down', layer.input, scalars(attention.down));
  add('skip_linear', layer.input, layer.hidden);
}

/** What is no equivariant linear map: radial networks, and the skip connection that depends on the element. */
function addInteraction(shapes: Map<string, readonly number[]>, config: MaceConfig, layer: LayerConfig): void {
  const add: AddShape = (name, ...shape) => void shapes.set(`interactions.${layer.index}.${name}`, shape);
  const skip = skipOutput(layer);
  if (skip) add('skip_tp.weight', config.atomicNumbers.length * linearSize(skip.input, skip.output));
  for (const [name, widths] of Object.entries(radialWidths(config, layer))) {
    if (layer.interaction === 'RealAgnosticResidualNonLinearInteractionBlock') addRadialMlp(add, name, widths);
    else widths.slice(1).forEach((n, k) => add(`${name}.layer${k}.weight`, widths[k]!, n));
  }
  if (layer.interaction !== 'RealAgnosticResidualNonLinearInteractionBlock') return;
  add('alpha', 1);
  add('beta', 1);
}

/** Widths of the radial networks of a layer, input and output included. */
export function radialWidths(config: MaceConfig, layer: LayerConfig): Record<string, readonly number[]> {
  const weightCount = countOfAll(messagePaths(config, layer));
  const basis = config.radialBasisSize;
  if (layer.interaction === 'RealAgnosticAttResidualInteractionBlock')
    return { conv_tp_weights: [basis + 2 * attention.down, ...attention.hidden, weightCount] };
  const nonLinear = layer.interaction === 'RealAgnosticResidualNonLinearInteractionBlock';
  const input = nonLinear ? basis + 2 * countOf(layer.input, scalar) : basis;
  return {
    conv_tp_weights: [input, ...config.radialMlp, weightCount],
    ...(nonLinear && { density_fn: [input, densityHidden, 1] }),
    ...(layer.interaction.includes('Density') && { density_fn: [input, 1] }),
  };
}

/** Irreps of the skip connection that depends on the element, or null where the block has another or none. */
export function skipOutput(layer: LayerConfig): Pick<LinearMap, 'input' | 'output'> | null {
  if (/Att|NonLinear/.test(layer.interaction)) return null;
  return layer.interaction.includes('Residual')
    ? { input: layer.input, output: layer.hidden }
    : { input: layer.target, output: layer.target };
}

type AddShape = (name: string, ...shape: number[]) => void;

/** Linear, LayerNorm and SiLU in turn; the numbers are the positions in the sequence. */
function addRadialMlp(add: AddShape, name: string, widths: readonly number[]): void {
  widths.slice(1).forEach((n, k) => {
    add(`${name}.net.${3 * k}.weight`, n, widths[k]!);
    add(`${name}.net.${3 * k}.bias`, n);
    if (k < widths.length - 2) for (const part of ['weight', 'bias']) add(`${name}.net.${3 * k + 1}.${part}`, n);
  });
}

function addEmbeddings(shapes: Map<string, readonly number[]>, config: MaceConfig): void {
  if (config.embeddings.length === 0) return;
  for (const { name, type, embeddingSize, numClasses, inputSize, useBias } of config.embeddings) {
    const prefix = `joint_embedding.embedders.${name}`;
    if (type === 'categorical') shapes.set(`${prefix}.weight`, [numClasses ?? 0, embeddingSize]);
    else {
      shapes.set(`${prefix}.0.weight`, [embeddingSize, inputSize ?? 0]);
      shapes.set(`${prefix}.2.weight`, [embeddingSize, embeddingSize]);
      if (useBias !== false) for (const k of [0, 2]) shapes.set(`${prefix}.${k}.bias`, [embeddingSize]);
    }
  }
  const total = config.embeddings.reduce((sum, spec) => sum + spec.embeddingSize, 0);
  shapes.set('joint_embedding.project.0.weight', [channelCount(config), total]);
}

/** Blocks of `conv_tp`'s output, unsimplified, in the order of its paths. */
export function messagePaths(config: MaceConfig, layer: LayerConfig): IrrepBlock[] {
  const harmonics = sphericalHarmonicsIrreps(config.maxEll, config.useSo3);
  const paths = layer.edge.flatMap(({ multiplicity, irrep }) =>
    harmonics.flatMap((harmonic) =>
      irrepProduct(irrep, harmonic.irrep)
        .filter((out) => includesIrrep(layer.target, out))
        .map((out) => ({ multiplicity, irrep: out })),
    ),
  );
  return sortIrreps(paths);
}

/** Input of the gate: scalars, one gate for each other irrep, then those. */
function gateInput(target: readonly IrrepBlock[]): IrrepBlock[] {
  const gated = target.filter(({ irrep }) => irrep.l > 0);
  return [
    ...target.filter(({ irrep }) => irrep.l === 0),
    ...gated.map(({ multiplicity }) => ({ multiplicity, irrep: scalar })),
    ...gated,
  ];
}

export function linearSize(input: readonly IrrepBlock[], output: readonly IrrepBlock[]): number {
  return input.reduce(
    (sum, a) =>
      sum + output.reduce((n, b) => n + (sameIrrep(a.irrep, b.irrep) ? a.multiplicity * b.multiplicity : 0), 0),
    0,
  );
}

function scalars(multiplicity: number): IrrepBlock[] {
  return [{ multiplicity, irrep: scalar }];
}

function countOfAll(blocks: readonly IrrepBlock[]): number {
  return blocks.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}
