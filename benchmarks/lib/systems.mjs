// The structures that benchmarks compute: the same in every run, on every machine, and no file needed.
import { seededRandom } from '../../packages/core/dist/generators/index.js';
import { makeStructure } from '../../packages/core/dist/structure/index.js';

/** 64 water molecules at the density of the liquid: a 4 × 4 × 4 lattice, each molecule turned and moved at random. */
export function waters() {
  const random = seededRandom(1);
  const spacing = 3.1;
  const numbers = [];
  const positions = [];
  for (let cell = 0; cell < 64; cell++) {
    const site = [cell % 4, Math.floor(cell / 4) % 4, Math.floor(cell / 16)];
    const center = site.map((n) => (n + 0.5 + 0.1 * (random() - 0.5)) * spacing);
    const turn = randomRotation(random);
    for (const [z, atom] of water) {
      numbers.push(z);
      positions.push(...center.map((x, i) => x + dot(turn[i] ?? [], atom)));
    }
  }
  const side = 4 * spacing;
  return { name: '64 waters', structure: makeStructure({ numbers, positions, cell: [side, side, side] }) };
}

/** 216 silicon atoms: 3 × 3 × 3 diamond cells, each atom moved by up to 0.05 Å. */
export function silicon() {
  const random = seededRandom(2);
  const a = 5.43;
  const sites = [0, 1, 2, 3].flatMap((n) => {
    const face = [n === 1 || n === 2, n === 1 || n === 3, n === 2 || n === 3].map((half) => (half ? 0.5 : 0));
    return [face, face.map((x) => x + 0.25)];
  });
  const positions = [];
  for (let cell = 0; cell < 27; cell++) {
    const at = [cell % 3, Math.floor(cell / 3) % 3, Math.floor(cell / 9)];
    for (const site of sites) positions.push(...site.map((x, i) => a * (x + (at[i] ?? 0)) + 0.1 * (random() - 0.5)));
  }
  const numbers = new Array(216).fill(14);
  return { name: '216 silicon', structure: makeStructure({ numbers, positions, cell: [3 * a, 3 * a, 3 * a] }) };
}

/** @param {readonly number[]} a @param {readonly number[]} b */
function dot(a, b) {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

/** Å, oxygen first. @type {[number, number[]][]} */
const water = [
  [8, [0, 0, 0]],
  [1, [0.9572, 0, 0]],
  [1, [-0.24, 0.9266, 0]],
];

/** Rows of a rotation, from a random unit quaternion. @param {() => number} random */
function randomRotation(random) {
  const raw = [random(), random(), random(), random()].map((x) => x - 0.5);
  const length = Math.hypot(...raw);
  const [w = 1, x = 0, y = 0, z = 0] = raw.map((part) => part / length);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
}
