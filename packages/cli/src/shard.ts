/** A part of the structures, for several machines that share them. */
import { FormatError } from '@mace/core/errors';
import { complain, yellow } from './console.js';

/** Every so manyth structure, from one on. */
export interface Shard {
  /** From 0 on. */
  readonly part: number;
  readonly parts: number;
}

/** `2/8` is the second of eight. The parser of an option. @throws FormatError */
export function shardOf(text: string): Shard {
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const [i, n] = [Number(part), Number(parts)];
  if (Number.isSafeInteger(n) && i >= 1 && i <= n) return { part: i - 1, parts: n };
  throw new FormatError(
    `--shard ${JSON.stringify(text)}: expected which part of how many, such as 1/4 to 4/4; each takes every fourth structure.`,
  );
}

/** A job array may have more parts than there are structures: that is no error. */
export function noteEmptyShard({ part, parts }: Shard, files: readonly string[]): void {
  complain(
    `${yellow('note')}: no structure of ${files.join(', ')} is for --shard ${part + 1}/${parts}: there are fewer structures than parts. Nothing was written.\n`,
  );
}
