/**
 * A chain of three Nosé–Hoover thermostats on some momenta, with the numbers of `ase.md.nose_hoover_chain` (ASE 3.29): Martyna, Klein,
 * Tuckerman, J. Chem. Phys. 97, 2635 (1992); the split by Tuckerman et al., J. Phys. A 39, 5629 (2006), in three parts of Yoshida, Phys. Lett.
 * A 150, 262 (1990).
 */

const links = 3;
const root = 2 ** (1 / 3);
const yoshida = [1 / (2 - root), -root / (2 - root), 1 / (2 - root)];

export class Chain {
  /** Positions and momenta of the thermostats. */
  static readonly variables = 2 * links;

  readonly #positions: Float64Array;
  readonly #momenta: Float64Array;
  readonly #weights: readonly [number, number, number];

  /**
   * @param freedom - how many momenta there are
   * @param time - how slow the thermostats are
   * @param variables - in place
   * @param weight - of the first thermostat, in units of kT·time²
   */
  constructor(
    readonly freedom: number,
    readonly time: number,
    variables: Float64Array,
    weight = freedom,
  ) {
    this.#positions = variables.subarray(0, links);
    this.#momenta = variables.subarray(links);
    this.#weights = [weight, 1, 1];
  }

  /** eV, at a thermal energy kT. */
  energy(thermalEnergy: number): number {
    if (this.freedom === 0) return 0;
    const [first, second, third] = this.#positions as unknown as [number, number, number];
    const moving = this.#momenta.reduce((sum, p, j) => sum + (0.5 * p * p) / this.#mass(j, thermalEnergy), 0);
    return thermalEnergy * (this.freedom * first + second + third) + moving;
  }

  /** Goes on by a time. @param twiceKinetic - Σ p²/m of its momenta, eV @returns by what its momenta are to be multiplied */
  act(twiceKinetic: number, thermalEnergy: number, time: number): number {
    if (this.freedom === 0) return 1;
    let scale = 1;
    for (const share of yoshida) scale *= this.#part(twiceKinetic * scale * scale, thermalEnergy, share * time);
    return scale;
  }

  #mass(j: number, thermalEnergy: number): number {
    return this.#weights[j]! * thermalEnergy * this.time ** 2;
  }

  #part(twice: number, thermalEnergy: number, time: number): number {
    for (let j = links - 1; j >= 0; j--) this.#push(j, twice, thermalEnergy, time);
    this.#positions.forEach((x, j, all) => (all[j] = x + (time * this.#momenta[j]!) / this.#mass(j, thermalEnergy)));
    const scale = Math.exp((-time * this.#momenta[0]!) / this.#mass(0, thermalEnergy));
    for (let j = 0; j < links; j++) this.#push(j, twice * scale * scale, thermalEnergy, time);
    return scale;
  }

  /** Half a step of one thermostat, slowed by the next one on both sides. */
  #push(j: number, twiceKinetic: number, thermalEnergy: number, time: number): void {
    const momenta = this.#momenta;
    const slow = j < links - 1 ? Math.exp(((-time / 4) * momenta[j + 1]!) / this.#mass(j + 1, thermalEnergy)) : 1;
    const pull =
      j === 0
        ? twiceKinetic - this.freedom * thermalEnergy
        : momenta[j - 1]! ** 2 / this.#mass(j - 1, thermalEnergy) - thermalEnergy;
    momenta[j] = (momenta[j]! * slow + (time / 2) * pull) * slow;
  }
}
