/**
 * From edge length to the radial features: cut-off, distance transform, basis (spec 3), in upstream's order.
 */
import type { Node } from '../ir/index.js';
import type { ModelContext } from './context.js';
import { cutoffEnvelope } from './cutoff.js';
import { agnesiTransform, softTransform } from './distance-transform.js';

export interface RadialFeatures {
  /** [edges, basis] */
  readonly basis: Node;
  /** [edges, 1] when the cut-off multiplies the network's output instead of its input. */
  readonly cutoff: Node | null;
}

/** @param length - edge lengths [edges], Å */
export function radialFeatures(context: ModelContext, length: Node): RadialFeatures {
  const { build, config } = context;
  return build.scoped('radial', () => {
    const envelope = cutoffEnvelope(build, length, build.fill(config.cutoff, length), config.cutoffPower);
    const transformed =
      config.distanceTransform === 'Agnesi'
        ? agnesiTransform(context, length)
        : config.distanceTransform === 'Soft'
          ? softTransform(context, length)
          : length;
    const basis = { bessel, gaussian, chebyshev }[config.radialBasis](context, transformed);
    const column = build.reshape(envelope, ['edges', 1]);
    if (!config.applyCutoff) return { basis, cutoff: column };
    return { basis: build.mul(basis, build.broadcast(column, basis.type.shape)), cutoff: null };
  });
}

/** √(2/r_max)·sin(nπd/r_max)/d, n = 1…size. */
function bessel(context: ModelContext, distance: Node): Node {
  const { build, config, stored } = context;
  const size = config.radialBasisSize;
  const name = 'radial_embedding.bessel_fn.bessel_weights';
  const frequencies =
    context.optionalParameter(name, [size]) ??
    build.constant(
      Array.from({ length: size }, (_, n) => stored((Math.PI / config.cutoff) * (n + 1))),
      [size],
    );
  const prefactor =
    context.buffer('radial_embedding.bessel_fn.prefactor')?.data[0] ?? stored(Math.sqrt(2 / config.cutoff));
  const d = build.expand(distance, ['edges', size], [0]);
  const phase = build.mul(d, build.expand(frequencies, ['edges', size], [1]));
  return build.scale(build.div(build.sin(phase), d), prefactor);
}

/** exp(−½(d − g_n)²/width²) with centres 0…r_max and width r_max/(size − 1). */
function gaussian(context: ModelContext, distance: Node): Node {
  const { build, config, stored } = context;
  const size = config.radialBasisSize;
  const centers =
    context.buffer('radial_embedding.bessel_fn.gaussian_weights')?.data ??
    Array.from({ length: size }, (_, n) => stored((config.cutoff * n) / (size - 1)));
  const width = config.cutoff / (size - 1);
  const d = build.expand(distance, ['edges', size], [0]);
  const g = build.expand(build.constant([...centers], [size]), ['edges', size], [1]);
  const offset = build.sub(d, g);
  return build.exp(build.scale(build.mul(offset, offset), -0.5 / (width * width)));
}

/** T_n(d), n = 1…size, of the raw or transformed distance, not rescaled (spec 3.1; forces are the exact gradient). */
function chebyshev(context: ModelContext, distance: Node): Node {
  const { build, config } = context;
  const columns: Node[] = [];
  let before = build.fill(1, distance);
  let current = distance;
  for (let n = 1; n <= config.radialBasisSize; n++) {
    columns.push(build.reshape(current, ['edges', 1]));
    [before, current] = [current, build.sub(build.scale(build.mul(distance, current), 2), before)];
  }
  return build.concat(columns, 1);
}
