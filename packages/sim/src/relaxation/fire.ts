/**
 * Fast inertial relaxation, with the numbers of `ase.optimize.FIRE` (ASE 3.29): Bitzek, Koskinen, Gähler, Moseler, Gumbsch, Phys. Rev. Lett.
 * 97, 170201 (2006).
 */
import { dot, longestStep, type Optimizer } from './optimizer.js';

const [firstTime, longestTime, faster, slower] = [0.1, 1, 1.1, 0.5];
const [firstMixing, lessMixing] = [0.1, 0.99];
const stepsBeforeFaster = 5;

export function fire(): Optimizer {
  let velocities: Float64Array | undefined;
  let [time, mixing, downhill] = [firstTime, firstMixing, 0];
  return {
    step: (_, forces) => {
      if (!velocities) velocities = new Float64Array(forces.length);
      else if (dot(forces, velocities) > 0) {
        const along = (mixing / Math.sqrt(dot(forces, forces))) * Math.sqrt(dot(velocities, velocities));
        velocities.forEach((v, i, all) => (all[i] = (1 - mixing) * v + along * forces[i]!));
        if (downhill > stepsBeforeFaster) {
          time = Math.min(time * faster, longestTime);
          mixing *= lessMixing;
        }
        downhill++;
      } else {
        velocities.fill(0);
        mixing = firstMixing;
        time *= slower;
        downhill = 0;
      }
      velocities.forEach((v, i, all) => (all[i] = v + time * forces[i]!));
      const way = velocities.map((v) => time * v);
      const length = Math.sqrt(dot(way, way));
      return length > longestStep ? way.map((x) => (longestStep * x) / length) : way;
    },
  };
}
