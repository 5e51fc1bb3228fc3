/**
 * PDB: `ATOM` and `HETATM` records by column, `CRYST1` as the cell with its space group, one structure per `MODEL`.
 *
 * Every record is read, known to say nothing about atoms, named as ignored, or an error: a misspelt `ATOM` is an atom lost.
 */
import { FormatError } from '@mace/core';
import type { InfoValue, Structure } from '@mace/core/structure';
import { structureOfAtoms, withModelWarnings, type NamedAtom, type Surroundings } from './macromolecule.js';
import { atomOfRecord, isAlignedFile } from './pdb-atom.js';
import { PdbCrystal } from './pdb-crystal.js';
import { emptyRecord, failAt, parseInteger, quoted, splitLines } from './text.js';

/** Records of wwPDB format 3.3 and of common programs that do not say where atoms are. */
const otherRecords: ReadonlySet<string> = new Set(
  (
    'HEADER OBSLTE TITLE SPLIT CAVEAT COMPND SOURCE KEYWDS EXPDTA NUMMDL MDLTYP AUTHOR REVDAT SPRSDE JRNL REMARK DBREF DBREF1 DBREF2 ' +
    'SEQADV SEQRES MODRES FTNOTE HET HETNAM HETSYN FORMUL HELIX SHEET TURN SSBOND LINK LINKR HYDBND SLTBRG CISPEP SITE ORIGX1 ORIGX2 ORIGX3 ' +
    'SCALE1 SCALE2 SCALE3 TVECT ANISOU SIGATM SIGUIJ TER CONECT MASTER CRYST1 MTRIX1 MTRIX2 MTRIX3 USER COMMENT BOND PARENT ' +
    'WARNING PSDRES NDBMAP NDBAUT'
  ).split(' '),
);

/** Records that say which atoms are together, or where: in other letters they must not be passed over. */
const placing: ReadonlySet<string> = new Set(
  'CRYST1 SCALE1 SCALE2 SCALE3 MTRIX1 MTRIX2 MTRIX3 MODEL ENDMDL END'.split(' '),
);

/** Reads all models. Throws FormatError with the line. */
export function readPdb(text: string, source = 'PDB text'): Structure[] {
  const lines = splitLines(text);
  const isAligned = isAlignedFile(lines);
  const crystal = new PdbCrystal(source);
  let stated: number | undefined;
  const models: { atoms: NamedAtom[]; surroundings: Surroundings }[] = [];
  let atoms: NamedAtom[] = [];
  const ignored = new Set<string>();
  const open = new Set<string>();
  let openModel = 0;
  const empty: number[] = [];
  let cell: { readonly text: string; readonly line: number } | undefined;
  const close = (): void => {
    // Trajectories have a CRYST1 before each model.
    if (atoms.length === 0) return;
    models.push({ atoms, surroundings: crystal.result() });
    atoms = [];
    cell = undefined;
  };
  lines.forEach((line, index) => {
    const number = index + 1;
    const record = line.slice(0, 6).trimEnd();
    if (record === 'ATOM' || record === 'HETATM') atoms.push(atomOfRecord(line, isAligned, source, number, open));
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
      if (openModel > 0 && atoms.length === 0) empty.push(openModel);
      close();
      openModel = 0;
    } else if (record === 'CRYST1') {
      const text = line.slice(6, 66).trim().replace(/\s+/g, ' ');
      if (cell !== undefined && cell.text !== text)
        failAt(
          source,
          number,
          `CRYST1 differs from that of line ${cell.line}, and both are of the same atoms. Remove one of them.`,
        );
      cell = { text, line: number };
      crystal.take(record, line, number);
    } else if (!crystal.take(record, line, number)) {
      if (record === 'NUMMDL') stated = parseInteger(line.slice(10, 14).trim());
      const name = unknownRecord(record, line, source, number);
      if (name !== undefined) ignored.add(name);
    }
  });
  if (openModel > 0)
    failAt(
      source,
      lines.length,
      `the MODEL of line ${openModel} has no ENDMDL. The file is cut off, or ENDMDL is missing.`,
    );
  close();
  if (models.length === 0) throw new FormatError(`${source}: there is no ATOM or HETATM record. Is this a PDB file?`);
  const notes: string[] = [];
  // MASTER counts atoms too, but deposited files differ in how.
  if (stated !== undefined && stated !== models.length)
    notes.push(`NUMMDL says ${stated} models, the file has ${models.length}`);
  if (empty.length > 0) notes.push(`models without atoms were left out: MODEL of line ${empty.slice(0, 4).join(', ')}`);
  if (ignored.size > 0) notes.push(`records that are not known were ignored: ${[...ignored].slice(0, 8).join(', ')}`);
  if (open.size > 0)
    notes.push(
      `columns 77-78 name no element; by the columns of their names ${[...open].slice(0, 4).join(', ')}${open.size > 4 ? ', …' : ''}`,
    );
  return withModelWarnings(
    models.map((model) => {
      const surroundings = { ...model.surroundings, warnings: [...model.surroundings.warnings, ...notes] };
      return structureOfAtoms(model.atoms, surroundings, emptyRecord<InfoValue>(), source);
    }),
  );
}

/** The name of a record that is not known; undefined for one that is. Throws FormatError for one that may be an atom. */
function unknownRecord(record: string, line: string, source: string, number: number): string | undefined {
  const name = record.split(/\s/)[0] ?? '';
  if (line.trim() === '' || otherRecords.has(record) || otherRecords.has(name) || /^(?:REMARK|TER|#|;)/.test(line))
    return undefined;
  const written = /^\s*([A-Za-z]+\d?)/.exec(line)?.[1] ?? '';
  const meant = written.toUpperCase();
  if (placing.has(meant) && (meant !== 'END' || line.trim() === written))
    failAt(
      source,
      number,
      `the record ${meant} is written ${quoted(line.slice(0, 6))}. Write it in capitals from column 1, or take the line out.`,
    );
  if (/^\s*(?:A.?T.?O|HET.?A)/i.test(line) || (line.match(/\d\.\d/g) ?? []).length >= 3)
    failAt(
      source,
      number,
      `this line may be an atom, but starts with ${quoted(line.slice(0, 6))}. Atoms are ATOM or HETATM from column 1; take the line out if it is a remark.`,
    );
  return quoted(record);
}
