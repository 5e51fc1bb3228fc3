/** `mace model convert`: any model that we read, written in our own format. */
import { writeModelFile } from '@mace/io/node';
import { loadModel, type ToldOptions } from '../bundled.js';

export interface ConvertOptions extends ToldOptions {
  readonly licence?: string;
  readonly jsonCopy?: boolean;
}

export async function convertModel(input: string, output: string, options: ConvertOptions): Promise<void> {
  const model = await loadModel(input, options);
  const provenance = { ...model.provenance, ...(options.licence && { licence: options.licence }) };
  const bytes = await writeModelFile(output, { ...model, provenance }, { jsonCopy: options.jsonCopy === true });
  process.stdout.write(`wrote ${output} (${bytes} bytes)\n`);
}
