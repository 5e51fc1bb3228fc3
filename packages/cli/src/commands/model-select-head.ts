/** `mace model select-head`: one head of a model with several. */
import { selectHead as select } from '@mace/core/model';
import { readModelFile, writeModelFile } from '@mace/io/node';

export async function selectHead(input: string, output: string, head: string): Promise<void> {
  const bytes = await writeModelFile(output, select(await readModelFile(input), head));
  process.stdout.write(`wrote ${output} (${bytes} bytes) with head ${head}\n`);
}
