/** Errors against labels, worked out by hand: per atom, over all components, with what does not fit left out and counted. */
import { expect, test } from 'vitest';
import { makeStructure, type AtomArray, type InfoValue } from '@mace/core/structure';
import type { Result } from '@mace/core';
import type { Evaluated } from '../src/evaluated.js';
import { LabelComparison, labelKeys, usualLabels, type Comparison, type LabelKeys } from '../src/labels.js';
import { labelsJson, labelsText } from '../src/labels-text.js';

interface Given {
  readonly atoms: number;
  readonly energy: number;
  readonly forces?: readonly number[];
  readonly stress?: readonly number[];
  readonly info?: Readonly<Record<string, InfoValue>>;
  readonly arrays?: Readonly<Record<string, AtomArray>>;
}

function evaluated(index: number, { atoms, energy, forces, stress, info = {}, arrays = {} }: Given): Evaluated {
  const made = makeStructure({ numbers: Array<number>(atoms).fill(1), positions: Array<number>(3 * atoms).fill(0) });
  const result = {
    atoms,
    energy,
    forces: Float64Array.from(forces ?? Array<number>(3 * atoms).fill(0)),
    stress: stress ? Float64Array.from(stress) : null,
  } as unknown as Result;
  return { index, file: 'a.xyz', frame: index, structure: { ...made, info, arrays }, result };
}

const vectors = (...values: number[]): AtomArray => ({ columns: 3, values: Float64Array.from(values), kind: 'real' });
const list = (...values: number[]): InfoValue => ({ shape: [values.length], values, kind: 'real' });
const compared = (keys: string | LabelKeys, ...frames: Given[]): Comparison => {
  const comparison = new LabelComparison(typeof keys === 'string' ? labelKeys(keys) : keys);
  frames.forEach((frame, index) => comparison.add(evaluated(index, frame)));
  return comparison.get();
};

test('energies are compared per atom, and the structures count alike', () => {
  // (−10.0 − −10.2)/2 = 0.1 and (−7.3 − −7.0)/1 = −0.3 eV/atom.
  const { errors } = compared(
    'e',
    { atoms: 2, energy: -10.2, info: { e: -10 } },
    { atoms: 1, energy: -7, info: { e: -7.3 } },
  );
  expect(errors.energy!.rmse).toBeCloseTo(Math.sqrt((0.01 + 0.09) / 2), 12);
  expect(errors.energy!.mae).toBeCloseTo(0.2, 12);
  expect(errors.energy!.worst).toMatchObject({ index: 1 });
  expect(errors.energy!.worst!.rmse).toBeCloseTo(0.3, 12);
  expect(Object.keys(errors)).toEqual(['energy']);
});

test('components of forces count alike, whichever structure they are of', () => {
  const { errors } = compared(
    ',f',
    { atoms: 1, energy: 0, forces: [1, 2, 3], arrays: { f: vectors(1, 2, 3.6) } },
    { atoms: 2, energy: 0, forces: [0, 0, 0, 0, 0, 0], arrays: { f: vectors(0.1, -0.1, 0.1, -0.1, 0.1, -0.1) } },
  );
  expect(errors.forces!.rmse).toBeCloseTo(Math.sqrt((0.36 + 6 * 0.01) / 9), 12);
  expect(errors.forces!.mae).toBeCloseTo((0.6 + 0.6) / 9, 12);
  // Of the first alone: √(0.36/3).
  expect(errors.forces!.worst).toMatchObject({ index: 0 });
  expect(errors.forces!.worst!.rmse).toBeCloseTo(Math.sqrt(0.12), 12);
});

