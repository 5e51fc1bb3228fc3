/** `mace model inspect`: what is in a model file, also in one that is refused. Nothing in it is executed. */
import type { ModelSummary } from '@mace/io';
import { inspectModelFile } from '@mace/io/node';
import { chemicalSymbol } from '@mace/core/structure';
import { modelFile, readOptions, type ToldOptions } from '../inputs.js';
import { bold, print, printJson, red } from '../console.js';

export interface InspectOptions extends ToldOptions {
  readonly json?: boolean;
}

export async function inspect(file: string | undefined, options: InspectOptions): Promise<void> {
  const path = await modelFile(file);
  const summary = await inspectModelFile(path, await readOptions(options));
  if (summary.refusal) process.exitCode = 1;
  if (options.json) printJson(summaryJson(path, summary));
  else print(`${summaryText(path, summary)}\n`);
}

function summaryJson(file: string, summary: ModelSummary): Record<string, unknown> {
  const { model, ...rest } = summary;
  if (!model) return { file, ...rest, model: null };
  const { config } = model;
  return {
    file,
    ...rest,
    elements: config.atomicNumbers.map(chemicalSymbol),
    heads: config.heads,
    cutoff: config.cutoff,
    dtype: dtypeOf(model),
    parameters: model.parameters,
    constants: model.constants,
    isolatedAtomEnergies: model.isolatedAtomEnergies,
    asWritten: model.asWritten,
    resolved: config,
    provenance: model.provenance,
  };
}

function summaryText(file: string, summary: ModelSummary): string {
  const lines = [
    `${bold(file)}  ${summary.format ?? 'unknown format'}, ${summary.bytes} bytes`,
    `  sha256               ${summary.sha256}`,
  ];
  if (summary.refusal) {
    lines.push(`  ${red('refused')} (${summary.refusal.code})  ${summary.refusal.message}`);
    if (summary.refusal.name) lines.push(`  refused name         ${summary.refusal.name}`);
    return lines.join('\n');
  }
  const { config, isolatedAtomEnergies, parameters, constants, provenance } = summary.model!;
  const row = (name: string, value: unknown): number => lines.push(`  ${name.padEnd(20)} ${String(value)}`);
  row('model', `${config.model}, ${dtypeOf(summary.model!)}`);
  row('elements', config.atomicNumbers.map(chemicalSymbol).join(' '));
  row('heads', config.heads.join(', '));
  if (typeof provenance['wrapper'] === 'string') row('taken out of', provenance['wrapper']);
  if (typeof provenance['loraAlpha'] === 'number') row('LoRA', `merged, α = ${provenance['loraAlpha']}`);
  row('cut-off', `${config.cutoff} Å, p = ${config.cutoffPower}`);
  row(
    'radial basis',
    `${config.radialBasis}, ${config.radialBasisSize}, transform ${config.distanceTransform}${config.pairRepulsion ? ', ZBL' : ''}`,
  );
  row(
    'layers',
    `${config.numInteractions}: ${[...new Set([config.interactionFirst, config.interaction])].join(', then ')}`,
  );
  row('hidden irreps', config.hiddenIrreps);
  row('max l, correlation', `${config.maxEll}, ${config.correlation.join(' ')}`);
  row('readout', `${config.readoutClass}, ${config.mlpIrreps}, gate ${config.gate}`);
  row('average neighbors', config.avgNumNeighbors.join(' '));
  if (config.embeddings.length > 0)
    row('extra inputs', config.embeddings.map(({ name, type, per }) => `${name} (${type}, per ${per})`).join(', '));
  row('parameters', `${parameters} trained, ${constants} constants`);
  for (const [head, energies] of Object.entries(isolatedAtomEnergies)) {
    row(
      `isolated atoms, ${head}`,
      `${Object.entries(energies)
        .map(([z, energy]) => `${chemicalSymbol(Number(z))} ${energy}`)
        .join('  ')} eV`,
    );
  }
  if (provenance.licence) row('licence', provenance.licence);
  return lines.join('\n');
}

/** PyTorch's name of the type of the weights; those of half precision are read as float32. */
function dtypeOf({ config, provenance }: NonNullable<ModelSummary['model']>): string {
  if (config.storedPrecision === 'f64') return 'float64';
  return typeof provenance['storedAs'] === 'string' ? provenance['storedAs'] : 'float32';
}
