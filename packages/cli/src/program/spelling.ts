/**
 * Options as people of mace-torch and janus-core write them, turned into ours: underscores for dashes, other names, other values;
 * and options of theirs that mean nothing here, accepted where they change no number, explained where they would.
 */
import { FormatError } from '@mace/core/errors';

/** Other names of our options. */
const otherNames: Readonly<Record<string, string>> = {
  '--configs': '--structures',
  '--struct': '--structures',
  '--structure': '--structures',
  '--models': '--model',
  '--model-path': '--model',
};

/** Our name of an option, where only the name is another. */
export function ownName(dashed: string): string {
  return otherNames[dashed] ?? dashed;
}

interface ForeignOption {
  /** Whether a value follows it. */
  readonly takes: 'value' | 'nothing';
  /** What it is here: our words for it, none where it changes nothing. @throws FormatError with the reason why not */
  readonly as: (value: string) => readonly string[];
}

const nothing = (): readonly string[] => [];
const refuse =
  (reason: string) =>
  (value: string): never => {
    throw new FormatError(reason.replace('VALUE', value));
  };

/** Options of mace_eval_configs (mace-torch 0.3.16) and of janus singlepoint (janus-core 0.9.4) beside those that we have. */
const foreignOptions: Readonly<Record<string, ForeignOption>> = {
  '--default-dtype': {
    takes: 'value',
    as: (value) => {
      const precision = { float64: 'f64', float32: 'f32', f64: 'f64', f32: 'f32' }[value];
      if (precision) return ['--precision', precision];
      throw new FormatError(`--default-dtype ${JSON.stringify(value)}: expected float64 or float32.`);
    },
  },
  '--device': {
    takes: 'value',
    as: (value) => {
      if (/^cpu$/i.test(value)) return [];
      throw new FormatError(
        `--device ${value}: here the backend says what computes: --backend webgpu for a GPU (any maker, float32), wasm for the processor. \`mace doctor\` shows what this machine has.`,
      );
    },
  },
  '--compute-stress': { takes: 'nothing', as: nothing },
  '--enable-cueq': { takes: 'nothing', as: nothing },
  '--progress-bar': { takes: 'nothing', as: nothing },
  '--no-progress-bar': { takes: 'nothing', as: nothing },
  '--no-tracker': { takes: 'nothing', as: nothing },
  '--tracker': { takes: 'nothing', as: refuse('--tracker: emissions are not tracked here. Leave it out.') },
  '--compute-bec': {
    takes: 'nothing',
    as: refuse(
      '--compute_bec: Born effective charges need a dielectric model, which is not computed here; use mace-torch.',
    ),
  },
  '--return-contributions': {
    takes: 'nothing',
    as: refuse('--return_contributions: energies by layer are not given here; use mace-torch.'),
  },
  '--descriptor-aggregation-method': {
    takes: 'value',
    as: (value) => {
      if (value === 'None') return [];
      throw new FormatError(
        `--descriptor_aggregation_method ${value}: descriptors are written for each atom. Leave it out, and average the column MACE_descriptors.`,
      );
    },
  },
  '--properties': {
    takes: 'value',
    as: (value) => {
      const other = value.split(/[\s,]+/).find((name) => !['energy', 'forces', 'stress'].includes(name));
      if (other === undefined) return [];
      throw new FormatError(
        `--properties ${other}: energy, forces and stress are computed, always; ${other === 'hessian' ? 'a program has `calculator.hessian`' : 'nothing else is'}. Leave it out.`,
      );
    },
  },
  '--dispersion': {
    takes: 'nothing',
    as: refuse(
      '--dispersion: D3 is not computed here; add it from another program, such as torch-dftd or simple-dftd3.',
    ),
  },
  '--write-results': { takes: 'nothing', as: refuse('--write-results: name the file with --output FILE.') },
  '--no-write-results': { takes: 'nothing', as: nothing },
  '--arch': { takes: 'value', as: nothing },
  '--calc-kwargs': {
    takes: 'value',
    as: refuse('--calc-kwargs VALUE: keywords of Python are not taken; every option of ours is in `mace eval --help`.'),
  },
  '--read-kwargs': {
    takes: 'value',
    as: refuse('--read-kwargs VALUE: choose frames by @ behind the file, as in ASE: traj.xyz@-1.'),
  },
  '--write-kwargs': { takes: 'value', as: refuse('--write-kwargs VALUE: choose the file with --output FILE.') },
  '--file-prefix': {
    takes: 'value',
    as: refuse('--file-prefix VALUE: one file is written; name it with --output FILE.'),
  },
  '--log': {
    takes: 'value',
    as: refuse('--log VALUE: no log is written; what is printed can be sent to a file with > FILE.'),
  },
  '--summary': { takes: 'value', as: refuse('--summary VALUE: no summary is written; --json prints everything.') },
};

