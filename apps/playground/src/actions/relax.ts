/** Relaxes what is shown. */
import { batch } from '@preact/signals';
import { isCrystal } from '../files/crystal.js';
import { movedTo, restingStructure } from '../files/edit-structure.js';
import * as state from '../state.js';
import { clearNotices, notice } from './notices.js';
import { showEndOfRun } from './show.js';
import { alone, asked, engine, follow, tell } from './tasks.js';

export function relax(): Promise<void> {
  return alone(relaxNow);
}

async function relaxNow(): Promise<void> {
  const named = state.shown.value;
  if (!named || !state.opened.value) return;
  clearNotices('run');
  state.path.value = [];
  state.trace.value = [];
  // Dynamics that brought the atoms here do not go on.
  state.frame.value = null;
  const settings = state.relaxSettings.value;
  // What was set for a crystal is not shown for a molecule, nor is a pressure where the cell stays.
  const cell = settings.cell && isCrystal(named.structure);
  const largest = (state.largestOfPath.value = cell ? 'largest force of atoms and cell' : 'largest force');
  const input = {
    ...settings,
    structure: restingStructure(named.structure),
    asked: asked(),
    fixed: state.fixed.value,
    cell,
    pressure: cell ? settings.pressure : 0,
  };
  const task = engine.begin('relax', input, (point) => {
    batch(() => {
      state.live.value = { positions: point.positions, cell: point.cell, forces: point.forces };
      state.path.value = [...state.path.value, ...point.path];
      const { largestForce } = point.path.at(-1)!;
      tell(`relaxing: step ${point.steps}, ${largest} ${largestForce.toFixed(3)} eV/Å`);
    });
  });
  const done = await follow('run', { kind: 'relax', text: 'relaxing', cancel: task.cancel }, task);
  const stopped = state.live.value;
  batch(() => {
    if (done) {
      state.path.value = [...state.path.value, ...done.path];
      showEndOfRun(named, done.structure);
      const change = (done.energy - done.initialEnergy).toFixed(4);
      notice(
        'run',
        'note',
        done.isConverged
          ? `Relaxed in ${done.steps} steps: ${change} eV, ${largest} ${done.fmax.toFixed(4)} eV/Å.`
          : `Not converged after ${done.steps} steps: the ${largest} is ${done.fmax.toFixed(4)} eV/Å. Run it again, or allow more steps.`,
      );
      if (cell && state.fixed.value.length > 0)
        notice('run', 'note', 'Fixed atoms have kept their places in the cell, and moved with it.');
    } else if (stopped) showEndOfRun(named, movedTo(named.structure, stopped));
  });
}
