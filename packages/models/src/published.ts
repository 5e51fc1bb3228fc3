/** What is known of a published model before anything is downloaded. */

/** The Academic Software License of the University of Cambridge permits academic use only. */
export type Licence = 'MIT' | 'ASL';

export const licenceAddresses: Readonly<Record<Licence, string>> = {
  MIT: 'https://opensource.org/license/mit',
  ASL: 'https://github.com/gabor1/ASL',
};

export interface PublishedModel {
  /** What `--model` and `readModel` take. */
  readonly name: string;
  /** What its makers call it. */
  readonly title: string;
  /** Other names by which people know it. */
  readonly alsoKnownAs: readonly string[];
  /** Function of mace-torch that loads it. */
  readonly loader: 'mace_mp' | 'mace_off' | 'mace_omol' | 'mace_polar' | 'mace_anicc';
  readonly address: string;
  /** Atomic numbers, ascending; empty where its makers do not state them. */
  readonly elements: readonly number[];
  /** Names of the heads where it has several. */
  readonly heads: readonly string[];
  /** Cut-off, Å, where its makers state it. */
  readonly cutoff?: number;
  /** In which mace-torch computes by default. */
  readonly precision: 'f32' | 'f64';
  readonly licence: Licence;
  /** Data and level of theory. */
  readonly trainedOn: string;
  /** Digital object identifier of the paper to cite. */
  readonly doi: string;
  /** Of the file, where its makers state it. */
  readonly sha256?: string;
  /** Why it is not computed here, and with what it is. */
  readonly refused?: string;
}

/** The last part of its address. */
export function fileNameOf(model: PublishedModel): string {
  return new URL(model.address).pathname.split('/').at(-1)!;
}

/**
 * Names of the file in the cache that is shared with mace-torch, the one that it writes first: `mace_mp` and `mace_polar` drop
 * everything but letters, digits and `_` (mace/calculators/foundations_models.py of 0.3.16).
 */
export function cacheNamesOf(model: PublishedModel): readonly [string, string] {
  const whole = fileNameOf(model);
  const letters = whole.replace(/[^\p{L}\p{N}_]/gu, '');
  return model.loader === 'mace_mp' || model.loader === 'mace_polar' ? [letters, whole] : [whole, letters];
}
