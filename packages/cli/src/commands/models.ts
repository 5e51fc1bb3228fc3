/** `mace models`: published models by name, listed, downloaded, found, verified and imported. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createCalculator, FormatError, ModelUnavailableError } from '@mace/core';
import { atomicNumber } from '@mace/core/structure';
import { readModelFile } from '@mace/io/node';
import {
  bundledModel,
  differencesFrom,
  figuresOf,
  licenceAddresses,
  modelsCovering,
  publishedModel,
  publishedModels,
  verifyFigures,
  type PublishedModel,
  type Verified,
} from '@mace/models';
import { cachedPath, cacheFolder, importModel, pullModel, readRecord, sumOf } from '@mace/models/node';
import { defaultBackend } from '../backends/names.js';
import { backendNamed } from '../backends/index.js';
import { bold, dim, print, printJson, red } from '../console.js';
import { watchedPull } from '../published.js';

export interface ListOptions {
  readonly json?: boolean;
  /** Chemical symbols, separated by commas: only models that know them all. */
  readonly elements?: string;
}

export interface PullCommandOptions {
  readonly acceptLicence?: string;
}

export interface ImportOptions extends PullCommandOptions {
  readonly name?: string;
}

export async function listModels({ json, elements }: ListOptions): Promise<void> {
  const models = elements === undefined ? publishedModels : modelsCovering(elements.split(/[\s,]+/).map(atomicNumber));
  const cached = await Promise.all(models.map(cacheState));
  if (json) {
    models.forEach((model, i) => printJson({ ...model, cached: cached[i] }));
    return;
  }
  print(`${dim('name                 model                   elements  heads  dtype    licence  file')}\n`);
  for (const [i, model] of models.entries()) print(`${listLine(model, cached[i]!)}\n`);
  if (models.length === 0) print(`no published model knows ${elements} together\n`);
  print(
    dim(
      `\nbundled is the small H, C, N, O model that comes along. A name does for --model everywhere; the file is downloaded once, to ${cacheFolder()}\n`,
    ),
  );
}

export async function pullModels(names: readonly string[], options: PullCommandOptions): Promise<void> {
  for (const name of names) {
    const model = publishedModel(name);
    const { options: pull, end } = watchedPull(model.name, acceptedOf(options));
    const { path, record, wasDownloaded } = await pullModel(model, pull).finally(end);
    print(
      `${bold(model.title)}  ${megabytes(record.bytes)}, ${wasDownloaded ? 'downloaded' : 'in the cache'}, sha256 ${record.sha256}\n  ${path}\n  licence ${model.licence} (${licenceAddresses[model.licence]}); trained on ${model.trainedOn}; cite https://doi.org/${model.doi}\n`,
    );
  }
}

export async function printModelPath(name: string, options: PullCommandOptions): Promise<void> {
  if (name === 'bundled') {
    print(`${fileURLToPath(bundledModel)}\n`);
    return;
  }
  const model = publishedModel(name);
  const { options: pull, end } = watchedPull(model.name, acceptedOf(options));
  print(`${(await pullModel(model, pull).finally(end)).path}\n`);
}

export async function importModelFile(file: string, options: ImportOptions): Promise<void> {
  await stat(file);
  const model = options.name === undefined ? await recognised(file) : publishedModel(options.name);
  const { options: pull } = watchedPull(model.name, acceptedOf(options));
  const { path, record } = await importModel(model, file, pull);
  print(`${bold(model.title)}  sha256 ${record.sha256}\n  ${path}\n`);
}

/** Compares what stands in the cache with what was published, and what it computes here with what mace-torch computed. */
export async function verifyModels(names: readonly string[], options: { readonly json?: boolean }): Promise<void> {
  for (const name of names) {
    const model = publishedModel(name);
    const { path, exists } = cachedPath(model, cacheFolder());
    if (!exists)
      throw new ModelUnavailableError(
        'name',
        `${model.title} is not in the cache. Pull it first: \`mace models pull ${model.name}\`.`,
      );
    const sum = await sumOf(path);
    const record = await readRecord(path);
    const expected = model.sha256 ?? record?.sha256;
    const sumAgrees = expected === undefined ? null : expected === sum;
    const { differences, verified } =
      sumAgrees === false ? { differences: [], verified: [] } : await verifiedFile(model, path);
    const agrees = sumAgrees !== false && differences.length === 0 && verified.every((one) => one.agrees);
    if (options.json) printJson({ model: model.name, path, sha256: sum, sumAgrees, differences, verified, agrees });
    else print(verifyText(model, path, { sum, sumAgrees, differences, verified }));
    if (!agrees)
      throw new ModelUnavailableError(
        'content',
        `${model.title} in ${path} is not as it was published. Remove the file and pull it again.`,
      );
  }
}

