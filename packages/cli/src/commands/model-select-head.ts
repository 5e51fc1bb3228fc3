/** `mace model select-head`: one head of a model with several. */
import { selectHead as select } from '@mace/core/model';
import { checkModelOutput, readModelFile, writeModelFile } from '@mace/io/node';
import { printWritten } from '../console.js';

export async function selectHead(input: string, output: string, head: string): Promise<void> {
  const target = await checkModelOutput(output);
  const bytes = await writeModelFile(output, select(await readModelFile(input), head));
  printWritten(target, ` (${bytes} bytes) with head ${head}`);
}
