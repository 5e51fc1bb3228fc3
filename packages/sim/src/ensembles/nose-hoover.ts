/**
 * A chain of three Nosé–Hoover thermostats for each structure, with the numbers of `ase.md.nose_hoover_chain.NoseHooverChainNVT` (ASE
 * 3.29): Martyna, Klein, Tuckerman, J. Chem. Phys. 97, 2635 (1992); the split by Tuckerman et al., J. Phys. A 39, 5629 (2006), in three parts
 * of Yoshida, Phys. Lett. A 150, 262 (1990).
 */
import type { Atoms } from '../atoms.js';
import type { Ensemble, EnsembleSettings } from './ensemble.js';
import { nve } from './nve.js';

const links = 3;
const root = 2 ** (1 / 3);
const yoshida = [1 / (2 - root), -root / (2 - root), 1 / (2 - root)];

export function noseHoover(settings: EnsembleSettings): Ensemble {
  const { atoms, timestep } = settings;
  const { before, after, heat } = nve(settings);
  const variables = new Float64Array(2 * links * heat.length);
  const chains = Array.from(heat, (_, g) => {
    const own = variables.subarray(2 * links * g, 2 * links * (g + 1));
    return new Chain(settings, atoms.offsets[g]!, atoms.offsets[g + 1]!, own);
  });
  const halfStep = (): void =>
    chains.forEach((chain, g) => {
      chain.act(atoms, timestep / 2);
      heat[g] = -chain.energy;
    });
  return {
    heat,
    variables,
    before: (step) => {
      halfStep();
      before(step);
    },
    after: (step) => {
      after(step);
      halfStep();
    },
  };
}

/** Thermostats of atoms `from` to `to`. */
class Chain {
  readonly #masses: readonly number[];
  readonly #positions: Float64Array;
  readonly #momenta: Float64Array;
  readonly #freedom: number;
  readonly #thermalEnergy: number;

  /** @param variables - positions and momenta of the thermostats, in place */
  constructor(
    { thermalEnergy, thermostatTime }: EnsembleSettings,
    readonly from: number,
    readonly to: number,
    variables: Float64Array,
  ) {
    this.#freedom = 3 * (to - from);
    this.#thermalEnergy = thermalEnergy;
    this.#masses = [this.#freedom, 1, 1].map((count) => count * thermalEnergy * thermostatTime ** 2);
    this.#positions = variables.subarray(0, links);
    this.#momenta = variables.subarray(links);
  }

  /** eV */
  get energy(): number {
    const moving = this.#momenta.reduce((sum, p, j) => sum + (0.5 * p * p) / this.#masses[j]!, 0);
    const [first, second, third] = this.#positions as unknown as [number, number, number];
    return this.#thermalEnergy * (this.#freedom * first + second + third) + moving;
  }

  act(atoms: Atoms, time: number): void {
    if (this.#freedom === 0) return;
    for (const share of yoshida) this.#part(atoms, share * time);
  }

  #part({ momenta, masses }: Atoms, time: number): void {
    let twice = 0;
    for (let i = 3 * this.from; i < 3 * this.to; i++) twice += momenta[i]! ** 2 / masses[Math.floor(i / 3)]!;
    for (let j = links - 1; j >= 0; j--) this.#push(j, twice, time);
    this.#positions.forEach((x, j, all) => (all[j] = x + (time * this.#momenta[j]!) / this.#masses[j]!));
    const scale = Math.exp((-time * this.#momenta[0]!) / this.#masses[0]!);
    for (let i = 3 * this.from; i < 3 * this.to; i++) momenta[i]! *= scale;
    for (let j = 0; j < links; j++) this.#push(j, twice * scale * scale, time);
  }

  /** Half a step of one thermostat, slowed by the next one on both sides. */
  #push(j: number, twiceKinetic: number, time: number): void {
    const [masses, momenta] = [this.#masses, this.#momenta];
    const slow = j < links - 1 ? Math.exp(((-time / 4) * momenta[j + 1]!) / masses[j + 1]!) : 1;
    const pull =
      j === 0
        ? twiceKinetic - this.#freedom * this.#thermalEnergy
        : momenta[j - 1]! ** 2 / masses[j - 1]! - this.#thermalEnergy;
    momenta[j] = (momenta[j]! * slow + (time / 2) * pull) * slow;
  }
}
