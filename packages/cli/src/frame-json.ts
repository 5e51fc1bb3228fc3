/** A result as one JSON object, numbers with all their digits, in eV and Å. */
import type { Result } from '@mace/core';
import { chemicalFormula, structureSymbols } from '@mace/core/structure';
import type { Evaluated } from './evaluated.js';

export function frameJson({ index, file, frame, structure, result }: Evaluated): Record<string, unknown> {
  const input = (name: string): unknown => result.inputs[name]?.value ?? null;
  return {
    index,
    file,
    frame,
    formula: chemicalFormula(structure),
    symbols: structureSymbols(structure),
    positions: rows(structure.positions, 3),
    cell: structure.cell ? rows(structure.cell, 3) : null,
    pbc: structure.pbc,
    atoms: result.atoms,
    edges: result.edges,
    energy: result.energy,
    interactionEnergy: result.interactionEnergy,
    energies: [...result.energies],
    interactionEnergies: [...result.interactionEnergies],
    forces: result.forces ? rows(result.forces, 3) : null,
    virial: result.virial ? rows(result.virial, 3) : null,
    stress: result.stress ? rows(result.stress, 3) : null,
    volume: result.volume,
    maxForce: result.forces ? largestForce(result) : null,
    head: result.head.value,
    totalCharge: input('total_charge'),
    totalSpin: input('total_spin'),
    inputsFrom: Object.fromEntries(
      [['head', result.head], ...Object.entries(result.inputs)].map(([name, used]) => [
        name,
        (used as { key?: string; from: string }).key ?? (used as { from: string }).from,
      ]),
    ),
    backend: result.backend,
    precision: result.precision,
    tables: result.tables,
    warnings: result.warnings,
  };
}

/** Largest norm of a force, eV/Å; 0 without atoms. */
export function largestForce(result: Result): number {
  let largest = 0;
  for (let i = 0; i < result.atoms; i++) {
    largest = Math.max(
      largest,
      Math.hypot(result.forces?.[3 * i] ?? 0, result.forces?.[3 * i + 1] ?? 0, result.forces?.[3 * i + 2] ?? 0),
    );
  }
  return largest;
}

/** A row-major array as rows. */
export function rows(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => [...values.subarray(i * width, (i + 1) * width)]);
}
