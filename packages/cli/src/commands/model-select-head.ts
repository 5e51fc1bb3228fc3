/** `mace model select-head`: one head of a model with several. */
import { selectHead as select } from '@mace/core/model';
import { writeModelFile } from '@mace/io/node';
import { loadModel, type ToldOptions } from '../bundled.js';

export interface SelectHeadOptions extends ToldOptions {
  readonly head: string;
}

export async function selectHead(input: string, output: string, options: SelectHeadOptions): Promise<void> {
  const bytes = await writeModelFile(output, select(await loadModel(input, options), options.head));
  process.stdout.write(`wrote ${output} (${bytes} bytes) with head ${options.head}\n`);
}
