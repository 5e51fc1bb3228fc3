/** What tells the structures of a run from others. */
import type { StructureGroup } from './groups.js';

/** SHA-256 of all that the input says of them, as lower-case hexadecimal digits. */
export async function inputHash({ structures }: StructureGroup): Promise<string> {
  const text = JSON.stringify(structures, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value,
  );
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
