/** What `mace eos --output FOLDER` writes: the points as CSV, the fits as JSON, a picture of each curve. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chemicalFormula } from '@mace/core/structure';
import { openOutput, type Output } from '@mace/io/node';
import { gigapascal, type StateEquation } from '@mace/sim';
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
  await points.write('index,volume [Å³],energy [eV],fit [eV]\n');
  let count = 0;
  const pictures: Output[] = [];
  return {
    add: async ({ index }, found, json) => {
      const { points: own, fit } = found;
      for (const { volume, energy } of own)
        await points.write(`${index},${volume},${energy},${fit.energyAt(volume)}\n`);
      const picture = await openOutput(join(folder, count === 0 ? 'eos.svg' : `eos-${index}.svg`));
      pictures.push(picture);
      await picture.write(await curveOf(found));
      await picture.close();
      await fits.write(`${count++ === 0 ? '[\n' : ',\n'}${escapedJson(json)}`);
    },
    close: async () => {
      await fits.write(count === 0 ? '[]\n' : '\n]\n');
      await points.close();
      await fits.close();
      return [points, fits, ...pictures].map(({ target }) => target.name);
    },
    abort: async () => {
      await points.abort();
      await fits.abort();
    },
  };
}

/** The points, and the curve through them a little beyond, as the text of an SVG file. */
async function curveOf({ structure, points, fit }: StateEquation): Promise<string> {
  const { equationOfStatePlot } = await import('./plots/result-plots.js');
  const own = points.map(({ volume }) => volume);
  const [least, most] = [Math.min(...own), Math.max(...own)];
  const volumes = Array.from({ length: 101 }, (_, i) => least + (most - least) * (i / 100));
  return equationOfStatePlot(
    chemicalFormula(structure),
    { volumes: own, energies: points.map(({ energy }) => energy) },
    { label: fit.equation, volumes, energies: volumes.map((volume) => fit.energyAt(volume)) },
    `V₀ ${fit.volume.toFixed(3)} Å³, B₀ ${(fit.bulkModulus / gigapascal).toFixed(2)} GPa, B₀′ ${fit.pressureDerivative.toFixed(2)}`,
  );
}
