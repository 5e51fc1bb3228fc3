/** The weights of a calculator: copies of a model's, and what may take their place. */
import { UnsupportedError } from '../errors.js';
import type { Tensor } from '../model/index.js';
import { notFinite } from './finite.js';

export type Weights = Readonly<Record<string, Tensor>>;

/** Weights that the host adds after the graph. */
const hostWeights = ['atomic_energies_fn.atomic_energies', 'scale_shift.shift'];

export function copiedWeights(weights: Weights): Weights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}

/**
 * Copies of what is given in the place of some weights.
 *
 * @param parameters - of the graph; what else it is made of are constants, which cannot be replaced
 * @throws UnsupportedError that names the weight and what is wrong with it
 */
export function replacements(weights: Weights, given: unknown, parameters: ReadonlySet<string>): Weights {
  if (Object.prototype.toString.call(given) !== '[object Object]')
    throw new UnsupportedError('model', 'setParameters: expected an object of arrays by the names of weights.');
  const replaced: Record<string, Tensor> = {};
  for (const [name, data] of Object.entries(given as Record<string, unknown>)) {
    const known = Object.hasOwn(weights, name) ? weights[name] : undefined;
    const problem = known ? problemWith(name, known, data, parameters) : 'is no weight of this model';
    if (problem !== null || !known) throw new UnsupportedError('model', `setParameters: ${name} ${problem}.`);
    replaced[name] = { shape: known.shape, data: (data as Tensor['data']).slice() };
  }
  return replaced;
}

function problemWith(name: string, known: Tensor, data: unknown, parameters: ReadonlySet<string>): string | null {
  if (!hostWeights.includes(name) && !parameters.has(name))
    return 'is a constant of this model; make a new calculator to change it';
  const { length } = known.data;
  if (!isRealArray(data)) return `is ${length} values in a Float64Array or Float32Array, got something else`;
  if (data.length !== length) return `has ${length} values, got ${data.length}`;
  const found = notFinite(data);
  return found ? `was given what is not a finite number, ${name}${found}` : null;
}

/** Of any realm. */
function isRealArray(data: unknown): data is Tensor['data'] {
  return /^\[object Float(32|64)Array\]$/.test(Object.prototype.toString.call(data));
}

/** As they are computed with: backends keep a copy, and tables are large. */
export function roundedTo(
  precision: 'f64' | 'f32',
  parameters: Readonly<Record<string, Tensor['data']>>,
): Readonly<Record<string, Tensor['data']>> {
  if (precision === 'f64') return parameters;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, data]) => [
      name,
      data instanceof Float32Array ? data : Float32Array.from(data),
    ]),
  );
}
