/**
 * The published models. Names, addresses, cache names and default precisions are those of mace-torch 0.3.16
 * (mace/calculators/foundations_models.py); licences, data and levels of theory those of github.com/ACEsuit/mace-foundations and
 * mace-off; elements and cut-offs of the training scripts there; checksums of tests/golden in the mace-reforge branch of
 * github.com/ACEsuit/mace (2cae9e2, ff552de). Heads of mh-0 stand there too, those of mh-1 are what people read from the file.
 */
import type { PublishedModel } from './published.js';

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);
/** Hydrogen to bismuth, actinium to plutonium. */
const materials: readonly number[] = [...range(1, 83), ...range(89, 94)];
const organic: readonly number[] = [1, 6, 7, 8, 9, 15, 16, 17, 35, 53];
const gitHub = 'https://github.com/ACEsuit';

const mp = {
  loader: 'mace_mp',
  elements: materials,
  heads: [],
  precision: 'f32',
  licence: 'MIT',
  trainedOn: 'MPtrj, PBE+U',
  doi: '10.48550/arXiv.2401.00096',
} as const;

const matpes = { ...mp, licence: 'ASL', doi: '10.48550/arXiv.2503.04070' } as const;

const multiHead = {
  ...mp,
  licence: 'ASL',
  cutoff: 6,
  trainedOn: 'OMat24, OMol25, OC20, MATPES and others; PBE, r2SCAN, ωB97M and others, one for each head',
  doi: '10.48550/arXiv.2510.25380',
} as const;

const off = {
  loader: 'mace_off',
  elements: organic,
  heads: [],
  precision: 'f64',
  licence: 'ASL',
  trainedOn: 'SPICE, ωB97M-D3(BJ)/def2-TZVPPD',
  doi: '10.48550/arXiv.2312.15211',
} as const;

const polar = {
  loader: 'mace_polar',
  elements: [],
  heads: [],
  precision: 'f32',
  licence: 'ASL',
  trainedOn: 'OMol25, ωB97M-V/def2-TZVPD',
  doi: '10.48550/arXiv.2602.19411',
  refused:
    'MACE-POLAR has charges and long-range electrostatics, which are not computed here; use mace_polar of mace-torch',
} as const;

