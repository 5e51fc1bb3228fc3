/**
 * The float64 finish inside of a file, as the calculator does it: isolated-atom energies and shift are added, atoms are summed
 * per structure, virials become stress.
 */
import type { IndexMap, Shape } from '@mace/core/ir';
import { DataType } from '../model-builder.js';
import type { ExportOptions, FileOutput } from './options.js';
import type { FileContext } from './file-context.js';

/** An output of the graph, in its precision. */
interface GraphOutput {
  readonly tensor: string;
  readonly shape: Shape;
}

const graphMap: IndexMap = { name: 'graph', from: 'atoms', to: 'graphs' };

/** Adds the outputs of the file. */
export function finishFile(
  context: FileContext,
  outputs: Readonly<Record<string, GraphOutput>>,
  options: ExportOptions,
): void {
  const { model } = context;
  const { DOUBLE } = DataType;
  const add = (a: string, b: string): string => model.add('Add', [a, b]);
  const double = (name: string): string | undefined => outputs[name] && context.toDouble(outputs[name].tensor);

  const energies = add(add(double('atomEnergy')!, shifts(context, options)), isolated(context, options));
  const embedding = double('embeddingEnergy');
  const forces = double('forces');
  const virials = double('atomVirial');
  const { features } = outputs;
  const writers: Readonly<Record<FileOutput, (() => void) | undefined>> = {
    energy: () => {
      const energy = perStructure(context, embedding === undefined ? energies : add(energies, embedding), []);
      model.output('energy', energy, DOUBLE, ['graphs'], 'eV, energies of isolated atoms included');
    },
    energies: () => model.output('energies', energies, DOUBLE, ['atoms'], 'eV, share of each atom'),
    forces: forces === undefined ? undefined : () => model.output('forces', forces, DOUBLE, ['atoms', 3], 'eV/Å'),
    stress:
      virials === undefined
        ? undefined
        : () =>
            model.output(
              'stress',
              stress(context, perStructure(context, virials, [9])),
              DOUBLE,
              ['graphs', 3, 3],
              'eV/Å³, positive under tension; not a number where the cell has no volume',
            ),
    descriptors:
      features &&
      (() =>
        model.output('descriptors', features.tensor, context.real, features.shape, 'node features, layer after layer')),
  };
  for (const [name, write] of Object.entries(writers))
    if (!options.outputs || options.outputs.includes(name as FileOutput)) write?.();
}

/** double [atoms] or [1] */
function shifts(context: FileContext, { shift = [0] }: ExportOptions): string {
  const { model } = context;
  const table = model.reals(DataType.DOUBLE, shift, [shift.length]);
  return shift.length > 1 ? model.add('Gather', [table, atomHeads(context)], { axis: 0 }) : table;
}

/** double [atoms]; reading it fails for an element that is not there. */
function isolated(context: FileContext, { isolatedEnergies, atomicNumbers }: ExportOptions): string {
  const { model } = context;
  const heads = isolatedEnergies.length / atomicNumbers.length;
  const species = context.species();
  if (heads === 1)
    return model.add('Gather', [model.reals(DataType.DOUBLE, isolatedEnergies, [atomicNumbers.length]), species], {
      axis: 0,
    });
  const table = model.reals(DataType.DOUBLE, isolatedEnergies, [heads, atomicNumbers.length]);
  const column = (name: string): string => model.add('Unsqueeze', [name, model.integers([1])]);
  const places = model.add('Concat', [column(atomHeads(context)), column(species)], { axis: 1 });
  return model.add('GatherND', [table, places]);
}

/** int64 [atoms] */
function atomHeads(context: FileContext): string {
  return context.model.once('head of each atom', () =>
    context.model.add('Gather', [context.head(), 'batch'], { axis: 0 }),
  );
}

/** Σ over the atoms of each structure of double [atoms, …rest]. */
function perStructure(context: FileContext, values: string, rest: readonly number[]): string {
  const { model } = context;
  const zeros = model.reals(DataType.DOUBLE, new Float64Array(rest.reduce((a, b) => a * b, 1)), [1, ...rest]);
  const longer = model.add('Concat', [values, zeros], { axis: 0 });
  const beside = model.add('Gather', [longer, context.mapRows(graphMap)], { axis: 0 });
  return model.add('ReduceSum', [beside, model.integers([1])], { keepdims: 0 });
}

/** −virial / volume, double [graphs 3 3]. */
function stress({ model }: FileContext, virial: string): string {
  const vector = (row: number): string => model.add('Gather', ['cell', model.integer(row)], { axis: 1 });
  const turned = (name: string, order: readonly number[]): string =>
    model.add('Gather', [name, model.integers(order)], { axis: 1 });
  const [a, b, c] = [vector(0), vector(1), vector(2)];
  const [forth, back] = [
    [1, 2, 0],
    [2, 0, 1],
  ] as const;
  const cross = model.add('Sub', [
    model.add('Mul', [turned(b, forth), turned(c, back)]),
    model.add('Mul', [turned(b, back), turned(c, forth)]),
  ]);
  const signed = model.add('ReduceSum', [model.add('Mul', [a, cross]), model.integers([1])], { keepdims: 1 });
  const volume = model.add('Abs', [signed]);
  const number = (value: number): string => model.reals(DataType.DOUBLE, [value], [1, 1]);
  const known = model.add('Less', [number(0), volume]);
  const perVolume = model.add('Div', [model.add('Neg', [virial]), volume]);
  const values = model.add('Where', [known, perVolume, number(NaN)]);
  return model.add('Reshape', [values, model.integers([-1, 3, 3])]);
}
