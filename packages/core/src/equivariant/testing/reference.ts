/**
 * Values of e3nn 0.4.4 and mace-torch 0.3.16 for the tests of this folder; `generate-reference.py` writes them.
 */
import { readFileSync } from 'node:fs';

/** Non-zero elements of a row-major array. */
export interface SparseValues {
  readonly index: readonly number[];
  readonly value: readonly number[];
}

export interface Reference {
  readonly wigner3j: readonly (SparseValues & { readonly degrees: readonly [number, number, number] })[];
  /** Only the first six non-zero elements of each. */
  readonly wigner3jLeading: readonly (SparseValues & { readonly degrees: readonly [number, number, number] })[];
  readonly harmonics: {
    readonly points: readonly (readonly number[])[];
    readonly values: readonly (readonly number[])[];
  };
  readonly coupling: readonly (SparseValues & {
    readonly base: string;
    readonly output: string;
    readonly order: number;
    readonly shape: readonly number[];
  })[];
  readonly products: readonly {
    readonly input: string;
    readonly harmonics: string;
    readonly target: string;
    /** Output blocks, not simplified. */
    readonly irreps: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly weights: readonly number[];
    readonly value: readonly number[];
    /** With the 3j symbols rounded to float32. */
    readonly rounded: readonly number[];
  }[];
}

export const reference = JSON.parse(readFileSync(new URL('./reference.json', import.meta.url), 'utf8')) as Reference;
