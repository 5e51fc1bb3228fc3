// Writes src/files/gallery.json: molecules made from SMILES (openchemlib), not relaxed, so that there is something to do; and a few crystals.
//   node apps/playground/scripts/make-gallery.mjs      (after `npm run setup`)
import { writeFileSync } from 'node:fs';
import { makeStructure } from '@mace/core/structure';
import { readStructureFile } from '@mace/io/node';
import { fromSmiles, useResources } from './smiles-in-node.mjs';

/** Names for people, and SMILES. */
const molecules = {
  Water: 'O',
  Ethanol: 'CCO',
  Aspirin: 'CC(=O)Oc1ccccc1C(=O)O',
  Caffeine: 'Cn1cnc2c1c(=O)n(C)c(=O)n2C',
  Benzene: 'c1ccccc1',
  'Alanine dipeptide': 'CC(=O)N[C@@H](C)C(=O)NC',
  'Protein fragment (Ala-Gly-Ser)': 'CC(=O)N[C@@H](C)C(=O)NCC(=O)N[C@@H](CO)C(=O)NC',
};

useResources();
/** @type {{ name: string, numbers: number[], positions: number[], cell?: number[] }[]} */
const gallery = Object.entries(molecules).map(([name, smiles]) => ({ name, ...written(centred(fromSmiles(smiles))) }));
const [ice] = await readStructureFile('packages/models/bundled/structures/ice.xyz');
if (!ice) throw new Error('no ice');
gallery.push({ name: 'Ice', ...written(ice) });
// Lattice constants at room temperature: Okada, Tokumaru, J. Appl. Phys. 56, 314 (1984); Barrett, Wallace, J. Am. Chem. Soc. 76, 366 (1954).
gallery.push({ name: 'Silicon', ...written(faceCentred(['Si', 'Si'], 5.4311, 0.25)) });
gallery.push({ name: 'Salt (NaCl)', ...written(faceCentred(['Na', 'Cl'], 5.6402, 0.5)) });
const lines = gallery.map((one) => `  ${JSON.stringify(one)}`).join(',\n');
writeFileSync(new URL('../src/files/gallery.json', import.meta.url), `[\n${lines}\n]\n`);

/** About the mean of all atoms. @param {import('@mace/core/structure').Structure} structure */
function centred(structure) {
  const count = structure.numbers.length;
  const middle = [0, 1, 2].map((k) =>
    structure.positions.reduce((sum, x, i) => sum + (i % 3 === k ? x / count : 0), 0),
  );
  return { ...structure, positions: structure.positions.map((x, i) => x - (middle[i % 3] ?? 0)) };
}

/** @param {import('@mace/core/structure').Structure} structure */
function written({ numbers, positions, cell }) {
  const round = (/** @type {number} */ x) => Number(x.toFixed(5)) + 0;
  return { numbers: [...numbers], positions: [...positions].map(round), ...(cell && { cell: [...cell].map(round) }) };
}

/**
 * The conventional cell of two interpenetrating face-centred lattices.
 * @param {[string, string]} symbols
 * @param {number} a - Å
 * @param {number} shift - of the second lattice, along each axis
 */
function faceCentred(symbols, a, shift) {
  const corners = [
    [0, 0, 0],
    [0, 0.5, 0.5],
    [0.5, 0, 0.5],
    [0.5, 0.5, 0],
  ];
  const sites = symbols.flatMap((symbol, i) =>
    corners.map((corner) => ({ symbol, at: corner.map((x) => a * (x + i * shift)) })),
  );
  return makeStructure({
    symbols: sites.map(({ symbol }) => symbol),
    positions: sites.flatMap(({ at }) => at),
    cell: [a, 0, 0, 0, a, 0, 0, 0, a],
  });
}