export const publishedModels: readonly PublishedModel[] = [
  {
    ...mp,
    name: 'medium-mpa-0',
    title: 'MACE-MPA-0 medium',
    alsoKnownAs: ['mace-mpa-0', 'mace-mpa-0-medium', 'mpa-0', 'mace-mp', 'mp'],
    address: `${gitHub}/mace-mp/releases/download/mace_mpa_0/mace-mpa-0-medium.model`,
    trainedOn: 'MPtrj and sAlex, PBE+U',
    cutoff: 6,
    sha256: '75428afe3a1d7d8062e19bcaabd5c433623cabf308242ec9fb493e38604fb638',
  },
  {
    ...mp,
    name: 'small',
    title: 'MACE-MP-0 small',
    alsoKnownAs: ['mace-mp-0-small', 'mp-0-small', 'mace-mp-0a-small', 'small-0a'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0/2023-12-10-mace-128-L0_energy_epoch-249.model`,
    cutoff: 6,
    sha256: '2ddb079cee0e131eaaf6912ba581b394551ead283e95c99cfe78c605d10b5736',
  },
  {
    ...mp,
    name: 'medium',
    title: 'MACE-MP-0 medium',
    alsoKnownAs: ['mace-mp-0-medium', 'mp-0-medium', 'mace-mp-0a-medium', 'medium-0a', 'mace-mp-0'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0/2023-12-03-mace-128-L1_epoch-199.model`,
    cutoff: 6,
  },
  {
    ...mp,
    name: 'large',
    title: 'MACE-MP-0 large',
    alsoKnownAs: ['mace-mp-0-large', 'mp-0-large', 'mace-mp-0a-large', 'large-0a'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0/MACE_MPtrj_2022.9.model`,
  },
  {
    ...mp,
    name: 'small-0b',
    title: 'MACE-MP-0b small',
    alsoKnownAs: ['mace-mp-0b-small', 'mace-agnesi-small'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b/mace_agnesi_small.model`,
  },
  {
    ...mp,
    name: 'medium-0b',
    title: 'MACE-MP-0b medium',
    alsoKnownAs: ['mace-mp-0b-medium', 'mace-mp-0b', 'mace-agnesi-medium'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b/mace_agnesi_medium.model`,
    cutoff: 6,
  },
  {
    ...mp,
    name: 'small-0b2',
    title: 'MACE-MP-0b2 small',
    alsoKnownAs: ['mace-mp-0b2-small'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b2/mace-small-density-agnesi-stress.model`,
    cutoff: 5,
  },
  {
    ...mp,
    name: 'medium-0b2',
    title: 'MACE-MP-0b2 medium',
    alsoKnownAs: ['mace-mp-0b2-medium', 'mace-mp-0b2'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b2/mace-medium-density-agnesi-stress.model`,
    cutoff: 5,
  },
  {
    ...mp,
    name: 'large-0b2',
    title: 'MACE-MP-0b2 large',
    alsoKnownAs: ['mace-mp-0b2-large'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b2/mace-large-density-agnesi-stress.model`,
    cutoff: 5,
  },
  {
    ...mp,
    name: 'medium-0b3',
    title: 'MACE-MP-0b3 medium',
    alsoKnownAs: ['mace-mp-0b3-medium', 'mace-mp-0b3'],
    address: `${gitHub}/mace-mp/releases/download/mace_mp_0b3/mace-mp-0b3-medium.model`,
    cutoff: 6,
  },
  {
    ...mp,
    name: 'small-omat-0',
    title: 'MACE-OMAT-0 small',
    alsoKnownAs: ['mace-omat-0-small'],
    address: `${gitHub}/mace-mp/releases/download/mace_omat_0/mace-omat-0-small.model`,
    licence: 'ASL',
    trainedOn: 'OMat24, PBE+U',
    cutoff: 6,
  },
  {
    ...mp,
    name: 'medium-omat-0',
    title: 'MACE-OMAT-0 medium',
    alsoKnownAs: ['mace-omat-0-medium', 'mace-omat-0', 'omat-0'],
    address: `${gitHub}/mace-mp/releases/download/mace_omat_0/mace-omat-0-medium.model`,
    licence: 'ASL',
    trainedOn: 'OMat24, PBE+U',
    cutoff: 6,
  },
  {
    ...matpes,
    name: 'mace-matpes-pbe-0',
    title: 'MACE-MATPES-PBE-0',
    alsoKnownAs: ['matpes-pbe-0', 'matpes-pbe'],
    address: `${gitHub}/mace-foundations/releases/download/mace_matpes_0/MACE-matpes-pbe-omat-ft.model`,
    trainedOn: 'MATPES, PBE',
  },
  {
    ...matpes,
    name: 'mace-matpes-r2scan-0',
    title: 'MACE-MATPES-r2SCAN-0',
    alsoKnownAs: ['matpes-r2scan-0', 'matpes-r2scan'],
    address: `${gitHub}/mace-foundations/releases/download/mace_matpes_0/MACE-matpes-r2scan-omat-ft.model`,
    trainedOn: 'MATPES, r2SCAN',
  },
  {
    ...multiHead,
    name: 'mh-0',
    title: 'MACE-MH-0',
    alsoKnownAs: ['mace-mh-0'],
    address: `${gitHub}/mace-foundations/releases/download/mace_mh_1/mace-mh-0.model`,
    heads: ['rgd1_b3lyp', 'matpes_r2scan', 'mp_pbe_refit_add', 'omol', 'spice_wB97M', 'oc20_usemppbe', 'omat_pbe'],
    sha256: 'd62ff8f293664e6556cfa49364b28ee72a70cf1e6150f3c111a578397fed609d',
  },
  {
    ...multiHead,
    name: 'mh-1',
    title: 'MACE-MH-1',
    alsoKnownAs: ['mace-mh-1', 'mace-mh'],
    address: `${gitHub}/mace-foundations/releases/download/mace_mh_1/mace-mh-1.model`,
    heads: ['matpes_r2scan', 'mp_pbe_refit_add', 'spice_wB97M', 'oc20_usemppbe', 'omol', 'omat_pbe'],
  },
  {
    ...off,
    name: 'off-small',
    title: 'MACE-OFF23 small',
    alsoKnownAs: ['mace-off-small', 'mace-off23-small', 'off23-small'],
    address: 'https://raw.githubusercontent.com/ACEsuit/mace-off/main/mace_off23/MACE-OFF23_small.model',
    cutoff: 4.5,
    sha256: '165cce4cfec5a34b9c64d4ebf95de15d71106bb584b7291c8470f0749977c46f',
  },
  {
    ...off,
    name: 'off-medium',
    title: 'MACE-OFF23 medium',
    alsoKnownAs: ['mace-off', 'off', 'mace-off23', 'mace-off-medium', 'mace-off23-medium', 'off23-medium'],
    address: 'https://raw.githubusercontent.com/ACEsuit/mace-off/main/mace_off23/MACE-OFF23_medium.model',
    cutoff: 5,
  },
  {
    ...off,
    name: 'off-large',
    title: 'MACE-OFF23 large',
    alsoKnownAs: ['mace-off-large', 'mace-off23-large', 'off23-large'],
    address: 'https://raw.githubusercontent.com/ACEsuit/mace-off/main/mace_off23/MACE-OFF23_large.model',
    cutoff: 5,
  },
  {
    name: 'omol-extra-large',
    title: 'MACE-OMOL-0 extra large',
    alsoKnownAs: ['extra-large', 'mace-omol', 'mace-omol-0', 'omol', 'omol-0'],
    loader: 'mace_omol',
    address: `${gitHub}/mace-foundations/releases/download/mace_omol_0/MACE-omol-0-extra-large-1024.model`,
    elements: range(1, 83),
    heads: [],
    cutoff: 6,
    precision: 'f64',
    licence: 'ASL',
    trainedOn: 'OMol25, ωB97M-V/def2-TZVPD; knows total charge and spin',
    doi: '10.48550/arXiv.2505.08762',
  },
  {
    ...polar,
    name: 'polar-1-s',
    title: 'MACE-POLAR-1 small',
    alsoKnownAs: ['mace-polar-1-s'],
    address: `${gitHub}/mace-foundations/releases/download/mace_polar_1/MACE-POLAR-1-S.model`,
  },
  {
    ...polar,
    name: 'polar-1-m',
    title: 'MACE-POLAR-1 medium',
    alsoKnownAs: ['mace-polar-1-m', 'mace-polar'],
    address: `${gitHub}/mace-foundations/releases/download/mace_polar_1/MACE-POLAR-1-M.model`,
  },
  {
    ...polar,
    name: 'polar-1-l',
    title: 'MACE-POLAR-1 large',
    alsoKnownAs: ['mace-polar-1-l'],
    address: `${gitHub}/mace-foundations/releases/download/mace_polar_1/MACE-POLAR-1-L.model`,
  },
  {
    name: 'ani500k-large-cc',
    title: 'MACE-ANI-CC large',
    alsoKnownAs: ['mace-anicc', 'anicc', 'ani-cc'],
    loader: 'mace_anicc',
    address: `${gitHub}/mace/raw/main/mace/calculators/foundations_models/ani500k_large_CC.model`,
    elements: [1, 6, 7, 8],
    heads: [],
    precision: 'f64',
    licence: 'MIT',
    trainedOn: 'ANI-1x, coupled cluster',
    doi: '10.1063/5.0155322',
  },
];
