/** Ziegler–Biersack–Littmark repulsion of each pair of nuclei (spec 3.4). Upstream: `modules/radial.py`, ZBLBasis. */
import type { Node } from '../ir/index.js';
import type { ModelContext } from './context.js';
import { cutoffEnvelope } from './cutoff.js';
import { radiusSum } from './distance-transform.js';

const screening = { weights: [0.1818, 0.5099, 0.2802, 0.02817], exponents: [3.2, 0.9423, 0.4028, 0.2016] };

/** Half the repulsion of each edge, summed at its receiver: [atoms], eV. @param length - [edges], Å */
export function pairRepulsion(context: ModelContext, length: Node): Node {
  const { build, config, maps, elements, stored } = context;
  return build.scoped('pairRepulsion', () => {
    const buffer = (name: string, fallback: number): number =>
      context.buffer(`pair_repulsion_fn.${name}`)?.data[0] ?? stored(fallback);
    const exponent = buffer('a_exp', 0.3);
    const prefactor = buffer('a_prefactor', 0.4543);
    const weights = context.buffer('pair_repulsion_fn.c')?.data ?? screening.weights.map(stored);
    const charges = build.constant([...config.atomicNumbers], [elements]);
    const powers = build.constant(
      config.atomicNumbers.map((z) => Math.pow(z, exponent)),
      [elements],
    );
    const chargeProduct = build.mul(
      build.gather(charges, maps.senderSpecies),
      build.gather(charges, maps.receiverSpecies),
    );
    const powerSum = build.add(build.gather(powers, maps.senderSpecies), build.gather(powers, maps.receiverSpecies));
    const x = build.scale(build.mul(length, powerSum), 1 / (prefactor * 0.529));
    const terms = screening.exponents.map((rate, i) => build.scale(build.exp(build.scale(x, -rate)), weights[i]!));
    const screened = terms.reduce((a, b) => build.add(a, b));
    // e²/(4πε₀) = 14.3996 eV·Å, as upstream writes it.
    const coulomb = build.scale(build.div(chargeProduct, length), 0.5 * 14.3996);
    const radius = radiusSum(context, 'pair_repulsion_fn.covalent_radii');
    const power = context.buffer('pair_repulsion_fn.p')?.data[0] ?? config.cutoffPower;
    const energy = build.mul(build.mul(coulomb, screened), cutoffEnvelope(build, length, radius, power));
    return build.segmentSum(energy, maps.receiver);
  });
}
