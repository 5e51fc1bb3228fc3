/** `mace model print`: the graph of a model at a stage, as text. */
import { planValues, tableGate, type ValuePlan } from '@mace/core/planner';
import { maceGraph, observablesGraph } from '@mace/core/model';
import { legalize, print as graphText, simplify, isPrimitive, type Graph } from '@mace/core/ir';
import type { MaceModel } from '@mace/core';
import { loadModel, type ToldOptions } from '../inputs.js';
import { print } from '../console.js';
import type { stages } from '../stages.js';

export interface PrintModelOptions extends ToldOptions {
  readonly stage: (typeof stages)[number];
  readonly precision: 'f64' | 'f32';
  /** The plan without tables. */
  readonly exact?: boolean;
  readonly scope?: string;
  readonly full?: boolean;
}

export async function printModel(file: string | undefined, options: PrintModelOptions): Promise<void> {
  const { graph, heading } = stageGraph(await loadModel(file, options), options);
  if (options.stage === 'wgsl') {
    const { printKernels } = await import('@mace/backend-webgpu');
    print(printKernels(graph, options.scope));
    return;
  }
  const text = graphText(graph, {
    tables: options.full ? 'full' : 'short',
    ...(options.scope && { scope: options.scope }),
  });
  // What is printed in full or in part has the syntax of a graph, and nothing else.
  const shown = options.full || options.scope ? [text] : [...heading, text];
  print(`${shown.join('\n')}\n`);
}

/** `model`: the energy. `gradient`: energy, forces and virial. `plan`: those, planned. `legal`: in primitive ops only. `wgsl`: what `plan` is. */
function stageGraph(model: MaceModel, options: PrintModelOptions): { graph: Graph; heading: readonly string[] } {
  const energy = simplify(maceGraph(model));
  if (options.stage === 'model') return { graph: energy, heading: [] };
  const observables = ['atomEnergy', 'forces', 'atomVirial'] as const;
  if (options.stage === 'gradient') return { graph: simplify(observablesGraph(energy, observables)), heading: [] };
  const parameters = Object.fromEntries(Object.entries(model.weights).map(([name, { data }]) => [name, data]));
  // Primitive ops have no tables.
  const exact = options.exact === true || options.stage === 'legal';
  const gate = exact ? null : tableGate(options.precision, model.config.cutoff);
  const plan = planValues(energy, parameters, {}, gate);
  const planned = simplify(observablesGraph(plan.graph, observables));
  if (options.stage === 'legal') return { graph: legalize(planned, isPrimitive), heading: [] };
  return { graph: planned, heading: gate ? tableHeading(plan, gate.range, options.precision) : exactHeading };
}

const exactHeading = ['Functions of distance are computed exactly.', ''];

function tableHeading(
  { tables, refusal }: Pick<ValuePlan, 'tables' | 'refusal'>,
  [from, to]: readonly [number, number],
  precision: string,
): string[] {
  if (refusal !== null) return [`No tables within the gate of ${precision} for all elements at once: ${refusal}.`, ''];
  if (tables.length === 0)
    return [`No function of distance fits a table within the gate of ${precision}: all are computed exactly.`, ''];
  const lines = tables.map(
    ({ scope, functions, groups, intervals, degree, valueError, slopeError }) =>
      `  ${scope}: ${functions} function${functions === 1 ? '' : 's'}${groups > 1 ? ` for each of ${groups} groups of edges` : ''}, ${groups > 1 ? 'up to ' : ''}${intervals} intervals, polynomials of degree ${degree}, largest error ${valueError.toExponential(1)} of the values, ${slopeError.toExponential(1)} of the slopes`,
  );
  return [`Tables of functions of distance, ${from} to ${to} Å, within the gate of ${precision}:`, ...lines, ''];
}