/** What a file has other than the published model, and its numbers beside upstream's where there are any. */
async function verifiedFile(
  model: PublishedModel,
  path: string,
): Promise<{ differences: readonly string[]; verified: readonly Verified[] }> {
  const opened = await readModelFile(path);
  const differences = differencesFrom(model, opened);
  const figures = figuresOf(model.name);
  if (!figures || differences.length > 0) return { differences, verified: [] };
  const calculator = await createCalculator({ model: opened, backend: await backendNamed(defaultBackend) });
  return { differences, verified: await verifyFigures(calculator, figures).finally(() => calculator.dispose()) };
}

function verifyText(
  model: PublishedModel,
  path: string,
  found: {
    readonly sum: string;
    readonly sumAgrees: boolean | null;
    readonly differences: readonly string[];
    readonly verified: readonly Verified[];
  },
): string {
  const source = model.sha256 ? 'as published' : 'as when it was first downloaded; its makers publish no checksum';
  const lines = [
    `${bold(model.title)}  ${path}`,
    `  sha256 ${found.sum}  ${found.sumAgrees === false ? red('not ') : ''}${found.sumAgrees === null ? 'nothing to compare it with' : source}`,
    ...found.differences.map((difference) => `  ${red(difference)}`),
  ];
  if (found.verified.length > 0)
    lines.push(dim('  structure            energy (eV)       |ΔE| (eV)  |ΔF| (eV/Å)  |Δσ| (eV/Å³)'));
  for (const one of found.verified)
    lines.push(
      `  ${one.structure.padEnd(16)}${one.energy.toFixed(8).padStart(16)}${small(one.energyDifference, 16)}${small(one.forceDifference, 13)}${small(one.stressDifference, 14)}  ${one.agrees ? 'agrees' : red('differs')}`,
    );
  if (found.verified.length > 0)
    lines.push(dim('  differences from what mace-torch computes with the published file, float64'));
  else if (found.differences.length === 0 && found.sumAgrees !== false)
    lines.push(
      dim('  its makers publish no energies and forces to compare with; elements, heads and cut-off are as expected'),
    );
  return `${lines.join('\n')}\n`;
}

/** Which published model a file is: by its checksum, else by its name. */
async function recognised(file: string): Promise<PublishedModel> {
  const sum = await sumOf(file);
  const bySum = publishedModels.find(({ sha256 }) => sha256 === sum);
  if (bySum) return bySum;
  try {
    return publishedModel(file.split(/[/\\]/).at(-1)!);
  } catch (cause) {
    throw new FormatError(
      `${file}: neither its checksum nor its name tells which published model it is. Say it: --name NAME, of \`mace models list\`. A model of your own needs no import: give its path to --model.`,
      { cause },
    );
  }
}

async function cacheState(model: PublishedModel): Promise<{ path: string; bytes: number } | null> {
  const { path, exists } = cachedPath(model, cacheFolder());
  return exists ? { path, bytes: (await stat(path)).size } : null;
}

function listLine(model: PublishedModel, cached: { readonly bytes: number } | null): string {
  const file = model.refused ? 'not computed here' : cached ? megabytes(cached.bytes) : '';
  return [
    model.name.padEnd(20),
    model.title.padEnd(23),
    String(model.elements.length || '?').padStart(8),
    String(Math.max(1, model.heads.length)).padStart(5),
    ` ${model.precision === 'f32' ? 'float32' : 'float64'}`,
    model.licence.padEnd(7),
    file,
  ]
    .join(' ')
    .trimEnd();
}

function acceptedOf({ acceptLicence }: PullCommandOptions): string[] {
  return acceptLicence === undefined ? [] : [acceptLicence];
}

function small(value: number | null, width: number): string {
  return (value === null ? '–' : value.toExponential(1)).padStart(width);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
