/** `mace export onnx`: a model as one ONNX file, forces and stress included, for any program that has an ONNX runtime. */
import { basename } from 'node:path';
import { exportOnnx, type FileOutput } from '@mace/backend-onnx';
import { UnsupportedError, type MaceModel } from '@mace/core';
import { simplify } from '@mace/core/ir';
import { maceGraph, observablesGraph, selectHead, type Observable } from '@mace/core/model';
import { planValues } from '@mace/core/planner';
import { atomicNumber } from '@mace/core/structure';
import { openOutput } from '@mace/io/node';
import { loadModel, type ToldOptions } from '../inputs.js';
import { printWritten } from '../console.js';
import { version } from '../version.js';

export interface ExportOnnxOptions extends ToldOptions {
  /** Of `exportedOutputs`, separated by commas. */
  readonly outputs: string;
  readonly precision: 'f64' | 'f32';
  /** Atomic numbers or symbols that the file has to know, separated by commas or spaces; all by default. */
  readonly elements?: string;
  readonly head?: string;
  readonly from: 'positions' | 'edges';
}

/** What `--outputs` may name, and what of the graph each needs. */
const observables: Readonly<Record<FileOutput, Observable>> = {
  energy: 'atomEnergy',
  energies: 'atomEnergy',
  forces: 'forces',
  stress: 'atomVirial',
  descriptors: 'features',
};
export const exportedOutputs = Object.keys(observables);

/** @throws UnsupportedError for an output, element or head that the model does not have */
export async function exportOnnxFile(input: string, output: string, options: ExportOnnxOptions): Promise<void> {
  const file = await openOutput(output, { name: 'ONNX', endings: ['.onnx'], isText: false });
  const whole = await loadModel(input, options);
  const model = options.head === undefined ? whole : selectHead(whole, options.head);
  const { config, weights, provenance } = model;
  const outputs = outputsIn(options.outputs);
  const wanted = new Set<Observable>(['atomEnergy', ...outputs.map((name) => observables[name])]);
  if (config.useEmbeddingReadout) wanted.add('embeddingEnergy');
  const species = options.elements === undefined ? undefined : rowsOf(model, namesIn(options.elements));
  const parameters = Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, data]));
  const plan = planValues(maceGraph(model), parameters, species ? { species } : {});
  const shift = config.model === 'ScaleShiftMACE' ? weights['scale_shift.shift']?.data : undefined;
  const bytes = exportOnnx(simplify(observablesGraph(plan.graph, [...wanted])), {
    parameters: plan.parameters,
    precision: options.precision,
    outputs,
    from: options.from,
    atomicNumbers: config.atomicNumbers,
    ...(species && { elements: species.map((row) => config.atomicNumbers[row]!) }),
    heads: config.heads,
    isolatedEnergies: weights['atomic_energies_fn.atomic_energies']!.data,
    ...(shift && { shift }),
    cutoff: config.cutoff,
    offsets: Object.fromEntries(config.embeddings.map(({ name, offset = 0 }) => [name, offset])),
    version,
    metadata: {
      source: basename(input),
      ...(provenance?.sha256 !== undefined && { source_sha256: provenance?.sha256 }),
      ...(provenance?.licence !== undefined && { licence: provenance?.licence }),
    },
  });
  await file.write(bytes);
  await file.close();
  printWritten(file.target, ` (${bytes.length} bytes)`);
}

function outputsIn(list: string): FileOutput[] {
  const names = namesIn(list);
  const unknown = names.find((name) => !exportedOutputs.includes(name));
  if (unknown !== undefined || names.length === 0)
    throw new UnsupportedError(
      'op',
      `--outputs: there is no output ${unknown ?? 'at all'}. Known: ${exportedOutputs.join(', ')}.`,
    );
  return names as FileOutput[];
}

/** Rows of the elements in the model, ascending. */
function rowsOf({ config }: MaceModel, elements: readonly string[]): number[] {
  const rows = elements.map((element) => {
    const row = config.atomicNumbers.indexOf(/^\d+$/.test(element) ? Number(element) : atomicNumber(element));
    if (row < 0)
      throw new UnsupportedError(
        'model',
        `--elements: the model does not know ${element}. It knows the atomic numbers ${config.atomicNumbers.join(', ')}.`,
      );
    return row;
  });
  return [...new Set(rows)].sort((a, b) => a - b);
}

function namesIn(list: string): string[] {
  return list.split(/[\s,]+/).filter((name) => name !== '');
}
