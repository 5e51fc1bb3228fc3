/**
 * The readouts: features of a layer to an energy per atom, for the head of each atom (spec 6.1).
 *
 * Upstream computes every head and masks; here only the column, or block, of the atom's head is computed.
 */
import type { Node } from '../ir/index.js';
import { normalizedActivation } from './activation.js';
import type { ModelContext } from './context.js';
import { scalarsOf, type Features } from './features.js';
import { readoutWidth, type ReadoutConfig } from './layers.js';

/** ε of one readout [atoms], before scale and shift. */
export function readout(context: ModelContext, config: ReadoutConfig, x: Features): Node {
  const { build } = context;
  const name = `readouts.${config.index}`;
  return build.scoped(`readout[${config.index}]`, () => {
    // A last layer that begins with another irrep has no scalars to read: upstream's linear maps give zero then.
    const scalars = x.some(({ irrep }) => irrep.l === 0 && irrep.p === 1) ? scalarsOf(build, x) : null;
    if (config.readout !== 'LinearReadoutBlock')
      return nonLinearReadout(context, name, scalars, config.readout === 'NonLinearBiasReadoutBlock');
    return scalars
      ? linearReadout(context, `${name}.linear`, scalars)
      : build.broadcast(build.constant([0], [1]), ['atoms']);
  });
}

/** Σ_c x_c W[c, h]/√C. @param x - [atoms, channels] @returns [atoms] */
export function linearReadout(context: ModelContext, name: string, x: Node): Node {
  const { build, heads } = context;
  const channels = x.type.shape[1] as number;
  const weight = build.reshape(context.parameter(`${name}.weight`, [channels * heads]), [channels, heads]);
  return column(context, x, headBlocks(context, weight, channels, 1, 'columns', channels));
}

function nonLinearReadout(context: ModelContext, name: string, x: Node | null, biased: boolean): Node {
  const { build, config, heads } = context;
  const width = readoutWidth(config);
  const all = heads * width;
  const matrix = (layer: string, rows: number, columns: number): Node =>
    build.reshape(context.parameter(`${name}.${layer}.weight`, [rows * columns]), [rows, columns]);
  const bias = (layer: string, columns: number, per: number): Node => {
    const values = build.reshape(context.parameter(`${name}.${layer}.bias`, [columns]), [heads, per]);
    return build.gather(values, context.maps.atomHead);
  };
  const activated = (h: Node): Node => normalizedActivation(context, config.gate, h);
  const first = (input: Node, channels: number): Node =>
    byHead(
      context,
      input,
      headBlocks(context, matrix('linear_1', channels, all), channels, width, 'columns', channels),
    );
  let h = activated(
    x ? first(x, x.type.shape[1] as number) : build.broadcast(build.constant([0], [1, 1]), ['atoms', width]),
  );
  if (biased) {
    const mid = byHead(context, h, headBlocks(context, matrix('linear_mid', all, all), width, width, 'diagonal', all));
    h = activated(build.add(mid, bias('linear_mid', all, width)));
  }
  const out = byHead(context, h, headBlocks(context, matrix('linear_2', all, heads), width, 1, 'diagonal', all));
  const energy = biased ? build.add(out, bias('linear_2', heads, 1)) : out;
  return build.reshape(energy, ['atoms']);
}

/** The block of each head as [heads, rows, columns] / √fanIn: a range of columns, or a block on the diagonal. */
function headBlocks(
  context: ModelContext,
  matrix: Node,
  rows: number,
  columns: number,
  where: 'columns' | 'diagonal',
  fanIn: number,
): Node {
  const { build, heads } = context;
  const blocks = Array.from({ length: heads }, (_, h) => {
    const cut = where === 'diagonal' ? build.slice(matrix, 0, h * rows, (h + 1) * rows) : matrix;
    return build.reshape(build.slice(cut, 1, h * columns, (h + 1) * columns), [1, rows, columns]);
  });
  return build.scale(build.concat(blocks, 0), 1 / Math.sqrt(fanIn));
}

function byHead(context: ModelContext, x: Node, blocks: Node): Node {
  const { build, heads, maps } = context;
  if (heads > 1) return build.matmul(x, blocks, 'nn', maps.atomHead);
  return build.matmul(x, build.reshape(blocks, blocks.type.shape.slice(1)));
}

function column(context: ModelContext, x: Node, blocks: Node): Node {
  return context.build.reshape(byHead(context, x, blocks), ['atoms']);
}
