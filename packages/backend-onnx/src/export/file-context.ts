/**
 * Where the graph of a file gets sizes, index maps and edge vectors: all are computed inside of the file from its inputs.
 */
import { UnsupportedError } from '@mace/core/errors';
import type { RealArray } from '@mace/core/backend';
import type { Dim, Graph, IndexMap, MapDerivation, Shape } from '@mace/core/ir';
import type { Context } from '../context.js';
import { DataType, type ModelBuilder, type RealType } from '../model-builder.js';
import type { ExportOptions } from './options.js';
import { rowsBeside } from './rows-beside.js';

/** An index that no tensor has, so that reading with it fails. */
const nowhere = 2 ** 31 - 1;
/** One more than the largest atomic number. */
const atomicNumberCount = 119;

export class FileContext implements Context {
  /** The file runs on any provider and any number of threads, which give what bits they like. */
  readonly sameBits = false;
  readonly shaders: boolean;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #parameters: Readonly<Record<string, RealArray>>;

  constructor(
    readonly model: ModelBuilder,
    readonly real: RealType,
    graph: Graph,
    readonly options: ExportOptions,
  ) {
    this.#shapes = new Map(
      [...graph.inputs, ...graph.parameters].map(({ op, attributes, type }) => [
        `${op} ${attributes.name}`,
        type.shape,
      ]),
    );
    this.#parameters = options.parameters;
    // No shader has float64.
    this.shaders = real === DataType.FLOAT;
  }

  get #fromPositions(): boolean {
    return (this.options.from ?? 'positions') === 'positions';
  }

  /** Inputs that every file has, in the order in which they are listed. */
  declareInputs(withStress: boolean): void {
    const { model } = this;
    const declare = (name: string, type: RealType | DataType.INT64, shape: Shape, text: string): void => {
      model.once(`input ${name}`, () => model.input(name, type, shape, text));
    };
    if (this.#fromPositions) declare('positions', DataType.DOUBLE, ['atoms', 3], 'Å');
    declare('atomic_numbers', DataType.INT64, ['atoms'], 'one of the elements in the metadata; any other number fails');
    declare(
      'edge_index',
      DataType.INT64,
      [2, 'edges'],
      'both directions of each pair within the cutoff; row 0: atom that sends, row 1: atom that receives',
    );
    if (this.#fromPositions)
      declare(
        'cell_shifts',
        DataType.INT64,
        ['edges', 3],
        'whole cells added to the receiver: vector = position[receiver] − position[sender] + cell_shifts · cell',
      );
    else declare('edge_vectors', DataType.DOUBLE, ['edges', 3], 'Å, from sender to receiver');
    if (this.#fromPositions || withStress)
      declare('cell', DataType.DOUBLE, ['graphs', 3, 3], 'Å, rows are cell vectors; zeros for a molecule');
    declare('batch', DataType.INT64, ['atoms'], 'structure of each atom, from 0');
  }

  /** Whether the file has an input of this name. */
  has(name: string): boolean {
    return this.model.known(`input ${name}`);
  }

  rowsOf(dim: Dim): string {
    const { model } = this;
    if (typeof dim === 'number') return model.integers([dim]);
    return model.once(`rows of ${dim}`, () => {
      switch (dim) {
        case 'atoms':
          return model.add('Shape', ['atomic_numbers']);
        case 'edges':
          return model.add('Shape', ['edge_index'], { start: 1 });
        case 'graphs': {
          if (this.has('cell')) return model.add('Shape', ['cell'], { start: 0, end: 1 });
          const ids = model.add('Concat', ['batch', model.integers([-1])], { axis: 0 });
          const last = model.add('ReduceMax', [ids, model.integers([0])], { keepdims: 1 });
          return model.add('Add', [last, model.integers([1])]);
        }
      }
    });
  }

  mapValues(map: IndexMap): string {
    return this.model.once(`map ${map.name}`, () =>
      map.derivation ? this.#derived(map.name, map.derivation) : this.#given(map),
    );
  }

  mapRows(map: IndexMap): string {
    return this.model.once(`rows ${map.name}`, () =>
      rowsBeside(this.model, this.mapValues(map), this.rowsOf(map.from), this.rowsOf(map.to)),
    );
  }

  input(name: string): string {
    return this.model.once(`value ${name}`, () => {
      if (name === 'edgeVectors') return this.toReal(this.edgeVectors());
      const shape = this.#shapes.get(`input ${name}`)!;
      return this.toReal(this.model.input(name, DataType.DOUBLE, shape));
    });
  }

  parameter(name: string): string {
    const values = this.#parameters[name];
    if (!values) throw new UnsupportedError('model', `export: parameter ${name} of the graph is missing.`);
    return this.model.reals(this.real, values, this.#shapes.get(`parameter ${name}`) as readonly number[]);
  }

  /** Å, double [edges 3]. */
  edgeVectors(): string {
    const { model } = this;
    if (!this.#fromPositions) return 'edge_vectors';
    return model.once('edge vectors', () => {
      const row = (of: string, map: string): string => model.add('Gather', [of, map], { axis: 0 });
      const [sender, receiver] = [this.#edgeRow(0), this.#edgeRow(1)];
      const between = model.add('Sub', [row('positions', receiver), row('positions', sender)]);
      const shifts = model.add('Cast', ['cell_shifts'], { to: DataType.DOUBLE });
      const cells = row('cell', row('batch', sender));
      const shifted = model.add('Mul', [model.add('Unsqueeze', [shifts, model.integers([2])]), cells]);
      const shift = model.add('ReduceSum', [shifted, model.integers([1])], { keepdims: 0 });
      return model.add('Add', [between, shift]);
    });
  }

  /** A double tensor in the precision of the graph. */
  toReal(name: string): string {
    return this.real === DataType.DOUBLE ? name : this.model.add('Cast', [name], { to: this.real });
  }

  toDouble(name: string): string {
    return this.real === DataType.DOUBLE ? name : this.model.add('Cast', [name], { to: DataType.DOUBLE });
  }

  /** int64 [atoms]: position in `atomicNumbers`; nowhere for an element that is not there. */
  species(): string {
    const { model } = this;
    const { atomicNumbers, elements = atomicNumbers } = this.options;
    return model.once('species', () => {
      const positions = new Array<number>(atomicNumberCount).fill(nowhere);
      atomicNumbers.forEach((z, i) => {
        if (elements.includes(z)) positions[z] = i;
      });
      return model.add('Gather', [model.integers(positions), 'atomic_numbers'], { axis: 0 });
    });
  }

  /** int64 [graphs], if the graph or the energies depend on it. */
  head(): string {
    return this.model.once('input head', () =>
      this.model.input('head', DataType.INT64, ['graphs'], `head of each structure: ${numbered(this.options.heads)}`),
    );
  }

  #given({ name, from }: IndexMap): string {
    const { model } = this;
    switch (name) {
      case 'sender':
        return this.#edgeRow(0);
      case 'receiver':
        return this.#edgeRow(1);
      case 'species':
        return this.species();
      case 'graph':
        return 'batch';
      case 'head':
        return this.head();
      default: {
        const values = model.input(name, DataType.INT64, [from]);
        const offset = this.options.offsets?.[name] ?? 0;
        return offset === 0 ? values : model.add('Add', [values, model.integers([offset])]);
      }
    }
  }

  #derived(name: string, derivation: MapDerivation): string {
    const { model } = this;
    const first = this.mapValues(derivation.first);
    switch (derivation.kind) {
      case 'compose':
        return model.add('Gather', [this.mapValues(derivation.second), first], { axis: 0 });
      case 'pair': {
        const width = this.rowsOf(derivation.second.to);
        return model.add('Add', [model.add('Mul', [first, width]), this.mapValues(derivation.second)]);
      }
      case 'select': {
        const { to } = derivation.first;
        if (typeof to !== 'number')
          throw new UnsupportedError('model', `export: index map ${name} keeps some of ${to}, a size of the run.`);
        const positions = new Array<number>(to).fill(nowhere);
        derivation.keep.forEach((row, position) => (positions[row] = position));
        return model.add('Gather', [model.integers(positions), first], { axis: 0 });
      }
    }
  }

  #edgeRow(row: 0 | 1): string {
    const { model } = this;
    return model.once(`edge row ${row}`, () => model.add('Gather', ['edge_index', model.integer(row)], { axis: 0 }));
  }
}

function numbered(names: readonly string[]): string {
  return names.map((name, i) => `${i} ${name}`).join(', ');
}
