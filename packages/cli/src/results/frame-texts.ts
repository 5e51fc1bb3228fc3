/** The frames of an extended XYZ file as they stand there, up to where it was torn. */
import { createReadStream, existsSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { FormatError } from '@mace/core/errors';

/**
 * One whole frame after the other; what breaks off, or goes on with something else, ends them. No file has none.
 * @throws FormatError for a file that begins with something else
 */
export async function* frameTexts(path: string): AsyncGenerator<Buffer, void, undefined> {
  if (!existsSync(path)) return;
  const bytes = createReadStream(path, { highWaterMark: 1 << 18 });
  let isFirst = true;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of /\.gz$/i.test(path) ? bytes.pipe(createGunzip()) : bytes) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (;;) {
      const length = frameLength(rest);
      if (length === null) break;
      if (length < 0 && isFirst)
        throw new FormatError(
          `${path}: --resume: this is no file of results in extended XYZ, and stays as it is. Give --output another name.`,
        );
      if (length < 0) return;
      isFirst = false;
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
}

const lineEnd = 10;

/** Bytes of the first frame; null where it goes on behind what is there, -1 where there is none. */
function frameLength(bytes: Buffer): number | null {
  let end = bytes.indexOf(lineEnd);
  if (end < 0) return null;
  const first = bytes.toString('latin1', 0, end);
  if (!/^\d+$/.test(first)) return -1;
  for (let line = Number(first) + 1; line > 0; line--) {
    end = bytes.indexOf(lineEnd, end + 1);
    if (end < 0) return null;
  }
  return end + 1;
}
