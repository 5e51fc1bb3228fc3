/**
 * Copies by non-crystallographic symmetry that a file leaves to the reader: `MTRIX` of PDB, `_struct_ncs_oper` of mmCIF.
 */
/** A motion: three rows of rotation and translation, Å. */
export type Motion = readonly (readonly number[])[];

interface Placed {
  /** Å. */
  readonly position: readonly [x: number, y: number, z: number];
}

/** The atoms, and after them those of each copy. */
export function withCopies<Atom extends Placed>(atoms: readonly Atom[], motions: readonly Motion[]): readonly Atom[] {
  return [
    ...atoms,
    ...motions.flatMap((motion) => atoms.map((atom) => ({ ...atom, position: moved(atom.position, motion) }))),
  ];
}

/** True for the motion that leaves everything where it is. */
export function isRest(motion: Motion): boolean {
  return motion.every((row, i) => row.every((value, j) => value === (i === j ? 1 : 0)));
}

/** Entries of rotations are given with six decimals, and by some programs with three. */
const rotationTolerance = 5e-3;

/** True for a motion that keeps distances; any other would make a distorted copy. */
export function isRigid(motion: Motion): boolean {
  const product = (i: number, k: number): number =>
    [0, 1, 2].reduce((sum, j) => sum + (motion[i]?.[j] ?? 0) * (motion[k]?.[j] ?? 0), 0);
  return [0, 1, 2].every((i) =>
    [0, 1, 2].every((k) => Math.abs(product(i, k) - (i === k ? 1 : 0)) < rotationTolerance),
  );
}

function moved([x, y, z]: Placed['position'], motion: Motion): [number, number, number] {
  const along = (row: number): number => {
    const [a = 0, b = 0, c = 0, shift = 0] = motion[row] ?? [];
    return a * x + b * y + c * z + shift;
  };
  return [along(0), along(1), along(2)];
}
