/** Options that several commands have, each declared once; numbers are parsed strictly here and nowhere else. */
import { Option } from 'commander';
import { FormatError } from '@mace/core/errors';
import { defaultBackend } from '../backends/names.js';
import { shardOf } from '../shard.js';
import { defaults } from './defaults.js';

export const modelHelp =
  'a published name (see `mace models list`), or a .model, checkpoint or .safetensors file; the bundled H, C, N, O model by default';

/** What a command computes with; `kind` picks its line in the table of defaults. */
export function computingOptions(kind: keyof typeof defaults): Option[] {
  return [
    new Option('--config <file>', 'options from a YAML file, such as fmax: 0.01; those of the command line win'),
    ...modelOptions(),
    new Option('--format <name>', 'format of the structures; name and content decide without it'),
    new Option('--head <name>', "head of a model with several; the structure's own key `head` otherwise"),
    new Option('--backend <name>', 'what computes; `mace doctor` shows what is there').default(defaultBackend),
    new Option('--threads <n>', 'threads of the backend wasm; all of the machine by default').argParser(
      wholeNumber('--threads', 1),
    ),
    precisionOption(kind),
  ];
}

export function modelOptions(): Option[] {
  return [new Option('--model <name or file>', modelHelp), ...toldOptions()];
}

/** What is told of a checkpoint, which holds tensors and no settings. */
export function toldOptions(): Option[] {
  return [
    new Option(
      '--like <file>',
      'for a checkpoint: a model of the same run, or its settings as JSON, for what a checkpoint does not hold',
    ),
    new Option('--lora-alpha <number>', 'for a checkpoint with LoRA adapters: α of the training').argParser(
      finiteNumber('--lora-alpha'),
    ),
  ];
}

/** What models may know of a structure beside its atoms. */
export function inputOptions(): Option[] {
  return [
    new Option('--charge <number>', 'total charge, for models that know it').argParser(finiteNumber('--charge')),
    new Option('--spin <number>', 'total spin multiplicity, for models that know it').argParser(finiteNumber('--spin')),
  ];
}

export function shardOption(): Option {
  return new Option(
    '--shard <i/n>',
    'only every nth structure, from the ith on: 1/4 to 4/4 on four machines',
  ).argParser(shardOf);
}

export function resumeOption(): Option {
  return new Option('--resume', 'keep results from the first on, and go on with those that a stopped run left');
}

export function precisionOption(kind: keyof typeof defaults): Option {
  return new Option('--precision <name>', 'precision of the graph')
    .choices(['f64', 'f32'])
    .default(defaults[kind].precision);
}

/** A whole number of at least `least`. The parser throws FormatError. */
export function wholeNumber(option: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text.trim()) && value >= least && value <= Number.MAX_SAFE_INTEGER) return value;
    throw new FormatError(`${option} ${JSON.stringify(text)}: expected a whole number of at least ${least}.`);
  };
}

/** A finite number above `above`, if that is given. The parser throws FormatError. */
export function finiteNumber(option: string, above = -Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) && Number.isFinite(value) && value > above)
      return value;
    throw new FormatError(
      `${option} ${JSON.stringify(text)}: expected a number${above === -Infinity ? '' : ` above ${above}`}.`,
    );
  };
}

/** True or false, in the spellings that mace-torch takes. The parser throws FormatError. */
export function trueOrFalse(option: string): (text: string) => boolean {
  return (text) => {
    if (/^(true|1|yes|y|t)$/i.test(text)) return true;
    if (/^(false|0|no|n|f)$/i.test(text)) return false;
    throw new FormatError(`${option} ${JSON.stringify(text)}: expected true or false.`);
  };
}

/** Something that is not empty. The parser throws FormatError. */
export function nonEmpty(option: string, what: string): (text: string) => string {
  return (text) => {
    if (text !== '') return text;
    throw new FormatError(`${option} "": expected ${what}. Leave the option out, or give one.`);
  };
}

/** For options that may stand several times, or have several values. */
export function collected(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}
