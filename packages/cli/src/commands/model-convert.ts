/** `mace model convert`: any model that we read, written in our own format. */
import { readModelFile, writeModelFile } from '@mace/io/node';

export interface ConvertOptions {
  readonly like?: string;
  readonly licence?: string;
  readonly jsonCopy?: boolean;
}

export async function convertModel(input: string, output: string, options: ConvertOptions): Promise<void> {
  const like = options.like ? await readModelFile(options.like) : undefined;
  const model = await readModelFile(input, like ? { like } : {});
  const provenance = { ...model.provenance, ...(options.licence && { licence: options.licence }) };
  const bytes = await writeModelFile(output, { ...model, provenance }, { jsonCopy: options.jsonCopy === true });
  process.stdout.write(`wrote ${output} (${bytes} bytes)\n`);
}
