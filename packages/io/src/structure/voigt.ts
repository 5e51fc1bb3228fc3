/** Stresses as ASE's calculators have them, six numbers xx yy zz yz xz xy, and as structures have them: 3×3. */
import type { InfoArray, InfoValue, Structure } from '@mace/core/structure';

/** Of each entry of the 3×3 its place among the six. */
const places = [0, 5, 4, 5, 1, 3, 4, 3, 2];
/** The entries above the diagonal and on it, in the order of the six, and those below it. */
const upper = [0, 4, 8, 5, 2, 1];
const lower = [0, 4, 8, 7, 6, 3];

/** Six numbers as a symmetric 3×3; any other value as it is. */
export function fromVoigt(value: InfoValue): InfoValue {
  if (!isOfShape(value, '6')) return value;
  return { ...value, shape: [3, 3], values: places.map((at) => value.values[at]) } as InfoArray;
}

/** Info whose stress is a symmetric 3×3, with it as six numbers; any other info as it is. */
export function inVoigtOrder(info: Structure['info']): Structure['info'] {
  const stress = info['stress'];
  return stress === undefined ? info : { ...info, stress: toVoigt(stress) };
}

function toVoigt(value: InfoValue): InfoValue {
  if (!isOfShape(value, '3,3') || upper.some((at, i) => value.values[at] !== value.values[lower[i]!])) return value;
  return { ...value, shape: [6], values: upper.map((at) => value.values[at]) } as InfoArray;
}

function isOfShape(value: InfoValue, shape: string): value is InfoArray {
  return (
    typeof value === 'object' && (value.kind === 'real' || value.kind === 'integer') && value.shape.join() === shape
  );
}
