/** The space group of a crystal, found by moyo (https://github.com/spglib/moyo), which is loaded when it is first asked for. */
import type * as MoyoModule from '@spglib/moyo-wasm';
import { FormatError, StructureError } from '@mace/core';
import { cellInverse, type Structure } from '@mace/core/structure';
import { multiply, transpose } from '../matrices.js';

/** x → R·x + t of fractional coordinates, with what it does to the atoms of a crystal. */
export interface Operation {
  /** R [3 3] */
  readonly rotation: Float64Array;
  /** The atom that each goes to [atoms]. */
  readonly images: Int32Array;
  /** Lattice vectors between where an atom goes and its image [atoms 3] */
  readonly shifts: Float64Array;
}

export interface SpaceGroup {
  /** Of the International Tables, 1 to 230. */
  readonly number: number;
  /** Hermann–Mauguin. */
  readonly symbol: string;
  /** All, also those that a cell which is not primitive has more. */
  readonly operations: readonly Operation[];
}

/** @param tolerance - Å: how far atoms may be from where symmetry has them @throws StructureError where moyo finds none */
export async function findSpaceGroup(structure: Structure, tolerance: number): Promise<SpaceGroup> {
  const { numbers, positions, cell, pbc } = structure;
  if (!cell || !pbc.every(Boolean))
    throw new StructureError(
      'Symmetry: the structure is not periodic in three directions; expected a crystal. Leave symmetry out.',
    );
  const { analyze_cell } = await loadMoyo();
  const fractional = multiply(positions, cellInverse(cell));
  const rows = Array.from(numbers, (_, atom) => [...fractional.subarray(3 * atom, 3 * atom + 3)]);
  const question = { lattice: { basis: [...cell] }, positions: rows, numbers: [...numbers] };
  let found: ReturnType<typeof analyze_cell>;
  try {
    found = analyze_cell(JSON.stringify(question), tolerance, 'Spglib');
  } catch (cause) {
    throw new StructureError(
      `Symmetry: moyo finds none with the tolerance ${tolerance} Å: ${String(cause)}. Look for atoms that coincide, or try another tolerance.`,
      { cause },
    );
  }
  return {
    number: found.number,
    symbol: found.hm_symbol,
    // Its matrices come column by column.
    operations: found.operations.map(({ rotation, translation }) =>
      operationOn(structure, fractional, transpose(Float64Array.from(rotation)), translation, tolerance),
    ),
  };
}

function operationOn(
  { numbers, cell }: Structure,
  fractional: Float64Array,
  rotation: Float64Array,
  translation: readonly number[],
  tolerance: number,
): Operation {
  const images = new Int32Array(numbers.length);
  const shifts = new Float64Array(fractional.length);
  const moved = multiply(fractional, transpose(rotation)).map((x, i) => x + translation[i % 3]!);
  for (const [atom, number] of numbers.entries()) {
    let nearest = Infinity;
    for (const [other, its] of numbers.entries()) {
      if (its !== number) continue;
      const off = Float64Array.from({ length: 3 }, (_, k) => moved[3 * atom + k]! - fractional[3 * other + k]!);
      const shift = off.map(Math.round);
      const far = Math.hypot(
        ...multiply(
          off.map((x, k) => x - shift[k]!),
          cell!,
        ),
      );
      if (!(far < nearest)) continue;
      nearest = far;
      images[atom] = other;
      shifts.set(shift, 3 * atom);
    }
    if (!(nearest < 10 * tolerance) || images.indexOf(images[atom]!) < atom)
      throw new StructureError(
        `Symmetry: an operation takes atom ${atom} to where there is none within ${tolerance} Å. Try a smaller tolerance.`,
      );
  }
  return { rotation, images, shifts };
}

type Moyo = typeof MoyoModule;
let moyo: Promise<Moyo> | undefined;

async function loadMoyo(): Promise<Moyo> {
  moyo ??= initialized().catch((cause: unknown) => {
    moyo = undefined;
    throw cause;
  });
  return moyo;
}

/** Only what is used of Node, whose `fetch` reads no files. */
interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: 'node:fs'): { readFileSync(path: string): Uint8Array<ArrayBuffer> };
  getBuiltinModule?(name: 'node:module'): { createRequire(url: string): { resolve(id: string): string } };
}

async function initialized(): Promise<Moyo> {
  const module = await import('@spglib/moyo-wasm');
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node && process.getBuiltinModule) {
    const { url } = import.meta as unknown as { url: string };
    const { resolve } = process.getBuiltinModule('node:module').createRequire(url);
    const path = resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
    module.initSync({ module: process.getBuiltinModule('node:fs').readFileSync(path) });
  } else
    await module.default().catch((cause: unknown) => {
      throw new FormatError(
        `Symmetry: moyo's WebAssembly was not found beside the program: ${String(cause)}. Copy @spglib/moyo-wasm/moyo_wasm_bg.wasm there, or bundle with what takes it along, such as Vite.`,
        { cause },
      );
    });
  return module;
}
