// openchemlib as a script uses it: its tables are read from disk.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConformerGenerator, Molecule, Resources } from 'openchemlib';
import { makeStructure } from '@mace/core/structure';

/** Once, before the first molecule. */
export function useResources() {
  const folder = dirname(createRequire(import.meta.url).resolve('openchemlib'));
  Resources.register(JSON.parse(readFileSync(join(folder, 'resources.json'), 'utf8')));
}

/** A conformer of a molecule with its hydrogens. @param {string} smiles */
export function fromSmiles(smiles) {
  const conformer = new ConformerGenerator(1).getOneConformerAsMolecule(Molecule.fromSmiles(smiles));
  if (!conformer) throw new Error(`no conformer of ${smiles}`);
  const atoms = Array.from({ length: conformer.getAllAtoms() }, (_, i) => i);
  return makeStructure({
    numbers: atoms.map((i) => conformer.getAtomicNo(i)),
    positions: atoms.flatMap((i) => [conformer.getAtomX(i), conformer.getAtomY(i), conformer.getAtomZ(i)]),
  });
}
