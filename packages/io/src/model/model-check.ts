/**
 * Whether the weights of a model are those that its configuration asks for: names, and numbers of values.
 *
 * The sizes are counted here from the irreps alone, apart from the code that builds the graph, so that a wrong rule in
 * either of them shows as a refused file and not as wrong energies.
 */
import { FormatError, type MaceConfig, type MaceModel, type Tensor } from '@mace/core';
import {
  countOf,
  sameIrrep,
  includesIrrep,
  irrepProduct,
  parseIrreps,
  sphericalHarmonicsIrreps,
  type IrrepBlock,
} from '@mace/core/equivariant';
import { channelCount, layerConfigs, readoutConfigs, type LayerConfig } from '@mace/core/model';
import { checkConfig } from './config-check.js';

const scalar = { l: 0, p: 1 } as const;
/** Upstream's attention block: widths that are not configurable. */
const attention = { down: 64, hidden: [256, 256, 256] };
const densityHidden = 64;

/** @throws FormatError that names the weight or the setting */
export function checkModel(model: MaceModel): void {
  checkConfig(model.config);
  const expected = expectedSizes(model.config);
  for (const [name, size] of expected) {
    const tensor = weightOf(model, name);
    if (!tensor)
      throw new FormatError(`Weight ${name} (${size} values) is missing, which the configuration asks for. ${remedy}`);
    if (tensor.data.length !== size)
      throw new FormatError(
        `Weight ${name} has the shape [${tensor.shape.join(' ')}]; expected ${size} values from the configuration. ${remedy}`,
      );
  }
  for (const layer of layerConfigs(model.config)) checkProduct(model, layer);
  checkOptional(model);
}

const remedy = 'The file is damaged, or its settings are not those of its weights.';

function weightOf(model: MaceModel, name: string): Tensor | undefined {
  return Object.hasOwn(model.weights, name) ? model.weights[name] : undefined;
}

/** Number of values of every weight that the configuration needs, except the products' (their path counts are in the file). */
function expectedSizes(config: MaceConfig): Map<string, number> {
  const elements = config.atomicNumbers.length;
  const heads = config.heads.length;
  const channels = channelCount(config);
  const sizes = new Map<string, number>([
    ['node_embedding.linear.weight', elements * channels],
    ['atomic_energies_fn.atomic_energies', heads * elements],
  ]);
  if (config.model === 'ScaleShiftMACE') for (const name of ['scale', 'shift']) sizes.set(`scale_shift.${name}`, heads);
  if (config.radialBasis === 'bessel') sizes.set('radial_embedding.bessel_fn.bessel_weights', config.radialBasisSize);
  if (config.radialBasis === 'gaussian')
    sizes.set('radial_embedding.bessel_fn.gaussian_weights', config.radialBasisSize);
  for (const layer of layerConfigs(config)) addInteraction(sizes, config, layer);
  addReadouts(sizes, config, heads);
  addEmbeddings(sizes, config, channels);
  return sizes;
}

