/** Reading and writing structures; browser-safe. Files on disk: `@mace/io/node`. */
export {
  formatByName,
  readStructures,
  structureFormats,
  writeStructures,
  type FormatChoice,
  type StructureFormat,
} from './formats.js';
export { readExtxyz, streamExtxyz, writeExtxyz } from './extxyz.js';
export { readCif } from './cif.js';
export { writeCif } from './cif-write.js';
export { readPoscar, readXdatcar, writePoscar } from './poscar.js';
export { readPdb } from './pdb.js';
export { writePdb } from './pdb-write.js';
export { readAseJson, writeAseJson } from './ase-json.js';
export { readPymatgenJson, writePymatgenJson } from './pymatgen-json.js';
