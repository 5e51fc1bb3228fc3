/** `mace model print`: the graph of a model at a stage, as text. */
import { planValues } from '@mace/core/planner';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { legalize, print, simplify, isPrimitive, type Graph } from '@mace/core/ir';
import type { MaceModel } from '@mace/core';
import { loadModel } from '../bundled.js';

export const stages = ['model', 'gradient', 'plan', 'legal'] as const;

export async function printModel(
  file: string | undefined,
  options: { stage: (typeof stages)[number]; scope?: string; full?: boolean },
): Promise<void> {
  const graph = stageGraph(await loadModel(file), options.stage);
  process.stdout.write(
    `${print(graph, { tables: options.full ? 'full' : 'short', ...(options.scope && { scope: options.scope }) })}\n`,
  );
}

/** `model`: the energy. `gradient`: energy, forces and virial. `plan`: those, planned. `legal`: in primitive ops only. */
function stageGraph(model: MaceModel, stage: (typeof stages)[number]): Graph {
  const energy = simplify(maceGraph(model));
  if (stage === 'model') return energy;
  const observables = ['atomEnergy', 'forces', 'atomVirial'] as const;
  if (stage === 'gradient') return simplify(observablesGraph(energy, observables));
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  const planned = simplify(observablesGraph(planValues(energy, parameters).graph, observables));
  return stage === 'plan' ? planned : legalize(planned, isPrimitive);
}