test('stress is compared in all nine components, six in the order of Voigt', () => {
  const stress = [1, 6, 5, 6, 2, 4, 5, 4, 3];
  const voigt = compared(',,s', { atoms: 1, energy: 0, stress, info: { s: list(1, 2, 3, 4, 5, 6.3) } });
  const nine = compared(',,s', { atoms: 1, energy: 0, stress, info: { s: list(1, 6.3, 5, 6.3, 2, 4, 5, 4, 3) } });
  for (const { errors } of [voigt, nine]) {
    expect(errors.stress!.rmse).toBeCloseTo(Math.sqrt((2 * 0.09) / 9), 12);
    expect(errors.stress!.mae).toBeCloseTo(0.6 / 9, 12);
  }
});

test('what does not fit is left out and counted, the rest is compared', () => {
  const comparison = compared(
    usualLabels,
    { atoms: 1, energy: -1, info: { REF_energy: -1.5 }, arrays: { REF_forces: vectors(0, NaN, 0) } },
    { atoms: 1, energy: -1, info: { REF_energy: 'low', REF_stress: list(0, 0, 0, 0, 0, 0) } },
    { atoms: 1, energy: -1, info: { REF_forces: list(0, 0, 0), REF_stress: list(1, 2) } },
    { atoms: 1, energy: -1, info: { energy: -1 } },
    { atoms: 0, energy: 0, info: { REF_energy: 0 } },
  );
  expect(comparison).toMatchObject({ withoutLabels: 1, unfit: 6, firstUnfit: { index: 0 } });
  expect(comparison.firstUnfit!.reason).toBe('REF_forces has a value that is no finite number');
  expect(comparison.errors).toMatchObject({
    energy: { structures: 1, rmse: 0.5, mae: 0.5 },
    forces: { structures: 0, rmse: null, mae: null, worst: null },
    stress: { structures: 0 },
  });
});

test.each<[Given, string]>([
  [{ atoms: 1, energy: 0, info: { REF_energy: 'low' } }, 'REF_energy does not fit: expected one number'],
  [{ atoms: 1, energy: 0, info: { REF_energy: list(1, 2) } }, 'REF_energy does not fit: expected one number'],
  [{ atoms: 1, energy: 0, info: { REF_forces: list(0, 0, 0) } }, 'REF_forces does not fit: expected three numbers for'],
  [{ atoms: 1, energy: 0, info: { REF_stress: list(1, 2) } }, 'REF_stress does not fit: expected nine numbers'],
  [{ atoms: 1, energy: 0, info: { REF_stress: list(1, 2, 3, 4, 5, 6) } }, 'REF_stress has nothing to be compared with'],
  [{ atoms: 0, energy: 0, info: { REF_energy: 0 } }, 'REF_energy is that of no atoms'],
])('%j is explained', (given, reason) => {
  expect(compared(usualLabels, given).firstUnfit!.reason).toContain(reason);
});

test('the table is in meV, JSON in eV', () => {
  const comparison = compared('e,f', { atoms: 2, energy: -10.2, info: { e: -10 } }, { atoms: 1, energy: -7 });
  const place = ({ index }: { index: number }): string => `structure ${index}`;
  const [, energy, forces, without] = labelsText(comparison, 2, place, true).split('\n');
  expect(energy).toMatch(/^energy \(meV\/atom\) +100\.000 +100\.000 +1 {2}100\.000 in structure 0; e$/);
  expect(forces).toContain('forces: no structure has f');
  expect(without).toContain('1 of 2 structures have no labels');
  expect(labelsJson(comparison)).toMatchObject({
    labels: { errors: { energy: { key: 'e', unit: 'eV/atom', structures: 1 } }, withoutLabels: 1 },
  });
  expect(labelsText(compared(usualLabels, { atoms: 1, energy: 0 }), 1, place, false)).toBe('');
});

test('keys are told in their order', () => {
  expect(labelKeys('e, f,s')).toEqual({ energy: 'e', forces: 'f', stress: 's' });
  expect(labelKeys(',f')).toEqual({ forces: 'f' });
  for (const text of ['', ',', 'a,b,c,d']) expect(() => labelKeys(text)).toThrow('keys of energy, forces and stress');
});
