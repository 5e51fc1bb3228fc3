/** Writing this project's own model files. */
import type { MaceModel } from '@mace/core';
import { writeModelBytes } from '../mace-format/index.js';
import { openOutput, type Output } from './output/output.js';
import { checkOutput, type OutputTarget } from './output/target.js';

export interface WriteModelOptions {
  /** Also writes the metadata as `NAME.json`. */
  readonly jsonCopy?: boolean;
}

const ownFormat = { name: 'our own model format', endings: ['.safetensors'], isText: false };

/** What would stop `writeModelFile` whatever the model, found before one is made. @throws FormatError */
export async function checkModelOutput(name: string, { jsonCopy }: WriteModelOptions = {}): Promise<OutputTarget> {
  const target = await checkOutput(name, ownFormat);
  if (jsonCopy) await checkOutput(`${name}.json`);
  return target;
}

/**
 * Writes a model; `-` is standard output. Returns the number of bytes.
 * @throws FormatError for a model that the reader would refuse, or a target that cannot be written
 */
export async function writeModelFile(name: string, model: MaceModel, options: WriteModelOptions = {}): Promise<number> {
  const bytes = writeModelBytes(model);
  const outputs: [Output, Uint8Array][] = [[await openOutput(name, ownFormat), bytes]];
  if (options.jsonCopy) {
    const metadata = { config: model.config, provenance: model.provenance ?? {} };
    const text = new TextEncoder().encode(`${JSON.stringify(metadata, null, 2)}\n`);
    outputs.unshift([await openOutput(`${name}.json`), text]);
  }
  try {
    // Neither takes its place before both are on the disk.
    for (const [output, content] of outputs) await output.write(content);
    for (const [output] of outputs) await output.close();
  } catch (error) {
    for (const [output] of outputs) await output.abort();
    throw error;
  }
  return bytes.length;
}
