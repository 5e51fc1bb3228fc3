/** Molecules from SMILES, in three dimensions by openchemlib, which is fetched when it is first asked for. */
import { makeStructure } from '@mace/core/structure';
import type * as Chemistry from 'openchemlib';
import { clearNotices, notice } from '../actions/notices.js';
import { show } from '../actions/show.js';
import { activity } from '../state.js';

let library: Promise<typeof Chemistry> | null = null;

/** Builds a molecule with its hydrogens, and shows it; says what is wrong where that cannot be. */
export async function openSmiles(smiles: string): Promise<void> {
  clearNotices('structure');
  activity.value = { kind: 'read', text: `building ${smiles}` };
  try {
    const { ConformerGenerator, Molecule } = await (library ??= load());
    refuseUnclosed(smiles);
    const molecule = parsed(Molecule.fromSmiles, smiles);
    const conformer = new ConformerGenerator(1).getOneConformerAsMolecule(molecule);
    if (!conformer)
      throw new Error(
        `SMILES ${smiles}: no three-dimensional structure was found. Draw it elsewhere, and open its file.`,
      );
    const atoms = Array.from({ length: conformer.getAllAtoms() }, (_, i) => i);
    const numbers = atoms.map((i) => conformer.getAtomicNo(i));
    const positions = atoms.flatMap((i) => [conformer.getAtomX(i), conformer.getAtomY(i), conformer.getAtomZ(i)]);
    const charge = atoms.reduce((sum, i) => sum + conformer.getAtomCharge(i), 0);
    show({ name: smiles, structure: makeStructure({ numbers, positions, ...(charge !== 0 && { info: { charge } }) }) });
    if (charge !== 0)
      notice(
        'structure',
        'note',
        `${smiles} has a charge of ${charge > 0 ? '+' : ''}${charge}: models that know charges compute with it, others without.`,
      );
  } catch (error) {
    // What could not be fetched is fetched again the next time.
    library?.catch(() => (library = null));
    notice('structure', 'error', error instanceof Error ? error.message : String(error));
  } finally {
    activity.value = null;
  }
}

async function load(): Promise<typeof Chemistry> {
  const [chemistry, tables] = await Promise.all([import('openchemlib'), import('openchemlib/resources.json?url')]);
  await chemistry.Resources.registerFromUrl(tables.default);
  return chemistry;
}

/** openchemlib takes a branch that is not closed for one. */
function refuseUnclosed(smiles: string): void {
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
  ] as const) {
    const count = (sign: string): number => smiles.split(sign).length;
    if (count(open) !== count(close))
      throw new Error(
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
    throw new Error(`SMILES ${smiles}: ${why}. Expected a molecule such as CC(=O)O.`, { cause });
  }
}
