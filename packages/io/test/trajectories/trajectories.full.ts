/** What is written here, as ASE reads it: trajectories, to which ASE appends, and gzip files of a member a frame. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Structure } from '@mace/core/structure';
import { openStructureWriter, readStructureFile, writeStructureFile } from '../../src/node/index.js';
import { plain } from '../formats/support.js';

const python = process.env['MACE_PYTHON'] ?? 'python3';
const hasAse = spawnSync(python, ['-c', 'import ase.io']).status === 0;
const remedy = `${python} has no ase: pip install it, or name another Python in MACE_PYTHON.`;
const here = fileURLToPath(new URL('./', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mace-traj-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All that ASE has of the frames of a file, as JSON. */
function asAseReads(name: string): unknown[] {
  const program = `
import json, sys
import numpy as np
from ase.io import read
def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value.item() if isinstance(value, np.generic) else value
print(json.dumps([{
    "numbers": plain(a.numbers), "positions": plain(a.positions), "cell": plain(a.cell[:]), "pbc": plain(a.pbc),
    "arrays": {k: plain(v) for k, v in sorted(a.arrays.items())},
    "results": {} if a.calc is None else {k: plain(v) for k, v in sorted(a.calc.results.items())},
    "info": {k: plain(v) for k, v in sorted(a.info.items())},
} for a in read(sys.argv[1], ":")]))`;
  return JSON.parse(execFileSync(python, ['-c', program, name], { encoding: 'utf8' })) as unknown[];
}

const withoutWarnings = ({ warnings: _, ...structure }: Structure): unknown => plain(structure as Structure);

describe.skipIf(!hasAse)(`with ASE${hasAse ? '' : `: ${remedy}`}`, () => {
  it.each(['rich.traj', 'changing.traj', 'big-endian.traj'])(
    '%s, read and written again, is the same to ASE',
    async (name) => {
      const structures = await readStructureFile(join(here, name));
      for (const count of [1, structures.length]) {
        const path = join(folder, name);
        await writeStructureFile(path, structures.slice(0, count));
        expect(asAseReads(path)).toEqual(asAseReads(join(here, name)).slice(0, count));
      }
    },
  );

  it('ASE appends to it, and it is read again', async () => {
    const structures = await readStructureFile(join(here, 'changing.traj'));
    for (const count of [1, 41, 42, 43]) {
      const path = join(folder, 'more.traj');
      const writer = await openStructureWriter(path);
      for (const structure of structures.slice(0, count)) await writer.write(structure);
      await writer.close();
      const append = `
import sys
from ase.io import read
from ase.io.trajectory import Trajectory
with Trajectory(sys.argv[1], "a") as out:
    for atoms in read(sys.argv[2], "${count}:"):
        out.write(atoms)`;
      execFileSync(python, ['-c', append, path, join(here, 'changing.traj')]);
      expect((await readStructureFile(path)).map(withoutWarnings)).toEqual(structures.map(withoutWarnings));
    }
  });

  it('gzip files of a member a frame', async () => {
    const structures = (await readStructureFile(join(here, 'rich.traj'))).map((one) => ({
      ...one,
      info: { step: one.info['step']! },
    }));
    const path = join(folder, 'a.xyz.gz');
    const writer = await openStructureWriter(path, { memberPerFrame: true });
    for (const structure of structures) await writer.write(structure);
    await writer.close();
    await writeStructureFile(join(folder, 'plain.xyz'), structures);
    const frames = asAseReads(path);
    expect(frames.length).toBe(3);
    expect(frames).toEqual(asAseReads(join(folder, 'plain.xyz')));
  });
});
