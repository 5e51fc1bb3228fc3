/** Molecules from SMILES, in three dimensions by openchemlib, which is fetched when it is first asked for. */
import { FormatError } from '@mace/core/errors';
import { makeStructure } from '@mace/core/structure';
import type * as Chemistry from 'openchemlib';
import type { Built } from './messages.js';

let library: Promise<typeof Chemistry> | null = null;

/** Builds a molecule with its hydrogens. @throws FormatError that says why that cannot be */
export async function build({ smiles }: { smiles: string }): Promise<Built> {
  const { ConformerGenerator, Molecule } = await (library ??= load());
  refuseUnclosed(smiles);
  const molecule = parsed(Molecule.fromSmiles, smiles);
  if (
    molecule.isFragment() ||
    Array.from({ length: molecule.getAllAtoms() }, (_, i) => molecule.getAtomicNo(i)).includes(0)
  )
    throw new FormatError(
      `SMILES ${smiles}: a part of it stands for any atom or bond. Expected a molecule such as CC(=O)O.`,
    );
  const conformer = new ConformerGenerator(1).getOneConformerAsMolecule(molecule);
  if (!conformer)
    throw new FormatError(
      `SMILES ${smiles}: no three-dimensional structure was found. Draw it elsewhere, and open its file.`,
    );
  const atoms = Array.from({ length: conformer.getAllAtoms() }, (_, i) => i);
  const numbers = atoms.map((i) => conformer.getAtomicNo(i));
  const positions = atoms.flatMap((i) => [conformer.getAtomX(i), conformer.getAtomY(i), conformer.getAtomZ(i)]);
  const charge = atoms.reduce((sum, i) => sum + conformer.getAtomCharge(i), 0);
  const notes: string[] = [];
  if (charge !== 0)
    notes.push(
      `${smiles} has a charge of ${charge > 0 ? '+' : ''}${charge}: models that know charges compute with it, others without.`,
    );
  if (atoms.some((i) => conformer.getAtomMass(i) !== 0))
    notes.push(
      `${smiles} names isotopes, which are not kept: its atoms move with the masses of their elements. A file with a column masses has others.`,
    );
  return { structure: makeStructure({ numbers, positions, ...(charge !== 0 && { info: { charge } }) }), notes };
}

async function load(): Promise<typeof Chemistry> {
  try {
    const [chemistry, tables] = await Promise.all([import('openchemlib'), import('openchemlib/resources.json?url')]);
    await chemistry.Resources.registerFromUrl(tables.default);
    return chemistry;
  } catch (cause) {
    // What could not be fetched is fetched again the next time.
    library = null;
    throw new FormatError(
      `openchemlib, which builds molecules, could not be loaded. It is fetched when it is first asked for: is there a network? (${String(cause)})`,
      { cause },
    );
  }
}

/** openchemlib takes a branch that is not closed for one. */
function refuseUnclosed(smiles: string): void {
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
  ] as const) {
    const count = (sign: string): number => smiles.split(sign).length;
    if (count(open) !== count(close))
      throw new FormatError(
        `SMILES ${smiles}: ${open} and ${close} do not close each other. Expected a molecule such as CC(=O)O.`,
      );
  }
}

function parsed<T>(parse: (text: string) => T, smiles: string): T {
  try {
    return parse(smiles);
  } catch (cause) {
    // Without the name of its class, which a bundle shortens.
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/^.*SmilesParser: */, '');
    throw new FormatError(`SMILES ${smiles}: ${why}. Expected a molecule such as CC(=O)O.`, { cause });
  }
}
