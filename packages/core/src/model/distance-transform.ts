/** Transforms of the edge length by the covalent radii of the pair, seen by the radial basis only (spec 3.3). */
import { covalentRadii } from '../structure/index.js';
import type { Node } from '../ir/index.js';
import type { ModelContext } from './context.js';

const scope = 'radial_embedding.distance_transform';

/** 1/(1 + a·s^q/(1 + s^(q−p))), s = d/r0, r0 = ½(rc_u + rc_v). Upstream: AgnesiTransform. */
export function agnesiTransform(context: ModelContext, length: Node): Node {
  const { build } = context;
  return build.scoped('agnesi', () => {
    const a = number(context, 'a', 1.0805);
    const q = number(context, 'q', 0.9183);
    const p = number(context, 'p', 4.5791);
    const s = build.div(length, build.scale(radiusSum(context, `${scope}.covalent_radii`), 0.5));
    const numerator = build.scale(build.pow(s, build.fill(q, s)), a);
    const denominator = build.shift(build.pow(s, build.fill(q - p, s)), 1);
    return build.div(build.fill(1, s), build.shift(build.div(numerator, denominator), 1));
  });
}

/** p0 + (d − p0)·½(1 + tanh(β(d − m))). Upstream: SoftTransform since 0.3.11. */
export function softTransform(context: ModelContext, length: Node): Node {
  const { build } = context;
  return build.scoped('soft', () => {
    const alpha = number(context, 'alpha', 4);
    const r0 = radiusSum(context, `${scope}.covalent_radii`);
    const p0 = build.scale(r0, 3 / 4);
    const p1 = build.scale(r0, 4 / 3);
    const middle = build.scale(build.add(p0, p1), 0.5);
    const beta = build.div(build.fill(alpha, r0), build.sub(p1, p0));
    const step = build.shift(build.tanh(build.mul(beta, build.sub(length, middle))), 1);
    return build.add(p0, build.mul(build.sub(length, p0), build.scale(step, 0.5)));
  });
}

/** rc[Z_sender] + rc[Z_receiver] of each edge [edges], from the stored radii where there are any. */
export function radiusSum(context: ModelContext, buffer: string): Node {
  const { build, config, maps, elements } = context;
  const radii = context.buffer(buffer)?.data;
  const own = config.atomicNumbers.map((z) => radii?.[z] ?? context.stored(covalentRadii[z]!));
  const table = build.constant(own, [elements]);
  return build.add(build.gather(table, maps.senderSpecies), build.gather(table, maps.receiverSpecies));
}

function number(context: ModelContext, name: string, fallback: number): number {
  return context.buffer(`${scope}.${name}`)?.data[0] ?? context.stored(fallback);
}
