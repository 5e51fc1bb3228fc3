/** What `mace eos --output FOLDER` writes: the points as CSV, the fits as JSON, a picture of each curve. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openOutput, type Output } from '@mace/io/node';
import type { StateEquation } from '@mace/sim';
import { escapedJson } from './console.js';
import type { Place } from './structure-stream.js';

export interface EquationFiles {
  add(place: Place, found: StateEquation, json: unknown): Promise<void>;
  /** Puts the files in their places. Returns their names. */
  close(): Promise<string[]>;
  abort(): Promise<void>;
}

/** @throws FormatError for a folder that cannot be written to, before anything is computed */
export async function openEquationFiles(folder: string): Promise<EquationFiles> {
  await mkdir(folder, { recursive: true });
  const [points, fits] = (await Promise.all(['eos.csv', 'eos.json'].map((name) => openOutput(join(folder, name))))) as [
    Output,
    Output,
  ];
  await points.write('index,volume (Å³),energy (eV),fit (eV)\n');
  let count = 0;
  return {
    add: async ({ index }, { points: own, fit }, json) => {
      for (const { volume, energy } of own)
        await points.write(`${index},${volume},${energy},${fit.energyAt(volume)}\n`);
      await fits.write(`${count++ === 0 ? '[\n' : ',\n'}${escapedJson(json)}`);
    },
    close: async () => {
      await fits.write(count === 0 ? '[]\n' : '\n]\n');
      await points.close();
      await fits.close();
      return [points.target.name, fits.target.name];
    },
    abort: async () => {
      await points.abort();
      await fits.abort();
    },
  };
}
