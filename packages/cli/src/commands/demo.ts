/** What `npm start` shows: the bundled model on the bundled structures, or on a file of the reader's; then the first one relaxed, and moving. */
import { createCalculator, type Calculator, type MaceModel } from '@mace/core';
import { chemicalFormula, type Structure } from '@mace/core/structure';
import { streamFrames } from '@mace/io/node';
import { dynamics, relax } from '@mace/sim';
import { defaultBackend } from '../backends/names.js';
import { backendNamed } from '../backends/index.js';
import { bundledStructures, loadModel } from '../inputs.js';
import { bold, dim, print } from '../console.js';
import { frameReport } from '../frame-text.js';

/** Atoms of a structure that is relaxed and moves within seconds. */
const mostMoving = 300;

export async function demo(file: string | undefined): Promise<void> {
  const model = await loadModel(undefined);
  const calculator = await createCalculator({ model, backend: await backendNamed(defaultBackend) });
  let first: Structure | undefined;
  try {
    print(`MACE for JavaScript: the bundled H, C, N, O model (GFN2-xTB), backend ${defaultBackend}, float64\n\n`);
    for (const path of file === undefined ? bundledStructures : [file]) {
      for await (const structure of streamFrames(path)) {
        first ??= structure;
        const started = performance.now();
        const result = await calculator.evaluate(structure);
        print(
          `${frameReport(structure, result)}\n${dim(`  computed in ${((performance.now() - started) / 1000).toFixed(2)} s`)}\n\n`,
        );
      }
    }
    if (first && first.numbers.length <= mostMoving) await move(model, calculator, first);
  } finally {
    await calculator.dispose();
  }
  print(
    [
      'Try next:',
      '  npm start -- your-molecule.xyz                          your own structure (H, C, N, O)',
      '  npm run mace -- eval file.xyz --model medium-mpa-0      a published model by name, downloaded once',
      '  npm run mace -- eval file.xyz --model your.model        a model trained with mace-torch',
      '  npm run mace -- md file.xyz --steps 1000                molecular dynamics into a folder, with pictures',
      '  npm run mace -- models list                             which models there are',
      '  npm run mace -- doctor                                  what this machine has',
      '  npm run mace -- eval --help                             everything else',
      '',
    ].join('\n'),
  );
}

/** Relaxes a structure, and lets what it has become move for a tenth of a picosecond. */
async function move(model: MaceModel, calculator: Calculator, structure: Structure): Promise<void> {
  let relaxed = structure;
  for await (const found of relax(calculator, [structure], { fmax: 0.1, steps: 200 })) {
    if ('error' in found) throw found.error;
    relaxed = found.structure;
    print(
      `${bold(chemicalFormula(structure))} relaxed in ${found.steps} steps: ${found.energy.toFixed(4)} eV, largest force ${found.fmax.toFixed(3)} eV/Å\n`,
    );
  }
  const fast = await createCalculator({
    model,
    backend: await backendNamed(defaultBackend),
    precision: 'f32',
    tables: true,
  });
  try {
    const options = { ensemble: 'nvt', temperature: 300, timestep: 0.5, steps: 200, logEvery: 50 } as const;
    print('and moving at 300 K (float32, tables):\n');
    for await (const frame of dynamics(fast, relaxed, options)) {
      if ('error' in frame) throw frame.error;
      const { time, energy, temperature } = frame;
      print(`  ${time.toFixed(0).padStart(4)} fs  ${energy.toFixed(4)} eV  ${temperature.toFixed(0).padStart(4)} K\n`);
    }
    print('\n');
  } finally {
    await fast.dispose();
  }
}
