/**
 * Whether the weights of a model are those that its configuration asks for: each is there, has the right number of values,
 * agrees with the setting that it repeats, and none is left over.
 */
import { FormatError, type MaceModel, type Tensor } from '@mace/core';
import { countOf } from '@mace/core/equivariant';
import { layerConfigs, type LayerConfig } from '@mace/core/model';
import { checkBuffers } from './buffers-check.js';
import { checkConfig } from './config-check.js';
import { expectedShapes } from './expected-weights.js';

/** @throws FormatError that names the weight or the setting */
export function checkModel(model: MaceModel): void {
  checkConfig(model.config);
  const expected = expectedShapes(model.config);
  for (const [name, shape] of expected) {
    const tensor = weightOf(model, name);
    const size = shape.reduce((product, n) => product * n, 1);
    if (!tensor)
      throw new FormatError(`Weight ${name} (${size} values) is missing, which the configuration asks for. ${remedy}`);
    if (tensor.data.length !== size || !isOfShape(tensor, shape))
      throw new FormatError(
        `Weight ${name} has the shape [${tensor.shape.join(' ')}]; expected ${shape.length > 1 ? `[${shape.join(' ')}]` : `${size} values`} from the configuration. ${remedy}`,
      );
  }
  checkPrecision(model);
  const products = layerConfigs(model.config).flatMap((layer) => checkProduct(model, layer));
  const used = new Set([...expected.keys(), ...products, ...checkBuffers(model)]);
  const extra = Object.keys(model.weights).filter((name) => !used.has(name));
  if (extra.length > 0)
    throw new FormatError(
      `The file holds ${extra.length === 1 ? 'a tensor' : `${extra.length} tensors`} that a model of these settings does not have: ${extra.slice(0, 3).join(', ')}${extra.length > 3 ? ', …' : ''}. ${remedy}`,
    );
}

const remedy = 'The file is damaged, or its settings are not those of its weights.';

/** Constants are rounded to the precision of the file; a wrong one changes energies in the seventh digit. */
function checkPrecision({ config, weights }: MaceModel): void {
  const found = weights['node_embedding.linear.weight']!.data instanceof Float64Array ? 'f64' : 'f32';
  if (found !== config.storedPrecision)
    throw new FormatError(
      `The weights are ${found}, but the setting storedPrecision is ${config.storedPrecision}. ${remedy}`,
    );
}

function weightOf(model: MaceModel, name: string): Tensor | undefined {
  return Object.hasOwn(model.weights, name) ? model.weights[name] : undefined;
}

/** The weights of a contraction, whose number of paths only the U matrices know. Returns the names of its tensors. */
function checkProduct(model: MaceModel, layer: LayerConfig): string[] {
  const rows = model.config.useAgnosticProduct ? 1 : model.config.atomicNumbers.length;
  const channels = countOf(layer.target, { l: 0, p: 1 });
  const components = layer.target.reduce((sum, { irrep }) => sum + 2 * irrep.l + 1, 0);
  const fail = (name: string, expected: string, got: Tensor | undefined): never => {
    throw new FormatError(
      `Weight ${name} ${got ? `has the shape [${got.shape.join(' ')}]` : 'is missing'}; expected ${expected}. ${remedy}`,
    );
  };
  return layer.hidden.flatMap(({ irrep }, k) => {
    const scope = `products.${layer.index}.symmetric_contractions.contractions.${k}`;
    return Array.from({ length: layer.correlation }, (_, i) => i + 1).flatMap((order) => {
      const name = `${scope}.${order === layer.correlation ? 'weights_max' : `weights.${layer.correlation - 1 - order}`}`;
      const basisName = `${scope}.U_matrix_${order}`;
      const basis = weightOf(model, basisName);
      const weight = weightOf(model, name);
      const paths = basis?.shape.at(-1) ?? fail(basisName, 'the coupling of this order', basis);
      const shape = [...(irrep.l > 0 ? [2 * irrep.l + 1] : []), ...new Array<number>(order).fill(components), paths];
      if (paths < 1 || !sameShape(basis!.shape, shape)) fail(basisName, `[${shape.join(' ')}]`, basis);
      if (!weight || !sameShape(weight.shape, [rows, paths, channels]))
        fail(name, `[${rows} ${paths} ${channels}]`, weight);
      return [name, basisName];
    });
  });
}

/** The same number of values in another shape are other values. Axes of length 1 came and went with versions. */
function isOfShape({ shape }: Tensor, wanted: readonly number[]): boolean {
  const long = (axes: readonly number[]): readonly number[] => axes.filter((n) => n !== 1);
  return wanted.length === 1 || sameShape(long(shape), long(wanted));
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
