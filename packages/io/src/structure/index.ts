/** Reading and writing structures; browser-safe. Files on disk: `@mace/io/node`. */
export {
  formatByName,
  readStructures,
  structureFormats,
  writeStructures,
  type FormatChoice,
  type StructureFormat,
} from './formats.js';
export { lossesOf, lossText, writablePart, type Losses } from './losses.js';
export { readExtxyz, streamExtxyz, writeExtxyz } from './extxyz.js';
export { readCif } from './cif.js';
export { writeCif } from './cif-write.js';
export { readPoscar } from './poscar.js';
export { writePoscar } from './poscar-write.js';
export { readXdatcar } from './xdatcar.js';
export { readPdb } from './pdb.js';
export { writePdb } from './pdb-write.js';
export { readAseJson, writeAseJson } from './ase-json.js';
export { readPymatgenJson, writePymatgenJson } from './pymatgen-json.js';
