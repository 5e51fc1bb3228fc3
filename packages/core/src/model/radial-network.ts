/**
 * The networks that turn radial features into edge weights and densities: upstream's `FullyConnectedNet` (no biases,
 * normalised silu, spec 2.7) and `RadialMLP` (biases, layer norm, plain silu, spec 4.3).
 */
import type { Node } from '../ir/index.js';
import { normalizedActivation, silu } from './activation.js';
import { alongChannels, alongRows, type ModelContext } from './context.js';

/** @param x - [edges, widths[0]] @param widths - sizes of all layers, input and output included */
export function fullyConnected(context: ModelContext, name: string, x: Node, widths: readonly number[]): Node {
  const { build } = context;
  return build.scoped(name, () => {
    let h = x;
    for (let k = 0; k + 1 < widths.length; k++) {
      const weight = context.parameter(`${name}.layer${k}.weight`, [widths[k]!, widths[k + 1]!]);
      h = build.matmul(h, build.scale(weight, 1 / Math.sqrt(widths[k]!)));
      if (k + 2 < widths.length) h = normalizedActivation(context, 'silu', h);
    }
    return h;
  });
}

/** @param x - [edges, widths[0]] @param widths - sizes of all layers, input and output included */
export function radialMlp(context: ModelContext, name: string, x: Node, widths: readonly number[]): Node {
  const { build } = context;
  return build.scoped(name, () => {
    let h = x;
    for (let k = 0; k + 1 < widths.length; k++) {
      h = dense(context, `${name}.net.${3 * k}`, h, widths[k]!, widths[k + 1]!, true);
      if (k + 2 < widths.length) h = silu(build, layerNorm(context, `${name}.net.${3 * k + 1}`, h));
    }
    return h;
  });
}

/** torch's `nn.Linear`: x·Wᵀ + b with W [out, in]. */
export function dense(
  context: ModelContext,
  name: string,
  x: Node,
  input: number,
  output: number,
  bias: boolean,
): Node {
  const { build } = context;
  const product = build.matmul(x, context.parameter(`${name}.weight`, [output, input]), 'nt');
  if (!bias) return product;
  return build.add(product, alongChannels(build, context.parameter(`${name}.bias`, [output]), x.type.shape[0]!));
}

/** torch's `nn.LayerNorm` over the last axis: biased variance, eps 1e-5, affine. */
function layerNorm(context: ModelContext, name: string, x: Node): Node {
  const { build } = context;
  const [rows, width] = x.type.shape as ['edges', number];
  const mean = build.scale(build.sum(x, [1]), 1 / width);
  const centered = build.sub(x, alongRows(build, mean, x));
  const variance = build.scale(build.sum(build.mul(centered, centered), [1]), 1 / width);
  const deviation = build.sqrt(build.shift(variance, 1e-5));
  const normal = build.div(centered, alongRows(build, deviation, x));
  const scaled = build.mul(normal, alongChannels(build, context.parameter(`${name}.weight`, [width]), rows));
  return build.add(scaled, alongChannels(build, context.parameter(`${name}.bias`, [width]), rows));
}