/** Options of janus geomopt and eos beside those. */
const relaxationOptions: Readonly<Record<string, ForeignOption>> = {
  '--optimizer': { takes: 'value', as: optimizerWords },
  '--opt-cell-fully': { takes: 'nothing', as: () => ['--cell'] },
  '--opt-cell-lengths': { takes: 'nothing', as: () => ['--cell', '--lengths-only'] },
  '--filter': { takes: 'value', as: (value) => ['--filter', filters[value] ?? value] },
  '--symmetrize': { takes: 'nothing', as: () => ['--symmetry'] },
  '--no-symmetrize': { takes: 'nothing', as: nothing },
  '--write-traj': { takes: 'nothing', as: () => ['--trajectory', 'relax-traj.extxyz'] },
  '--no-write-traj': { takes: 'nothing', as: nothing },
  '--minimize-kwargs': {
    takes: 'value',
    as: refuse('--minimize-kwargs VALUE: keywords of Python are not taken; the options are in `mace relax --help`.'),
  },
  '--opt-kwargs': {
    takes: 'value',
    as: refuse('--opt-kwargs VALUE: keywords of Python are not taken; optimizers have the numbers of ASE.'),
  },
  '--filter-kwargs': {
    takes: 'value',
    as: refuse(
      '--filter-kwargs VALUE: keywords of Python are not taken; there are --filter, --mask, --hydrostatic, --constant-volume and --pressure.',
    ),
  },
};

/** An optimizer as ASE names it. @throws FormatError with the nearest of ours, for one that takes other steps */
function optimizerWords(value: string): readonly string[] {
  if (/^(bfgs|lbfgslinesearch)$/i.test(value))
    throw new FormatError(
      `--optimizer ${value}: it is not here, and others take other steps: lbfgs, its like with little memory, or bfgs-line-search. Take one of them.`,
    );
  const known = Object.keys(optimizers).find((name) => name.toLowerCase() === value.toLowerCase());
  return ['--optimizer', known === undefined ? value.toLowerCase() : optimizers[known]!];
}

/** Names of ASE. */
const optimizers: Readonly<Record<string, string>> = {
  BFGSLineSearch: 'bfgs-line-search',
  QuasiNewton: 'bfgs-line-search',
};
const filters: Readonly<Record<string, string>> = {
  FrechetCellFilter: 'frechet',
  UnitCellFilter: 'unit-cell',
};

/** Options of janus md beside those. */
const dynamicsOptions: Readonly<Record<string, ForeignOption>> = {
  '--temp': { takes: 'value', as: (value) => ['--temperature', value] },
  '--temp-start': { takes: 'value', as: (value) => ['--temperature', value] },
  '--temp-end': { takes: 'value', as: (value) => ['--temperature-end', value] },
  '--temp-step': {
    takes: 'value',
    as: refuse(
      '--temp-step VALUE: the temperature changes evenly here, in every step. Leave it out, and --temp-time too.',
    ),
  },
  '--temp-time': {
    takes: 'value',
    as: refuse('--temp-time VALUE: the temperature changes evenly here, over --ramp-steps N. Leave it out.'),
  },
  '--stats-every': { takes: 'value', as: (value) => ['--log-every', value] },
  '--traj-every': { takes: 'value', as: (value) => ['--trajectory-every', value] },
  '--restart-auto': { takes: 'nothing', as: () => ['--restart'] },
  '--no-restart-auto': { takes: 'nothing', as: nothing },
  '--rescale-velocities': { takes: 'nothing', as: nothing },
  '--remove-rot': { takes: 'nothing', as: () => ['--remove-rotation'] },
  '--no-remove-rot': { takes: 'nothing', as: nothing },
  '--no-minimize': { takes: 'nothing', as: nothing },
  '--plumed-input': {
    takes: 'value',
    as: refuse('--plumed-input VALUE: PLUMED is not here; it works beside i-PI or LAMMPS (mace ipi).'),
  },
  '--file-prefix': { takes: 'value', as: (value) => ['--output', value] },
};

