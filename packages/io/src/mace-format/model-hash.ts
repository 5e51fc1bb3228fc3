/** What tells one model from another, whichever file it came from. */
import type { MaceModel } from '@mace/core';
import { sha256 } from '../model/sha256.js';

/** SHA-256 of the configuration and of all weights, by name, as lower-case hexadecimal digits. */
export async function modelHash({ config, weights }: MaceModel): Promise<string> {
  const lines = [JSON.stringify(config)];
  for (const name of Object.keys(weights).sort()) {
    const { shape, data } = weights[name]!;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    lines.push(`${name} ${data.constructor.name} ${shape.join('x')} ${await sha256(bytes)}`);
  }
  return sha256(new TextEncoder().encode(lines.join('\n')));
}
