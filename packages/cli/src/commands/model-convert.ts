/** `mace model convert`: any model that we read, written in our own format. */
import { checkModelOutput, writeModelFile } from '@mace/io/node';
import { loadModel, type ToldOptions } from '../inputs.js';
import { printWritten } from '../console.js';

export interface ConvertOptions extends ToldOptions {
  readonly licence?: string;
  readonly jsonCopy?: boolean;
}

export async function convertModel(input: string, output: string, options: ConvertOptions): Promise<void> {
  const written = { jsonCopy: options.jsonCopy === true };
  const target = await checkModelOutput(output, written);
  const model = await loadModel(input, options);
  const provenance = { ...model.provenance, ...(options.licence && { licence: options.licence }) };
  const bytes = await writeModelFile(output, { ...model, provenance }, written);
  printWritten(target, ` (${bytes} bytes)`);
}