/** What each verb takes of others; other verbs have our spelling only. */
const foreignOf: Readonly<Record<string, Readonly<Record<string, ForeignOption>>>> = {
  eval: foreignOptions,
  relax: { ...foreignOptions, ...relaxationOptions },
  geomopt: { ...foreignOptions, ...relaxationOptions },
  eos: { ...foreignOptions, ...relaxationOptions },
  md: { ...foreignOptions, ...dynamicsOptions },
};

/** Names that some verb takes beside its own, without dashes. */
export function foreignNames(): string[] {
  const names = [otherNames, foreignOptions, relaxationOptions, dynamicsOptions].flatMap((table) => Object.keys(table));
  return names.map((name) => name.replace(/^--/, ''));
}

/** Names of published models by architecture of janus-core and size. */
const architectures: Readonly<Record<string, (size: string) => string>> = {
  mace_mp: (size) => size,
  mace_off: (size) => `off-${size.replace(/^off-/, '')}`,
  mace_omol: (size) => (/^extra[_-]large$/.test(size) ? 'omol-extra-large' : size),
  mace: (size) => size,
};

/** What each of them takes where no size is given. */
const defaultSizes: Readonly<Record<string, string>> = {
  mace_mp: 'medium-mpa-0',
  mace_off: 'medium',
  mace_omol: 'extra_large',
};

/** The words behind `mace` in our spelling. @throws FormatError for an option of others that would change the result */
export function spelled(words: readonly string[]): string[] {
  const [verb, ...rest] = words;
  const foreign = verb !== undefined && Object.hasOwn(foreignOf, verb) ? foreignOf[verb] : undefined;
  if (foreign) return [verb!, ...ourSpelling(rest, foreign)];
  const end = words.indexOf('--');
  return words.map((word, i) =>
    end >= 0 && i > end ? word : word.replace(/^--[a-z][\w-]*/i, (name) => name.replaceAll('_', '-')),
  );
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && word.trim() !== '' && Number.isFinite(Number(word));
}

/** The words of a verb in our spelling. @throws FormatError for an option of others that would change the result */
function ourSpelling(words: readonly string[], options: Readonly<Record<string, ForeignOption>>): string[] {
  const ours: string[] = [];
  let architecture: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return [...withArchitecture(ours, architecture), ...words.slice(i)];
    const [, written, equals, given] = /^(--[A-Za-z][\w-]*)(=)?(.*)$/s.exec(word) ?? [];
    if (written === undefined) {
      ours.push(word);
      continue;
    }
    const dashed = written.replaceAll('_', '-');
    const name = ownName(dashed);
    // Its number may be left out, and what follows is a file then.
    if (name === '--minimize' && equals === undefined && options === foreignOf['md'] && !isNumber(words[i + 1])) {
      ours.push('--minimize=0.1');
      continue;
    }
    const foreign = Object.hasOwn(options, name) ? options[name]! : undefined;
    if (!foreign) {
      ours.push(equals === undefined ? name : `${name}=${given}`);
      continue;
    }
    let value = given ?? '';
    if (foreign.takes === 'value' && equals === undefined) {
      const next = words[++i];
      if (next === undefined) throw new FormatError(`${written}: expected a value behind it.`);
      value = next;
    }
    if (name === '--arch') architecture = value;
    ours.push(...foreign.as(value));
  }
  return withArchitecture(ours, architecture);
}

/** `--arch mace_off --model small` is the model off-small. */
function withArchitecture(words: readonly string[], architecture: string | undefined): string[] {
  if (architecture === undefined) return [...words];
  const nameOf = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined;
  if (!nameOf)
    throw new FormatError(
      `--arch ${architecture}: MACE is what is computed here: ${Object.keys(architectures).join(', ')}.`,
    );
  const standard = defaultSizes[architecture];
  const isGiven = words.some((word) => /^--model(=|$)/.test(word));
  if (!isGiven && standard === undefined)
    throw new FormatError('--arch mace: give the file of the model with --model FILE.');
  if (!isGiven) return [...words, '--model', nameOf(standard!)];
  const named = (size: string): string => (/^(extra_large|[a-z]+)(-\w+)*$/.test(size) ? nameOf(size) : size);
  return words.map((word, i) =>
    words[i - 1] === '--model'
      ? named(word)
      : word.replace(/^(--model=)(.*)$/s, (_, option: string, size: string) => option + named(size)),
  );
}
