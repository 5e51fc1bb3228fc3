/** Writing this project's own model files. */
import type { MaceModel } from '@mace/core';
import { writeModelBytes } from '../model/index.js';
import { writeFileAtomically } from './files.js';

/**
 * Writes a model; with `jsonCopy` also its metadata as `PATH.json`. Returns the number of bytes.
 * @throws FormatError for a model that the reader would refuse, or a folder that cannot be written
 */
export async function writeModelFile(
  path: string,
  model: MaceModel,
  options: { readonly jsonCopy?: boolean } = {},
): Promise<number> {
  const bytes = writeModelBytes(model);
  await writeFileAtomically(path, bytes);
  if (options.jsonCopy) {
    const metadata = { config: model.config, provenance: model.provenance ?? {} };
    await writeFileAtomically(`${path}.json`, new TextEncoder().encode(`${JSON.stringify(metadata, null, 2)}\n`));
  }
  return bytes.length;
}
