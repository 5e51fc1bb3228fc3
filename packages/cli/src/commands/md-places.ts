/** Which structure of which file went into which folder of `mace md`, and what became of it: `structures.csv`. */
import type { Storage } from '@mace/io';
import type { Shard } from '../shard.js';

/** Of one structure of the input. */
export interface MdPlace {
  readonly file: string;
  /** In the file, from 0 on; null of what could not be read. */
  readonly frame: number | null;
}

export interface MdEntry extends MdPlace {
  /** In the input, from 0 on. */
  readonly index: number;
  /** With `/`, or nothing where files stand in the folder of the run itself. */
  readonly folder: string;
  readonly formula: string;
  /** Why it goes no farther. */
  readonly stopped: string | null;
}

export async function writePlaces(storage: Storage, entries: readonly MdEntry[], shard?: Shard): Promise<void> {
  const rows = entries.map(({ index, folder, file, frame, formula, stopped }) =>
    [index, folder, file, frame ?? '', formula, stopped === null ? 'finished' : 'stopped', stopped ?? '']
      .map((value) => quoted(String(value)))
      .join(','),
  );
  const part = shard ? `-${shard.part + 1}-of-${shard.parts}` : '';
  const text = `${['index,folder,file,frame,formula,outcome,reason', ...rows].join('\n')}\n`;
  await storage.replace(`structures${part}.csv`, new TextEncoder().encode(text));
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
