/**
 * Real trained models with what mace-torch computes for them, as golden cases of the conformance kit: from the folder that
 * the environment variable MACE_FIXTURES names (`models/*.model` and `oracle/*.json`).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FormatError } from '@mace/core';
import { makeStructure } from '@mace/core/structure';
import type { GoldenEntry } from '@mace/conformance';
import { readModelFile } from '@mace/io/node';

/** One file of numbers: a model, known by its hash, and frames. */
interface Oracle {
  readonly model_sha256: string;
  readonly frames: readonly {
    readonly species: readonly string[];
    readonly positions: readonly (readonly number[])[];
    readonly cell: readonly (readonly number[])[] | null;
    readonly pbc: readonly [boolean, boolean, boolean];
    readonly float64: {
      readonly energy: number;
      readonly forces: readonly (readonly number[])[];
      readonly stress?: readonly (readonly number[])[];
    };
    readonly float32: { readonly stress?: readonly (readonly number[])[] };
  }[];
}

/**
 * The smallest frame of each model, of each periodicity that occurs.
 *
 * @throws FormatError for a folder that is not there, or a file in it that is damaged
 */
export function fixtureEntries(folder: string): GoldenEntry[] {
  for (const part of ['models', 'oracle']) {
    if (!existsSync(join(folder, part)))
      throw new FormatError(
        `MACE_FIXTURES=${folder}: there is no folder ${part} in it. Correct the variable, or unset it to go on without.`,
      );
  }
  const models = new Map(
    readdirSync(join(folder, 'models'))
      .filter((name) => name.endsWith('.model'))
      .map((name) => [
        createHash('sha256')
          .update(readFileSync(join(folder, 'models', name)))
          .digest('hex'),
        name,
      ]),
  );
  return readdirSync(join(folder, 'oracle'))
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => entriesOf(folder, name, models));
}

function entriesOf(folder: string, name: string, models: ReadonlyMap<string, string>): GoldenEntry[] {
  const oracle = parsed(join(folder, 'oracle', name));
  const file = models.get(oracle.model_sha256);
  if (!file)
    throw new FormatError(
      `MACE_FIXTURES: no file in models/ has the sha256 ${oracle.model_sha256.slice(0, 12)}… that oracle/${name} belongs to; it is missing or changed. Copy the folder again.`,
    );
  const smallest = new Map<string, Oracle['frames'][number]>();
  for (const frame of oracle.frames.filter(({ species }) => species.length > 1)) {
    const kind = frame.pbc.every(Boolean) ? 'crystal' : frame.pbc.some(Boolean) ? 'slab' : 'molecule';
    const known = smallest.get(kind);
    if (!known || frame.species.length < known.species.length) smallest.set(kind, frame);
  }
  return [...smallest].map(([kind, frame]): GoldenEntry => {
    const { species, positions, cell, pbc, float64, float32 } = frame;
    return {
      name: `fixtures/${basename(file, '.model')}-${kind}`,
      model: () => readModelFile(join(folder, 'models', file)),
      structure: makeStructure({
        symbols: species,
        positions: positions.flat(),
        cell: cell && pbc.some(Boolean) ? cell.flat() : null,
        pbc,
      }),
      expected: {
        energy: float64.energy,
        forces: float64.forces.flat(),
        ...(kind === 'crystal' && float64.stress && { stress: float64.stress.flat() }),
      },
      float32: float32.stress ? { stress: float32.stress.flat() } : {},
    };
  });
}

function parsed(file: string): Oracle {
  try {
    const oracle = JSON.parse(readFileSync(file, 'utf8')) as Oracle;
    if (typeof oracle.model_sha256 === 'string' && Array.isArray(oracle.frames)) return oracle;
    throw new Error('expected model_sha256 and frames');
  } catch (error) {
    throw new FormatError(
      `${file} is damaged: ${error instanceof Error ? error.message : String(error)}. Copy the folder again.`,
      {
        cause: error,
      },
    );
  }
}
