/** By what a result is known again: a digest of the structure it was computed of, and of everything else that it depends on. */
import { createHash } from 'node:crypto';
import type { Structure } from '@mace/core/structure';

/** @param settings - plain values, what else results depend on: model, precision, options, version */
export function inputHash(settings: Readonly<Record<string, unknown>>): (structure: Structure) => string {
  const ofSettings = createHash('sha256').update(JSON.stringify(settings));
  return ({ numbers, positions, cell, pbc, info, arrays, warnings }) => {
    const hash = ofSettings.copy();
    for (const values of [numbers, positions, cell ?? new Float64Array(0)]) hash.update(bytesOf(values)).update('|');
    return hash.update(JSON.stringify([pbc, info, arrays, warnings], plain)).digest('hex');
  };
}

function bytesOf(values: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** JSON knows no typed arrays, and no numbers that are none. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Float64Array) return Array.from(value, String);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
