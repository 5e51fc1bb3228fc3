/** Where results of `mace eval` go: a file that appears whole at the end, or with `--resume` one that is kept from the first result on. */
import { FormatError, type MaceModel, type Result } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { readExtxyz, writableExtxyz } from '@mace/io';
import { openStructureWriter, type OutputTarget } from '@mace/io/node';
import { complain, yellow } from '../console.js';
import { cutDescriptors } from '../descriptors.js';
import type { Evaluated, Kept } from '../evaluated.js';
import { bundledModel } from '../inputs.js';
import { notesOnce } from '../refusals.js';
import { withResults, type ResultKeys } from '../result-structure.js';
import { inputHash } from '../results/input-hash.js';
import { openKeptResults } from '../results/kept-results.js';
import { originInfo, settingsText } from '../results/origin.js';
import { version } from '../version.js';
import type { EvalOptions } from './eval-options.js';

export interface EvalOutput {
  readonly target: OutputTarget;
  /** Results of a run before that were taken over. */
  readonly taken: number;
  /** The result that a run before has of a structure. */
  known?: (structure: Structure) => Promise<Kept | null>;
  write(evaluated: Evaluated): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** @throws FormatError for what cannot be written, or gone on with */
export async function openEvalOutput(name: string, model: MaceModel, options: EvalOptions): Promise<EvalOutput> {
  const leaveOut = notesOnce((what) => complain(`${yellow('note')}: left out of ${name}: ${what}\n`));
  if (!options.resume) {
    const writer = await openStructureWriter(name, { leaveOut });
    return {
      target: writer.target,
      taken: 0,
      write: ({ structure, result }) => writer.write(withResults(structure, result, keysOf(model, result, options))),
      close: () => writer.close(),
      abort: () => writer.abort(),
    };
  }
  const { infoPrefix: prefix } = options;
  const all = settingsOf(model, options);
  const [hashOf, settings] = [inputHash(all), settingsText(all)];
  const results = await openKeptResults(name, { prefix, settings, resume: true });
  return {
    target: results.target,
    get taken() {
      return results.taken;
    },
    known: async (structure) => {
      const kept = await results.known(hashOf(structure));
      return kept && { ...kept, result: resultOf(kept.frame, prefix, options.tables === true) };
    },
    write: async ({ structure, result, kept }) => {
      if (kept) return results.take(kept);
      const hash = hashOf(structure);
      const whole = withResults(structure, result, keysOf(model, result, options));
      const info = { ...whole.info, ...originInfo(prefix, { hash, settings }) };
      return results.write(hash, writableExtxyz({ ...whole, info }, leaveOut));
    },
    close: () => results.close(),
    abort: () => results.leave(),
  };
}

/** What is wrong with --resume beside other options. @throws FormatError */
export function checkResume({ resume, output, json }: EvalOptions): void {
  if (!resume) return;
  if (output === undefined)
    throw new FormatError(
      '--resume: results of a run before are in its output file, and none is named. Add --output FILE.',
    );
  if (json)
    throw new FormatError(
      '--resume: --json prints more than the output file holds of structures that are done. Leave out one of the two.',
    );
}

function keysOf(model: MaceModel, result: Result, options: EvalOptions): ResultKeys {
  const { descriptorNumLayers: layers = -1, descriptorInvariantsOnly: invariantsOnly = true } = options;
  return {
    prefix: options.infoPrefix,
    nodeEnergies: options.returnNodeEnergies === true,
    inputKeys: Object.fromEntries(model.config.embeddings.flatMap(({ name, key }) => (key ? [[name, key]] : []))),
    ...(options.returnDescriptors && { descriptors: cutDescriptors(model, result, layers, invariantsOnly) }),
  };
}

/** What results depend on beside their structure, as plain values. */
function settingsOf({ provenance }: MaceModel, options: EvalOptions): Record<string, unknown> {
  const {
    model = bundledModel,
    like,
    loraAlpha,
    backend,
    precision,
    tables = false,
    unplanned,
    head,
    charge,
    spin,
  } = options;
  const { returnNodeEnergies, returnDescriptors, descriptorNumLayers, descriptorInvariantsOnly } = options;
  const written = { returnNodeEnergies, returnDescriptors, descriptorNumLayers, descriptorInvariantsOnly };
  const computed = { model: provenance?.sha256 ?? model, like, loraAlpha, backend, precision, tables, unplanned };
  return { command: 'eval', version, ...computed, head, charge, spin, ...written };
}

/** What a frame says of its result, as far as summaries and labels ask. */
function resultOf(frame: string, prefix: string, tables: boolean): Kept['result'] {
  const [{ info, arrays, numbers }] = readExtxyz(frame) as [Structure];
  const stress = info[`${prefix}stress`] as { readonly values: readonly number[] } | undefined;
  const warnings = info[`${prefix}warnings`];
  return {
    atoms: numbers.length,
    energy: info[`${prefix}energy`] as number,
    forces: arrays[`${prefix}forces`]!.values as Float64Array,
    stress: stress ? Float64Array.from(stress.values) : null,
    tables,
    warnings: typeof warnings === 'string' ? warnings.split('; ') : [],
  };
}
