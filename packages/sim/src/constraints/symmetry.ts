/**
 * The symmetry of a crystal, kept, with the arithmetic of `FixSymmetry` of ASE 3.29: forces, steps, stresses and strains are averaged over
 * the operations of the space group.
 */
import { StructureError } from '@mace/core';
import { cellInverse, type Structure } from '@mace/core/structure';
import { exponential, logarithm, multiply, transpose } from '../matrices.js';
import { refuse } from '../refuse.js';
import type { Constraint } from './constraint.js';
import { findSpaceGroup, type SpaceGroup } from './space-group.js';

/** Å, as ASE has it. */
const usualTolerance = 0.01;
/** Å: what is nearer is taken for symmetric. */
const noise = 1e-4;

/**
 * Keeps the space group that a crystal has, in its positions and in its cell.
 * @param tolerance - Å, default 0.01: with which the space group is found
 * @throws UnsupportedError (`option`), StructureError for what is no crystal, or not symmetric to 1e-4 Å: `symmetrize` it first
 */
export async function keepSymmetry(structure: Structure, tolerance = usualTolerance): Promise<Constraint> {
  const { structure: ideal, spaceGroup } = await symmetrize(structure, tolerance);
  const [start, exact] = [
    [...structure.positions, ...structure.cell!],
    [...ideal.positions, ...ideal.cell!],
  ];
  const off = start.reduce((most, x, i) => Math.max(most, Math.abs(x - exact[i]!)), 0);
  if (off > noise)
    throw new StructureError(
      `keepSymmetry: the crystal is ${spaceGroup.symbol} (${spaceGroup.number}) only to ${off.toPrecision(2)} Å; expected ${noise} Å. Relax what symmetrize makes of it, or give a smaller tolerance.`,
    );
  return constraintOf(structure, spaceGroup);
}

/**
 * The crystal next to one that is nearly symmetric: positions and the metric of the cell averaged over the operations.
 * @param tolerance - Å, default 0.01
 * @throws UnsupportedError (`option`), StructureError for what is no crystal
 */
export async function symmetrize(
  structure: Structure,
  tolerance = usualTolerance,
): Promise<{ readonly structure: Structure; readonly spaceGroup: SpaceGroup }> {
  if (!(tolerance > 0 && Number.isFinite(tolerance))) refuse('tolerance', tolerance, 'a number above 0, in Å');
  const spaceGroup = await findSpaceGroup(structure, tolerance);
  const cell = symmetricCell(structure.cell!, spaceGroup);
  const fractional = multiply(structure.positions, cellInverse(structure.cell!));
  const positions = multiply(symmetricPlaces(fractional, spaceGroup), cell);
  return { structure: { ...structure, cell, positions }, spaceGroup };
}

function constraintOf(structure: Structure, { operations }: SpaceGroup): Constraint {
  /** Rows of vectors, averaged over the operations. */
  const average = (rows: Float64Array, cell = structure.cell!): void => {
    const fractional = multiply(rows, cellInverse(cell));
    const sum = new Float64Array(rows.length);
    for (const { rotation, images } of operations)
      multiply(fractional, transpose(rotation)).forEach(
        (x, i) => (sum[3 * images[Math.floor(i / 3)]! + (i % 3)]! += x),
      );
    rows.set(multiply(sum, cell).map((x) => x / operations.length));
  };
  const averageTensor = (tensor: Float64Array, cell: Float64Array): Float64Array => {
    const inverse = cellInverse(cell);
    const scaled = multiply(multiply(cell, tensor), transpose(cell));
    return multiply(multiply(inverse, metricAverage(scaled, operations)), transpose(inverse));
  };
  return {
    removed: Math.round(structure.positions.length - freedom(operations)),
    adjustPositions: (positions, next, _, cell) => {
      const step = next.map((x, i) => x - positions[i]!);
      average(step, cell);
      next.set(positions.map((x, i) => x + step[i]!));
    },
    adjustForces: (_, forces, __, cell) => average(forces, cell),
    adjustMomenta: (_, momenta, __, cell) => average(momenta, cell),
    adjustStress: (cell, stress) => stress.set(averageTensor(stress, cell)),
    adjustCell: (cell, next) => {
      const strain = transpose(multiply(cellInverse(cell), next)).map((x, i) => x - (i % 4 === 0 ? 1 : 0));
      const most = Math.max(...strain.map(Math.abs));
      if (!(most <= 0.25))
        throw new StructureError(
          `keepSymmetry: the cell would change by ${most.toPrecision(2)} in one step; expected at most 0.25. Begin nearer to the minimum.`,
        );
      const allowed = averageTensor(strain, cell).map((x, i) => x + (i % 4 === 0 ? 1 : 0));
      next.set(multiply(cell, transpose(allowed)));
    },
  };
}

/** The number of ways to move that the operations leave: the trace of their average. */
function freedom(operations: SpaceGroup['operations']): number {
  let sum = 0;
  for (const { rotation, images } of operations)
    sum += images.filter((image, atom) => image === atom).length * (rotation[0]! + rotation[4]! + rotation[8]!);
  return sum / operations.length;
}

/** The average of Rᵀ·a·R. */
function metricAverage(a: Float64Array, operations: SpaceGroup['operations']): Float64Array {
  const sum = new Float64Array(9);
  for (const { rotation } of operations)
    multiply(multiply(transpose(rotation), a), rotation).forEach((x, i) => (sum[i]! += x));
  return sum.map((x) => x / operations.length);
}

/** The cell of the averaged metric, without a rotation: cell·√(cell⁻¹·metric·cell⁻ᵀ). */
function symmetricCell(cell: Float64Array, { operations }: SpaceGroup): Float64Array {
  const inverse = cellInverse(cell);
  const metric = metricAverage(multiply(cell, transpose(cell)), operations);
  const squared = multiply(multiply(inverse, metric), transpose(inverse));
  return multiply(cell, exponential(logarithm(squared).map((x) => x / 2)));
}

/** Fractional coordinates averaged over the operations about the centre of all atoms, where no translations are needed that noise has. */
function symmetricPlaces(fractional: Float64Array, { operations }: SpaceGroup): Float64Array {
  const count = fractional.length / 3;
  const centre = [0, 1, 2].map((k) => fractional.reduce((sum, x, i) => (i % 3 === k ? sum + x : sum), 0) / count);
  const from = fractional.map((x, i) => x - centre[i % 3]!);
  const sum = new Float64Array(fractional.length);
  for (const { rotation, images, shifts } of operations) {
    const mean = [0, 1, 2].map((k) => shifts.reduce((total, x, i) => (i % 3 === k ? total + x : total), 0) / count);
    multiply(from, transpose(rotation)).forEach((x, i) => {
      // The image of an atom is a lattice vector from where it goes.
      sum[3 * images[Math.floor(i / 3)]! + (i % 3)]! += x - shifts[i]! + mean[i % 3]!;
    });
  }
  return sum.map((x, i) => centre[i % 3]! + x / operations.length);
}
