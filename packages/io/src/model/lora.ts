/**
 * Low-rank adapters (LoRA) that were not merged: W + (α/rank)·A·B for every linear layer, merged here as upstream's
 * `merge_into_base` does (`modules/lora.py`, spec 8.11).
 *
 * Upstream's merge refuses layers with biases, which it leaves as they are in its forward pass; so does this one.
 */
import { FormatError, type MaceConfig, type Tensor } from '@mace/core';
import { sameIrrep, type Irrep, type IrrepBlock } from '@mace/core/equivariant';
import { linearMaps, type LinearMap } from './expected-weights.js';
import { movedTo, type ModuleNode } from './module-tree.js';
import { describe } from './pickle/values.js';

type Weights = Readonly<Record<string, Tensor>>;

export interface Adapter {
  /** Path of the layer, such as `interactions.0.linear_up`. */
  readonly layer: string;
  readonly a: Tensor;
  readonly b: Tensor;
  /** e3nn's dense layers hold [in, out], PyTorch's [out, in], equivariant ones a flat list of blocks. */
  readonly kind: 'e3nn' | 'torch' | 'equivariant';
}

/** Weights by the names of a plain model, and the adapters beside them. @throws FormatError for half an adapter */
export function separateAdapters(weights: Weights): { readonly plain: Weights; readonly adapters: readonly Adapter[] } {
  const plain: Record<string, Tensor> = Object.create(null) as Record<string, Tensor>;
  const layers = new Set<string>();
  for (const [name, tensor] of Object.entries(weights)) {
    const [, layer] = /^(.+)\.lora_[AB](?:\.weight)?$/.exec(name) ?? [];
    if (layer !== undefined) layers.add(layer);
    else plain[name.replace(/\.base\.(weight|bias)$/, '.$1')] = tensor;
  }
  return { plain, adapters: [...layers].map((layer) => adapterOf(weights, layer)) };
}

/** The tree of a model with adapters as that of the plain model, and α/rank of each layer. @throws FormatError */
export function withoutAdapters(root: ModuleNode): {
  readonly root: ModuleNode;
  readonly scalings: ReadonlyMap<string, number>;
} {
  const scalings = new Map<string, number>();
  const visit = (node: ModuleNode): ModuleNode => {
    if (!node.qualifiedName.startsWith('mace.modules.lora.'))
      return { ...node, children: new Map([...node.children].map(([name, child]) => [name, visit(child)])) };
    const base = node.children.get('base');
    const scaling = node.attributes.get('scaling');
    if (!base || typeof scaling !== 'number' || !Number.isFinite(scaling))
      return misfit({ layer: node.path }, base ? `its scaling is ${describe(scaling)}` : 'its base layer is missing');
    scalings.set(node.path, scaling);
    return movedTo(base, node.path);
  };
  return { root: visit(root), scalings };
}

/** @param scalingOf - α/rank of a layer @throws FormatError for adapters whose shapes do not fit */
export function mergeAdapters(
  plain: Weights,
  adapters: readonly Adapter[],
  config: MaceConfig,
  scalingOf: (layer: string, rank: number) => number,
): Weights {
  const merged: Record<string, Tensor> = Object.assign(Object.create(null) as Record<string, Tensor>, plain);
  const maps = linearMaps(config);
  for (const adapter of adapters) {
    const name = `${adapter.layer}.weight`;
    const base = plain[name] ?? misfit(adapter, `there is no weight ${name}`);
    const map = maps.get(adapter.layer);
    const rank = rankOf(adapter, map);
    const delta = adapter.kind === 'equivariant' ? blockwise(adapter, map!, rank) : dense(adapter, rank);
    if (delta.length !== base.data.length)
      misfit(adapter, `their product has ${delta.length} values, the layer ${base.data.length}`);
    const scaling = scalingOf(adapter.layer, rank);
    const data = base.data.map((value, i) => value + scaling * delta[i]!);
    merged[name] = { shape: base.shape, data };
  }
  return merged;
}

/** Rank of every adapter by the path of its layer. @throws FormatError */
export function ranksOf(adapters: readonly Adapter[], config: MaceConfig): Record<string, number> {
  const maps = linearMaps(config);
  return Object.fromEntries(adapters.map((adapter) => [adapter.layer, rankOf(adapter, maps.get(adapter.layer))]));
}

