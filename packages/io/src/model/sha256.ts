/** SHA-256 through WebCrypto, which Node and browsers share. */
import { UnsupportedError } from '@mace/core/errors';

/** Lower-case hexadecimal digest of the bytes. @throws UnsupportedError in a page whose address is not secure */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new UnsupportedError(
      'model',
      'browsers compute no checksums for pages whose address is not secure. Open this page by https, or as http://localhost.',
    );
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
