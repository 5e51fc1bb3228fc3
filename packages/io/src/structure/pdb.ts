/**
 * PDB: `ATOM` and `HETATM` records by column, `CRYST1` as the cell with its space group, one structure per `MODEL`.
 *
 * Every record is read, known to say nothing about atoms, or an error: a misspelt `ATOM` is an atom lost.
 */
import { FormatError } from '@mace/core';
import type { InfoValue, Structure } from '@mace/core/structure';
import { structureOfAtoms, withModelWarnings, type NamedAtom } from './macromolecule.js';
import { atomOfRecord, isAlignedFile } from './pdb-atom.js';
import { PdbCrystal } from './pdb-crystal.js';
import { emptyRecord, failAt, quoted, splitLines } from './text.js';

/** Records of wwPDB format 3.3 and of common programs that do not say where atoms are. */
const otherRecords: ReadonlySet<string> = new Set(
  (
    'HEADER OBSLTE TITLE SPLIT CAVEAT COMPND SOURCE KEYWDS EXPDTA NUMMDL MDLTYP AUTHOR REVDAT SPRSDE JRNL REMARK DBREF DBREF1 DBREF2 ' +
    'SEQADV SEQRES MODRES FTNOTE HET HETNAM HETSYN FORMUL HELIX SHEET TURN SSBOND LINK LINKR HYDBND SLTBRG CISPEP SITE ORIGX1 ORIGX2 ORIGX3 ' +
    'SCALE1 SCALE2 SCALE3 TVECT ANISOU SIGATM SIGUIJ TER CONECT MASTER CRYST1 MTRIX1 MTRIX2 MTRIX3 USER COMMENT BOND PARENT ' +
    'WARNING PSDRES NDBMAP NDBAUT'
  ).split(' '),
);

/** Reads all models. Throws FormatError with the line. */
export function readPdb(text: string, source = 'PDB text'): Structure[] {
  const lines = splitLines(text);
  const isAligned = isAlignedFile(lines);
  const crystal = new PdbCrystal(source);
  const models: NamedAtom[][] = [];
  let atoms: NamedAtom[] = [];
  let openModel = 0;
  const close = (): void => {
    if (atoms.length > 0) models.push(atoms);
    atoms = [];
  };
  lines.forEach((line, index) => {
    const number = index + 1;
    const record = line.slice(0, 6).trimEnd();
    if (record === 'ATOM' || record === 'HETATM') atoms.push(atomOfRecord(line, isAligned, source, number));
    else if (record === 'MODEL') {
      if (openModel > 0)
        failAt(source, number, `the MODEL of line ${openModel} is still open. Add ENDMDL before this one.`);
      close();
      openModel = number;
    } else if (record === 'ENDMDL' || record === 'END') {
      if (record === 'END' && openModel > 0)
        failAt(
          source,
          number,
          `the MODEL of line ${openModel} has no ENDMDL. The file is cut off, or ENDMDL is missing.`,
        );
      close();
      openModel = 0;
    } else if (!crystal.take(record, line, number)) requireKnown(record, line, source, number);
  });
  if (openModel > 0)
    failAt(
      source,
      lines.length,
      `the MODEL of line ${openModel} has no ENDMDL. The file is cut off, or ENDMDL is missing.`,
    );
  close();
  if (models.length === 0) throw new FormatError(`${source}: there is no ATOM or HETATM record. Is this a PDB file?`);
  const { cell, symmetry } = crystal.result();
  return withModelWarnings(
    models.map((model) => structureOfAtoms(model, cell, symmetry, emptyRecord<InfoValue>(), source)),
  );
}

function requireKnown(record: string, line: string, source: string, number: number): void {
  const name = record.split(/\s/)[0] ?? '';
  if (line.trim() === '' || otherRecords.has(record) || otherRecords.has(name) || /^(?:REMARK|TER|#|;)/.test(line))
    return;
  failAt(
    source,
    number,
    `the record ${quoted(record.trim() === '' ? line.trim() : record)} is not known. Atoms are ATOM or HETATM from column 1; take the line out if it is a remark.`,
  );
}
