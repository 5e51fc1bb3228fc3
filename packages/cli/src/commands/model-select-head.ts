/** `mace model select-head`: one head of a model with several. */
import { selectHead as select } from '@mace/core/model';
import { checkModelOutput, writeModelFile } from '@mace/io/node';
import { loadModel, type ToldOptions } from '../inputs.js';
import { printWritten } from '../console.js';

export interface SelectHeadOptions extends ToldOptions {
  readonly head: string;
}

export async function selectHead(input: string, output: string, options: SelectHeadOptions): Promise<void> {
  const target = await checkModelOutput(output);
  const bytes = await writeModelFile(output, select(await loadModel(input, options), options.head));
  printWritten(target, ` (${bytes} bytes) with head ${options.head}`);
}
