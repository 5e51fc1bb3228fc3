/** The options of `mace eval`, and what is wrong with them, said before anything is computed. */
import { stat } from 'node:fs/promises';
import { FormatError, type InputOptions, type MaceModel } from '@mace/core';
import type { ComputingOptions } from '../computing.js';
import { bundledModel } from '../inputs.js';
import type { LabelKeys } from '../labels.js';
import { usualPrefix } from '../program/defaults.js';
import type { Shard } from '../shard.js';

/** As declared in `program/structure-commands.ts`. */
export interface EvalOptions extends ComputingOptions {
  readonly structures?: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
  readonly infoPrefix: string;
  readonly labels?: LabelKeys;
  readonly returnNodeEnergies?: boolean;
  readonly returnDescriptors?: boolean;
  /** All of them by -1. */
  readonly descriptorNumLayers?: number;
  readonly descriptorInvariantsOnly?: boolean;
  readonly batchSize: number;
  readonly batchAtoms: number;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly onError: 'stop' | 'skip';
  readonly unplanned?: boolean;
}

/** Structures may be replaced by themselves with results, a model not. @throws FormatError */
export async function checkResultPlace(
  { model, like, infoPrefix }: Pick<EvalOptions, 'model' | 'like' | 'infoPrefix'>,
  output: string,
): Promise<void> {
  if (/[:\r\n]/.test(infoPrefix))
    throw new FormatError(
      `--info-prefix ${JSON.stringify(infoPrefix)}: extended XYZ has no columns with a colon or a line end in their names. Choose another.`,
    );
  const [place, ...sources] = await Promise.all(
    [output, model ?? bundledModel, like].map(async (path) =>
      path === undefined ? null : stat(path).catch(() => null),
    ),
  );
  if (sources.some((source) => source && place && source.dev === place.dev && source.ino === place.ino))
    throw new FormatError(`--output ${output}: this is the model. Give the name of another file.`);
}

/** Charge and spin of a model that knows none are an error, not a calculation without them. @throws FormatError */
export function checkInputOptions(
  { config }: MaceModel,
  { charge, spin, model = bundledModel }: Pick<EvalOptions, 'charge' | 'spin' | 'model'>,
): void {
  const knows = config.embeddings.map(({ name }) => name);
  for (const [option, value, input, what] of [
    ['--charge', charge, 'total_charge', 'total charge'],
    ['--spin', spin, 'total_spin', 'total spin'],
  ] as const)
    if (value !== undefined && !knows.includes(input))
      throw new FormatError(
        `${option} ${value}: the model ${model} knows no ${what}; it has ${knows.length > 0 ? `the inputs ${knows.join(', ')}` : 'no such inputs'}, and its energy would not depend on it. Leave the option out, or use a model that was trained with it.`,
      );
}

/** Head, charge and spin as a calculator takes them. */
export function inputsOf({ head, charge, spin }: Pick<EvalOptions, 'head' | 'charge' | 'spin'>): InputOptions {
  const inputs: Record<string, number> = {};
  if (charge !== undefined) inputs.total_charge = charge;
  if (spin !== undefined) inputs.total_spin = spin;
  return { inputs, ...(head !== undefined && { head }) };
}

/** An option that this model cannot follow is an error, not a calculation without it. @throws FormatError */
export function checkModelOptions(model: MaceModel, options: EvalOptions): void {
  const { config } = model;
  checkInputOptions(model, options);
  for (const [option, isGiven] of [
    ['--return-descriptors', options.returnDescriptors],
    ['--return-node-energies', options.returnNodeEnergies],
  ] as const)
    if (isGiven && options.output === undefined)
      throw new FormatError(`${option}: they are written to the output file, and there is none. Add --output FILE.`);
  if (options.infoPrefix !== usualPrefix && options.output === undefined)
    throw new FormatError(
      `--info-prefix ${JSON.stringify(options.infoPrefix)}: it begins the keys of an output file, and there is none. Add --output FILE.`,
    );
  const layers = options.descriptorNumLayers;
  for (const [option, value] of [
    ['--descriptor-num-layers', layers],
    ['--descriptor-invariants-only', options.descriptorInvariantsOnly],
  ] as const)
    if (value !== undefined && value !== -1 && !options.returnDescriptors)
      throw new FormatError(`${option} ${value}: no descriptors are asked for. Add --return-descriptors.`);
  if (layers !== undefined && layers !== -1 && !(layers >= 1 && layers <= config.numInteractions))
    throw new FormatError(
      `--descriptor-num-layers ${layers}: the model has ${config.numInteractions} layers; expected 1 to ${config.numInteractions}, or -1 for all.`,
    );
}
