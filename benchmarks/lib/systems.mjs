// The structures that benchmarks compute: the same in every run, on every machine, and no file needed.
import { seededRandom } from '../../packages/core/dist/generators/index.js';
import { makeStructure } from '../../packages/core/dist/structure/index.js';

/**
 * 64 water molecules at the density of the liquid: a 4 × 4 × 4 lattice, each molecule turned and moved at random. The box is
 * repeated `boxes` times along each axis.
 */
export function waters(boxes = [1, 1, 1]) {
  const random = seededRandom(1);
  const spacing = 3.1;
  const side = 4 * spacing;
  const box = /** @type {[number, number[]][]} */ ([]);
  for (let cell = 0; cell < 64; cell++) {
    const site = [cell % 4, Math.floor(cell / 4) % 4, Math.floor(cell / 16)];
    const center = site.map((n) => (n + 0.5 + 0.1 * (random() - 0.5)) * spacing);
    const turn = randomRotation(random);
    for (const [z, atom] of water) box.push([z, center.map((x, i) => x + dot(turn[i] ?? [], atom))]);
  }
  const [nx = 1, ny = 1, nz = 1] = boxes;
  const numbers = [];
  const positions = [];
  for (let at = 0; at < nx * ny * nz; at++) {
    const origin = [Math.floor(at / (ny * nz)), Math.floor(at / nz) % ny, at % nz].map((n) => n * side);
    for (const [z, position] of box) {
      numbers.push(z);
      positions.push(...position.map((x, i) => x + (origin[i] ?? 0)));
    }
  }
  const cell = [nx * side, ny * side, nz * side];
  return { name: `${64 * nx * ny * nz} waters`, structure: makeStructure({ numbers, positions, cell }) };
}

/** Silicon: diamond cells of 8 atoms, `cells` along each axis, each coordinate moved by up to 0.05 Å. */
export function silicon(cells = 3) {
  const random = seededRandom(2);
  const a = 5.43;
  const sites = [0, 1, 2, 3].flatMap((n) => {
    const face = [n === 1 || n === 2, n === 1 || n === 3, n === 2 || n === 3].map((half) => (half ? 0.5 : 0));
    return [face, face.map((x) => x + 0.25)];
  });
  const positions = [];
  for (const at of cellsOf(cells))
    for (const site of sites) positions.push(...site.map((x, i) => a * (x + (at[i] ?? 0)) + 0.1 * (random() - 0.5)));
  const numbers = new Array(8 * cells ** 3).fill(14);
  const side = cells * a;
  return {
    name: `${numbers.length} silicon`,
    structure: makeStructure({ numbers, positions, cell: [side, side, side] }),
  };
}

/** 864 atoms of aluminium nitride: 6 × 6 × 6 cells of wurtzite, each coordinate moved by up to 0.05 Å. */
export function aluminiumNitride() {
  const random = seededRandom(3);
  const [a, c, u, cells] = [3.11, 4.98, 0.382, 6];
  const cell = [a, 0, 0, -a / 2, (a * Math.sqrt(3)) / 2, 0, 0, 0, c];
  const numbers = [];
  const positions = [];
  for (const at of cellsOf(cells)) {
    for (const [z, site] of wurtzite(u)) {
      const fraction = site.map((x, i) => x + (at[i] ?? 0));
      numbers.push(z);
      for (let axis = 0; axis < 3; axis++)
        positions.push(
          dot(
            fraction,
            [0, 3, 6].map((row) => cell[row + axis] ?? 0),
          ) +
            0.1 * (random() - 0.5),
        );
    }
  }
  return { name: '864 AlN', structure: makeStructure({ numbers, positions, cell: cell.map((x) => cells * x) }) };
}

/** Atomic numbers and fractional coordinates. @param {number} u @returns {[number, number[]][]} */
function wurtzite(u) {
  const columns = [
    [1 / 3, 2 / 3, 0],
    [2 / 3, 1 / 3, 0.5],
  ];
  return columns.flatMap(([x = 0, y = 0, z = 0]) => [
    /** @type {[number, number[]]} */ ([13, [x, y, z]]),
    /** @type {[number, number[]]} */ ([7, [x, y, z + u]]),
  ]);
}

/** Indices of cells × cells × cells cells, the first axis fastest. @param {number} cells */
function cellsOf(cells) {
  return Array.from({ length: cells ** 3 }, (_, n) => [
    n % cells,
    Math.floor(n / cells) % cells,
    Math.floor(n / cells ** 2),
  ]);
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

/** Some atoms out of the box of waters, for engines that take minutes for the box. */
export function fewWaters() {
  return { name: '24 atoms of water', structure: droplet(24, 0) };
}

/** The atoms of the box of waters that are nearest to one of them, as a molecule without a cell. @param {number} atoms @param {number} center */
export function droplet(atoms, center) {
  const { numbers, positions } = waters().structure;
  const at = /** @param {number} atom */ (atom) => positions.subarray(3 * atom, 3 * atom + 3);
  const from = at(center % numbers.length);
  const distance = /** @param {number} atom */ (atom) => Math.hypot(...at(atom).map((x, i) => x - (from[i] ?? 0)));
  const chosen = [...numbers.keys()].sort((a, b) => distance(a) - distance(b)).slice(0, atoms);
  return makeStructure({
    numbers: chosen.map((atom) => numbers[atom] ?? 0),
    positions: chosen.flatMap((atom) => [...at(atom)]),
  });
}
