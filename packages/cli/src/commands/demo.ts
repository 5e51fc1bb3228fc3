/** What `npm start` shows: the bundled model on the bundled structures, or on a file of the reader's. */
import { createCalculator } from '@mace/core';
import { streamFrames } from '@mace/io/node';
import { defaultBackend } from '../backends/names.js';
import { backendNamed } from '../backends/index.js';
import { bundledStructures, loadModel } from '../inputs.js';
import { dim, print } from '../console.js';
import { frameReport } from '../frame-text.js';

export async function demo(file: string | undefined): Promise<void> {
  const model = await loadModel(undefined);
  const calculator = await createCalculator({ model, backend: await backendNamed(defaultBackend) });
  try {
    print(`MACE for JavaScript: the bundled H, C, N, O model (GFN2-xTB), backend ${defaultBackend}, float64\n\n`);
    for (const path of file === undefined ? bundledStructures : [file]) {
      for await (const structure of streamFrames(path)) {
        const started = performance.now();
        const result = await calculator.evaluate(structure);
        print(
          `${frameReport(structure, result)}\n${dim(`  computed in ${((performance.now() - started) / 1000).toFixed(2)} s`)}\n\n`,
        );
      }
    }
  } finally {
    await calculator.dispose();
  }
  print(
    [
      'Try next:',
      '  npm start -- your-molecule.xyz                          your own structure (H, C, N, O)',
      '  npm run mace -- eval file.xyz --model medium-mpa-0      a published model by name, downloaded once',
      '  npm run mace -- eval file.xyz --model your.model        a model trained with mace-torch',
      '  npm run mace -- models list                             which models there are',
      '  npm run mace -- doctor                                  what this machine has',
      '  npm run mace -- eval --help                             everything else',
      '',
    ].join('\n'),
  );
}
