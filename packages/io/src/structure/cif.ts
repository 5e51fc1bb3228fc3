/**
 * CIF and mmCIF: every data block with atoms is read, its symmetry applied. Core CIF is one structure a block (`cif-structure.ts`), mmCIF
 * one a model (`mmcif.ts`), the definition of a chemical component a molecule (`chemical-component.ts`).
 *
 * Listed atoms keep their coordinates, symmetry images are wrapped into the cell.
 */
import { FormatError } from '@mace/core';
import type { Structure } from '@mace/core/structure';
import { isComponent, structureOfComponent } from './chemical-component.js';
import { CifEntries } from './cif-entries.js';
import { hasSites } from './cif-sites.js';
import { structureOfCif } from './cif-structure.js';
import { parseCifBlocks } from './cif-syntax.js';
import { isMmcif, structuresOfMmcif } from './mmcif.js';

/** Reads all blocks that hold atoms. Throws FormatError with the line, also where a file contradicts itself. */
export function readCif(text: string, source = 'CIF text'): Structure[] {
  const blocks = parseCifBlocks(text, source).map((block) => new CifEntries(block, source));
  const structures = blocks.flatMap((entries) => {
    if (!hasSites(entries)) return isComponent(entries) ? [structureOfComponent(entries)] : [];
    return isMmcif(entries) ? structuresOfMmcif(entries) : [structureOfCif(entries)];
  });
  if (structures.length === 0) {
    throw new FormatError(
      `${source}: no data block has atom coordinates (_atom_site_fract_x or _atom_site_Cartn_x). Is this a CIF file of a structure?`,
    );
  }
  return structures;
}