/** Rank of an adapter. @throws FormatError */
function rankOf({ kind, a, ...adapter }: Pick<Adapter, 'kind' | 'a' | 'layer'>, map?: LinearMap): number {
  if (kind !== 'equivariant') return (kind === 'e3nn' ? a.shape[1] : a.shape[0])!;
  if (!map) return misfit(adapter, 'the model has no such layer');
  const shared = map.input.filter(({ irrep }) => map.output.some((out) => sameIrrep(out.irrep, irrep)));
  const rank = a.data.length / countOfAll(shared);
  return Number.isInteger(rank) && rank > 0 ? rank : misfit(adapter, `lora_A has ${a.data.length} values`);
}

function adapterOf(weights: Weights, layer: string): Adapter {
  const find = (part: string): Tensor | undefined => weights[`${layer}.${part}`];
  const a = find('lora_A') ?? find('lora_A.weight');
  const b = find('lora_B') ?? find('lora_B.weight');
  if (!a || !b || a.shape.length !== b.shape.length || a.shape.length < 1 || a.shape.length > 2)
    return misfit({ layer }, `lora_A and lora_B have the shapes [${a?.shape.join(' ')}] and [${b?.shape.join(' ')}]`);
  return { layer, a, b, kind: find('lora_A') ? 'e3nn' : a.shape.length === 2 ? 'torch' : 'equivariant' };
}

/** A·B of e3nn's layers [in, out], B·A of PyTorch's [out, in]. */
function dense({ kind, a, b, layer }: Adapter, rank: number): Float64Array {
  const [left, right] = kind === 'e3nn' ? [a, b] : [b, a];
  const [rows, columns] = [left.shape[0]!, right.shape[1]!];
  if (left.shape[1] !== rank || right.shape[0] !== rank)
    misfit({ layer }, `lora_A and lora_B have the shapes [${a.shape.join(' ')}] and [${b.shape.join(' ')}]`);
  return product(left.data, right.data, rows, rank, columns);
}

/** For each pair of equal irreps A[i→irrep]·B[irrep→o]/√rank, in the order of the layer's own blocks. */
function blockwise(adapter: Adapter, { input, output }: LinearMap, rank: number): Float64Array {
  const { a, b } = adapter;
  const middle = sharedIrreps(input, output);
  const into = offsets(input, middle, rank);
  const from = new Map<string, number>();
  let end = 0;
  for (const irrep of middle)
    for (const [o, block] of output.entries())
      if (sameIrrep(block.irrep, irrep)) {
        from.set(`${irrep.l} ${irrep.p} ${o}`, end);
        end += rank * block.multiplicity;
      }
  if (end !== b.data.length) misfit(adapter, `lora_B has ${b.data.length} values; expected ${end}`);
  const parts: number[] = [];
  for (const [i, { multiplicity, irrep }] of input.entries())
    for (const [o, block] of output.entries()) {
      if (!sameIrrep(block.irrep, irrep)) continue;
      const left = a.data.subarray(into[i]!, into[i]! + multiplicity * rank);
      const right = b.data.subarray(from.get(`${irrep.l} ${irrep.p} ${o}`));
      for (const value of product(left, right, multiplicity, rank, block.multiplicity))
        parts.push(value / Math.sqrt(rank));
    }
  return Float64Array.from(parts);
}

/** First weight of each input block in A. */
function offsets(input: readonly IrrepBlock[], middle: readonly Irrep[], rank: number): number[] {
  let end = 0;
  return input.map(({ multiplicity, irrep }) => {
    const start = end;
    if (middle.some((shared) => sameIrrep(shared, irrep))) end += multiplicity * rank;
    return start;
  });
}

/** By degree, odd before even, as upstream sorts them. */
function sharedIrreps(input: readonly IrrepBlock[], output: readonly IrrepBlock[]): Irrep[] {
  const shared = input.map(({ irrep }) => irrep).filter((irrep) => output.some((out) => sameIrrep(out.irrep, irrep)));
  const different = shared.filter((irrep, i) => shared.findIndex((other) => sameIrrep(other, irrep)) === i);
  return different.sort((x, y) => x.l - y.l || x.p - y.p);
}

function product(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < inner; k++)
      for (let c = 0; c < columns; c++) out[r * columns + c]! += left[r * inner + k]! * right[k * columns + c]!;
  return out;
}

function countOfAll(blocks: readonly IrrepBlock[]): number {
  return blocks.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}

function misfit({ layer }: Pick<Adapter, 'layer'>, what: string): never {
  throw new FormatError(
    `The LoRA adapter of ${layer} does not fit: ${what}. The file is damaged, or its settings are not those of its weights.`,
  );
}
