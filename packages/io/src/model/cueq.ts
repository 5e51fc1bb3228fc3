/**
 * Models in the layout of cuequivariance (`mace_e3nn_cueq`, `--only_cueq`, ML-IAP files): the weights of each product are one
 * tensor, and the coupling matrices U are code. Both come back as upstream's `mace_cueq_to_e3nn` makes them (spec 9.9).
 *
 * That holds for models with the full basis, which have a buffer `projection`; a reduced basis is cuequivariance's own.
 */
import { FormatError, UnsupportedError, type MaceConfig, type Tensor } from '@mace/core';
import { couplingBasis, entriesToDense } from '@mace/core/equivariant';
import { layerConfigs, type LayerConfig } from '@mace/core/model';

type Weights = Readonly<Record<string, Tensor>>;

/** Constants of the code that cuequivariance compiles: they follow from the irreps. */
const compiled = /\.f\.m\.|\.transpose_\w+\.|\.symmetric_contractions\.projection$/;
const flatName = /^products\.\d+\.symmetric_contractions\.weight$/;

export const cueqRemedy =
  'Convert it with mace-torch and cuequivariance (`mace_cueq_to_e3nn`) and open the result, or open the .model file from which it was made.';

/** Whether the products are in the flat layout. */
export function isFlat(weights: Weights): boolean {
  return Object.keys(weights).some((name) => flatName.test(name));
}

/** The weights by the names of a plain model; unchanged where the layout is not flat. @throws FormatError, UnsupportedError */
export function withContractions(weights: Weights, config: MaceConfig): Weights {
  if (!isFlat(weights)) return weights;
  const plain: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  for (const [name, tensor] of Object.entries(weights))
    if (!flatName.test(name) && !compiled.test(name)) plain[name] = tensor;
  for (const layer of layerConfigs(config)) Object.assign(plain, contractionsOf(weights, layer, config));
  return plain;
}

/** Columns of the flat tensor: for each output irrep its orders from the highest down; orders without a path have none. */
function contractionsOf(weights: Weights, layer: LayerConfig, config: MaceConfig): Record<string, Tensor> {
  const scope = `products.${layer.index}.symmetric_contractions`;
  const flat = weights[`${scope}.weight`];
  if (!flat || flat.shape.length !== 3)
    throw new FormatError(
      `Weight ${scope}.weight ${flat ? `has the shape [${flat.shape.join(' ')}]` : 'is missing'}; expected [elements, paths, channels] as in the other layers. The file is damaged.`,
    );
  if (!weights[`${scope}.projection`])
    throw new UnsupportedError(
      'model',
      `The products of this cuequivariance model are in a reduced basis (there is no ${scope}.projection), which only cuequivariance knows. ${cueqRemedy}`,
    );
  const base = layer.target.map(({ irrep }) => ({ multiplicity: 1, irrep }));
  const round = config.storedPrecision === 'f32' ? Math.fround : (value: number): number => value;
  const tensors: Record<string, Tensor> = {};
  let start = 0;
  layer.hidden.forEach(({ irrep }, k) => {
    for (let order = layer.correlation; order >= 1; order--) {
      const entries = couplingBasis(base, irrep, order, round);
      const isZero = entries.value.every((value) => value === 0);
      const name = order === layer.correlation ? 'weights_max' : `weights.${layer.correlation - 1 - order}`;
      const { shape, data } = entriesToDense(entries);
      const coupling = like(flat.data, data.length);
      coupling.set(data);
      tensors[`${scope}.contractions.${k}.U_matrix_${order}`] = { shape, data: coupling };
      tensors[`${scope}.contractions.${k}.${name}`] = columns(flat, start, entries.paths, isZero);
      if (!isZero) start += entries.paths;
    }
  });
  if (start !== flat.shape[1])
    throw new UnsupportedError(
      'model',
      `Weight ${scope}.weight has ${flat.shape[1]} paths; the full coupling basis of ${layer.hidden.length} irreps and order ${layer.correlation} has ${start}. ${cueqRemedy}`,
    );
  return tensors;
}

/** [elements, paths, channels] of a range of paths, or zeros. */
function columns({ shape, data }: Tensor, start: number, paths: number, isZero: boolean): Tensor {
  const [elements, all, channels] = shape as [number, number, number];
  const out = like(data, elements * paths * channels);
  for (let z = 0; z < elements && !isZero; z++) {
    const from = (z * all + start) * channels;
    out.set(data.subarray(from, Math.min(from + paths * channels, (z + 1) * all * channels)), z * paths * channels);
  }
  return { shape: [elements, paths, channels], data: out };
}

function like(data: Float64Array | Float32Array, size: number): Float64Array | Float32Array {
  return data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
}
