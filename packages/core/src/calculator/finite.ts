/** NaN is never an energy: what a calculation takes and gives is finite, or an error says what is not, and where. */
import { StructureError, UnsupportedError } from '../errors.js';
import type { Tensor } from '../model/index.js';

/** Text on the first value that is not finite, such as `[5] = NaN`, or ` = NaN` of a single one; null where all are. */
export function notFinite(values: ArrayLike<number>): string | null {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) return `${values.length > 1 ? `[${i}]` : ''} = ${values[i]}`;
  return null;
}

/** @throws UnsupportedError that names the weight */
export function requireFiniteWeights(weights: Readonly<Record<string, Tensor>>): void {
  for (const [name, { data }] of Object.entries(weights)) {
    const found = notFinite(data);
    if (found)
      throw new UnsupportedError(
        'model',
        `The weight ${name}${found} is not a finite number. The model is damaged, or its training diverged. Take another.`,
      );
  }
}

/** @throws StructureError that names the quantity */
export function requireFinite<T extends ArrayLike<number>>(name: string, values: T, where = '', precision = ''): T {
  const found = notFinite(values);
  if (found)
    throw new StructureError(
      `${where}${name}${found} is not a finite number. Look for atoms too near to each other, a step that was too long, and a damaged model${precision === 'f32' ? '; try f64' : ''}.`,
    );
  return values;
}