function addInteraction(sizes: Map<string, number>, config: MaceConfig, layer: LayerConfig): void {
  const add = (name: string, size: number): void => void sizes.set(`interactions.${layer.index}.${name}`, size);
  const elements = config.atomicNumbers.length;
  const paths = messagePaths(config, layer);
  const weightCount = countOfAll(paths);
  const radial = (name: string, widths: readonly number[]): void =>
    widths.slice(1).forEach((n, k) => add(`${name}.layer${k}.weight`, widths[k]! * n));
  add('linear_up.weight', linearSize(layer.input, layer.edge));
  if (layer.interaction === 'RealAgnosticResidualNonLinearInteractionBlock') {
    const width = countOf(layer.input, scalar);
    const input = config.radialBasisSize + 2 * width;
    add('source_embedding.weight', elements * width);
    add('target_embedding.weight', elements * width);
    const gated = nonLinearInput(layer.target);
    add('linear_res.weight', linearSize(layer.edge, gated));
    add('linear_1.weight', linearSize(paths, gated));
    add('linear_2.weight', linearSize(layer.target, layer.target));
    add('skip_tp.weight', linearSize(layer.input, layer.hidden));
    add('alpha', 1);
    add('beta', 1);
    addRadialMlp(add, 'conv_tp_weights', [input, ...config.radialMlp, weightCount]);
    addRadialMlp(add, 'density_fn', [input, densityHidden, 1]);
    return;
  }
  add('linear.weight', linearSize(paths, layer.target));
  if (layer.interaction === 'RealAgnosticAttResidualInteractionBlock') {
    add('linear_down.weight', linearSize(layer.input, [{ multiplicity: attention.down, irrep: scalar }]));
    add('skip_linear.weight', linearSize(layer.input, layer.hidden));
    radial('conv_tp_weights', [config.radialBasisSize + 2 * attention.down, ...attention.hidden, weightCount]);
    return;
  }
  radial('conv_tp_weights', [config.radialBasisSize, ...config.radialMlp, weightCount]);
  if (layer.interaction.includes('Density')) radial('density_fn', [config.radialBasisSize, 1]);
  const residual = layer.interaction.includes('Residual');
  add(
    'skip_tp.weight',
    elements * (residual ? linearSize(layer.input, layer.hidden) : linearSize(layer.target, layer.target)),
  );
}

/** Linear, LayerNorm and SiLU in turn; the numbers are the positions in the sequence. */
function addRadialMlp(add: (name: string, size: number) => void, name: string, widths: readonly number[]): void {
  widths.slice(1).forEach((n, k) => {
    add(`${name}.net.${3 * k}.weight`, widths[k]! * n);
    add(`${name}.net.${3 * k}.bias`, n);
    if (k < widths.length - 2) for (const part of ['weight', 'bias']) add(`${name}.net.${3 * k + 1}.${part}`, n);
  });
}

function addReadouts(sizes: Map<string, number>, config: MaceConfig, heads: number): void {
  const layers = layerConfigs(config);
  const width = heads * countOfAll(parseIrreps(config.mlpIrreps));
  for (const { index, layer, readout } of readoutConfigs(config)) {
    const name = `readouts.${index}`;
    const input = countOf(layers[layer]!.hidden, scalar);
    if (readout === 'LinearReadoutBlock') {
      sizes.set(`${name}.linear.weight`, input * heads);
      continue;
    }
    sizes.set(`${name}.linear_1.weight`, input * width);
    sizes.set(`${name}.linear_2.weight`, width * heads);
    if (readout !== 'NonLinearBiasReadoutBlock') continue;
    sizes.set(`${name}.linear_mid.weight`, width * width);
    sizes.set(`${name}.linear_mid.bias`, width);
    sizes.set(`${name}.linear_2.bias`, heads);
  }
}

function addEmbeddings(sizes: Map<string, number>, config: MaceConfig, channels: number): void {
  if (config.embeddings.length === 0) return;
  for (const { name, type, embeddingSize, numClasses, inputSize, useBias } of config.embeddings) {
    const prefix = `joint_embedding.embedders.${name}`;
    if (type === 'categorical') sizes.set(`${prefix}.weight`, (numClasses ?? 0) * embeddingSize);
    else {
      sizes.set(`${prefix}.0.weight`, (inputSize ?? 0) * embeddingSize);
      sizes.set(`${prefix}.2.weight`, embeddingSize * embeddingSize);
      if (useBias !== false) for (const k of [0, 2]) sizes.set(`${prefix}.${k}.bias`, embeddingSize);
    }
  }
  const total = config.embeddings.reduce((sum, spec) => sum + spec.embeddingSize, 0);
  sizes.set('joint_embedding.project.0.weight', total * channels);
  if (config.useEmbeddingReadout) sizes.set('embedding_readout.linear.weight', channels * config.heads.length);
}

