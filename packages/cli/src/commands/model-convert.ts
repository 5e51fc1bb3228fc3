/** `mace model convert`: any model that we read, written in our own format. */
import { checkModelOutput, readModelFile, writeModelFile } from '@mace/io/node';
import { printWritten } from '../console.js';

export interface ConvertOptions {
  readonly like?: string;
  readonly licence?: string;
  readonly jsonCopy?: boolean;
}

export async function convertModel(input: string, output: string, options: ConvertOptions): Promise<void> {
  const written = { jsonCopy: options.jsonCopy === true };
  const target = await checkModelOutput(output, written);
  const like = options.like ? await readModelFile(options.like) : undefined;
  const model = await readModelFile(input, like ? { like } : {});
  const provenance = { ...model.provenance, ...(options.licence && { licence: options.licence }) };
  const bytes = await writeModelFile(output, { ...model, provenance }, written);
  printWritten(target, ` (${bytes} bytes)`);
}
