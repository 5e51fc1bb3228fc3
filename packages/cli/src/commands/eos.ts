/**
 * `mace eos`: energies of crystals at several volumes, and the equation of state that fits them: volume, energy and bulk modulus of the
 * minimum. With `--output` a folder gets the points and the fits.
 */
import { FormatError, StructureError, type MaceModel } from '@mace/core';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { equationsOfStateOf, gigapascal, type EquationOfStateOptions, type StateEquation } from '@mace/sim';
import { bold, dim, print, printJson, yellow } from '../console.js';
import { coveringModels } from '../coverage.js';
import { openEquationFiles, type EquationFiles } from '../eos-files.js';
import { openCalculator } from '../computing.js';
import { bundledModel, loadModel, structureFiles } from '../inputs.js';
import { progressBar } from '../progress.js';
import { noteRefusal } from '../refusals.js';
import { placedStructures, placeOf, type Place } from '../structure-stream.js';
import { equationOptions, type EosOptions } from './eos-options.js';
import { checkInputOptions } from './eval-options.js';

export async function eos(names: readonly string[], options: EosOptions): Promise<void> {
  const told = equationOptions(options);
  const files = await structureFiles([...names, ...(options.structures ?? [])], options.format);
  const model = await loadModel(options.model, options);
  checkInputOptions(model, options);
  const written = options.output === undefined ? null : await openEquationFiles(options.output);
  const started = performance.now();
  try {
    const { fitted, refused } = await fitAll(model, files, options, { told, written });
    if (fitted === 0)
      throw new FormatError(
        `no equation of state was fitted: ${refused > 0 ? `all ${refused} structures and files were refused` : `there is no structure in ${files.join(', ')}`}.`,
      );
    const places = await written?.close();
    if (options.json) return;
    const { model: name = bundledModel, backend, precision, tables } = options;
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    print(
      dim(
        `${fitted} in ${seconds} s; model ${name}; backend ${backend}, ${precision}, ${tables ? 'tables' : 'exact'}\n`,
      ),
    );
    if (refused > 0) print(yellow(`${refused} refused and skipped; they are in no output\n`));
    for (const place of places ?? []) print(`wrote ${place}\n`);
  } catch (error) {
    await written?.abort();
    throw error;
  }
}

/** Prints and writes the equations of all structures. */
async function fitAll(
  model: MaceModel,
  files: readonly string[],
  options: EosOptions,
  { told, written }: { readonly told: EquationOfStateOptions; readonly written: EquationFiles | null },
): Promise<{ readonly fitted: number; readonly refused: number }> {
  const calculator = await openCalculator('eos', model, options);
  const bar = progressBar('fitting', options.json === true, print, ['equation of state', 'equations of state']);
  const waiting = new Map<number, { readonly place: Place; readonly structure: Structure | null }>();
  async function* input(): AsyncGenerator<Structure | Error> {
    let number = 0;
    for await (const one of placedStructures(files, { format: options.format, remedy: remedyOf(options) })) {
      const isRefused = 'error' in one;
      waiting.set(number++, { place: one, structure: isRefused ? null : one.structure });
      yield isRefused ? one.error : one.structure;
    }
  }
  let [fitted, refused] = [0, 0];
  try {
    for await (const found of equationsOfStateOf(calculator, input(), told)) {
      const { place, structure } = waiting.get(found.index)!;
      waiting.delete(found.index);
      if ('error' in found) {
        const error = structure ? named(found.error, placeOf(files)(place), structure, model, options) : found.error;
        if (options.onError === 'stop') throw error;
        noteRefusal({ ...place, error }, options.json);
        refused++;
        continue;
      }
      const json = equationJson(place, found);
      if (options.json) printJson(json);
      else bar.print(equationText(place, found));
      await written?.add(place, found, json);
      bar.update(++fitted);
    }
    return { fitted, refused };
  } finally {
    bar.stop();
    await calculator.dispose();
  }
}

function named(
  cause: Error,
  place: string,
  structure: Structure,
  model: MaceModel,
  options: EosOptions,
): StructureError {
  return new StructureError(`${place}: ${cause.message}${coveringModels(structure, model)}${remedyOf(options)}`, {
    cause,
  });
}

function remedyOf({ onError }: EosOptions): string {
  return onError === 'skip' ? '' : ' With --on-error skip it is left out, and the others are computed.';
}

function equationJson({ index, file, frame }: Place, { structure, points, fit, isConverged }: StateEquation): unknown {
  return {
    index,
    file,
    frame,
    formula: chemicalFormula(structure),
    atoms: structure.numbers.length,
    eosType: fit.equation,
    volume: fit.volume,
    energy: fit.energy,
    bulkModulus: fit.bulkModulus / gigapascal,
    bulkModulusDerivative: fit.pressureDerivative,
    rmse: fit.rmse,
    bracketed: fit.isBracketed,
    converged: isConverged,
    points,
  };
}

function equationText({ index }: Place, { structure, points, fit, isConverged }: StateEquation): string {
  const atoms = structure.numbers.length;
  const value = (number: number, digits: number): string => number.toFixed(digits).padStart(16);
  const lines = [
    `${bold(chemicalFormula(structure))}  structure ${index}, ${atoms} atoms, ${points.length} volumes, ${fit.equation}`,
    `  volume               ${value(fit.volume, 6)} Å³   ${(fit.volume / atoms).toFixed(6)} Å³/atom`,
    `  energy               ${value(fit.energy, 6)} eV   ${(fit.energy / atoms).toFixed(6)} eV/atom`,
    `  bulk modulus         ${value(fit.bulkModulus / gigapascal, 4)} GPa`,
    `  its derivative       ${value(fit.pressureDerivative, 4)}`,
    `  root mean square     ${value(1000 * fit.rmse, 6)} meV off the points`,
  ];
  if (!fit.isBracketed)
    lines.push(
      yellow(
        '  note: the minimum lies beyond the volumes. Take others with --min-volume and --max-volume, or --minimize.',
      ),
    );
  if (!isConverged) lines.push(yellow('  note: not all relaxations reached --fmax within --steps.'));
  return lines.join('\n');
}