/** The weights of a product, whose number of paths only the U matrices know. */
function checkProduct(model: MaceModel, layer: LayerConfig): void {
  const rows = model.config.useAgnosticProduct ? 1 : model.config.atomicNumbers.length;
  const channels = countOf(layer.target, scalar);
  const components = layer.target.reduce((sum, { irrep }) => sum + 2 * irrep.l + 1, 0);
  const product = `products.${layer.index}`;
  const fail = (name: string, expected: string, got: Tensor | undefined): never => {
    throw new FormatError(
      `Weight ${name} ${got ? `has the shape [${got.shape.join(' ')}]` : 'is missing'}; expected ${expected}. ${remedy}`,
    );
  };
  layer.hidden.forEach(({ irrep }, k) => {
    const scope = `${product}.symmetric_contractions.contractions.${k}`;
    for (let order = 1; order <= layer.correlation; order++) {
      const name = `${scope}.${order === layer.correlation ? 'weights_max' : `weights.${layer.correlation - 1 - order}`}`;
      const basis = weightOf(model, `${scope}.U_matrix_${order}`);
      const weight = weightOf(model, name);
      if (!basis && !weight) continue; // no path of this order
      const paths = basis?.shape.at(-1) ?? fail(`${scope}.U_matrix_${order}`, 'the coupling of this order', basis);
      const shape = [...(irrep.l > 0 ? [2 * irrep.l + 1] : []), ...new Array<number>(order).fill(components), paths];
      if (!sameShape(basis!.shape, shape)) fail(`${scope}.U_matrix_${order}`, `[${shape.join(' ')}]`, basis);
      if (!weight || !sameShape(weight.shape, [rows, paths, channels]))
        fail(name, `[${rows} ${paths} ${channels}]`, weight);
    }
  });
  const linear = weightOf(model, `${product}.linear.weight`);
  if (linear?.data.length !== linearSize(layer.hidden, layer.hidden))
    fail(`${product}.linear.weight`, `${linearSize(layer.hidden, layer.hidden)} values`, linear);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Parts whose constants the file carries. */
function checkOptional(model: MaceModel): void {
  const { config } = model;
  const names = [
    ...(config.distanceTransform === 'Agnesi'
      ? ['q', 'p', 'a'].map((name) => `radial_embedding.distance_transform.${name}`)
      : []),
    ...(config.distanceTransform === 'Soft' ? ['radial_embedding.distance_transform.alpha'] : []),
    ...(config.pairRepulsion ? ['c', 'a_exp', 'a_prefactor'].map((name) => `pair_repulsion_fn.${name}`) : []),
  ];
  for (const name of names)
    if (!weightOf(model, name))
      throw new FormatError(`Weight ${name} is missing, which the configuration asks for. ${remedy}`);
}

/** Blocks of `conv_tp`'s output, unsimplified, in the order of its paths. */
function messagePaths(config: MaceConfig, layer: LayerConfig): IrrepBlock[] {
  const harmonics = sphericalHarmonicsIrreps(config.maxEll, config.useSo3);
  return layer.edge.flatMap(({ multiplicity, irrep }) =>
    harmonics.flatMap((harmonic) =>
      irrepProduct(irrep, harmonic.irrep)
        .filter((out) => includesIrrep(layer.target, out))
        .map((out) => ({ multiplicity, irrep: out })),
    ),
  );
}

/** Input of the gate: scalars, one gate for each other irrep, then those. */
function nonLinearInput(target: readonly IrrepBlock[]): IrrepBlock[] {
  const gated = target.filter(({ irrep }) => irrep.l > 0);
  return [
    ...target.filter(({ irrep }) => irrep.l === 0),
    ...gated.map(({ multiplicity }) => ({ multiplicity, irrep: scalar })),
    ...gated,
  ];
}

function linearSize(input: readonly IrrepBlock[], output: readonly IrrepBlock[]): number {
  return input.reduce(
    (sum, a) =>
      sum + output.reduce((n, b) => n + (sameIrrep(a.irrep, b.irrep) ? a.multiplicity * b.multiplicity : 0), 0),
    0,
  );
}

function countOfAll(blocks: readonly IrrepBlock[]): number {
  return blocks.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}
