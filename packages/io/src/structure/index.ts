/** Reading and writing structures; browser-safe. Files on disk: `@mace/io/node`. */
export {
  formatByName,
  readStructures,
  structureFormats,
  writeStructures,
  type FormatChoice,
  type StructureFormat,
} from './formats.js';
export { lossesOf, type Losses } from './losses.js';
export { readExtxyz, streamExtxyz, writeExtxyz } from './extxyz.js';
export { readCif, writeCif } from './cif.js';
export { readPoscar } from './poscar.js';
export { writePoscar } from './poscar-write.js';
export { readXdatcar } from './xdatcar.js';
export { readPdb, writePdb } from './pdb.js';
export { readAseJson, writeAseJson } from './ase-json.js';
export { readPymatgenJson, writePymatgenJson } from './pymatgen-json.js';
