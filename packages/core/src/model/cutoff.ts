/** The cut-off: a polynomial that takes interactions smoothly to zero (spec 3.2). */
import type { GraphBuilder, Node } from '../ir/index.js';

/**
 * 1 − (p+1)(p+2)/2·u^p + p(p+2)·u^(p+1) − p(p+1)/2·u^(p+2) with u = d/r_max, and 0 from r_max on.
 * Upstream: `modules/radial.py`, PolynomialCutoff.
 *
 * @param length - [edges], Å
 * @param cutoff - r_max of each edge [edges], Å
 * @param power - p
 */
export function cutoffEnvelope(build: GraphBuilder, length: Node, cutoff: Node, power: number): Node {
  return build.scoped('cutoff', () => {
    const u = build.div(length, cutoff);
    const up = wholePower(build, u, power);
    const p = power;
    // 1 + u^p·(a + u·(b + u·c))
    const inner = build.shift(build.scale(u, (-p * (p + 1)) / 2), p * (p + 2));
    const bracket = build.shift(build.mul(u, inner), (-(p + 1) * (p + 2)) / 2);
    const envelope = build.shift(build.mul(up, bracket), 1);
    return build.select(build.less(length, cutoff), envelope, build.fill(0, length));
  });
}

/** u^n by repeated squaring for whole n, by `pow` otherwise. */
function wholePower(build: GraphBuilder, u: Node, power: number): Node {
  if (!Number.isInteger(power) || power < 1) return build.pow(u, build.fill(power, u));
  let result: Node | undefined;
  let square = u;
  for (let n = power; n > 0; n >>= 1) {
    if (n & 1) result = result ? build.mul(result, square) : square;
    if (n > 1) square = build.mul(square, square);
  }
  return result!;
}
