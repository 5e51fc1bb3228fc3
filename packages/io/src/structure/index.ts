/** Reading and writing structures; browser-safe. Files on disk: `@mace/io/node`. */
export {
  formatByName,
  readStructures,
  structureFormats,
  writeStructureBytes,
  writeStructures,
  type BinaryFormat,
  type FormatChoice,
  type StructureFormat,
  type TextFormat,
} from './formats.js';
export { lossesOf, lossText, writablePart, type Losses } from './losses.js';
export { readAseTrajectory, streamAseTrajectory } from './ase-trajectory.js';
export { TrajectoryEncoder, writeAseTrajectory, type FrameEncoder } from './ase-trajectory-write.js';
export type { ByteRange, ByteSource } from './byte-source.js';
export { readExtxyz, streamExtxyz, writeExtxyz } from './extxyz.js';
export { extxyzFrame } from './extxyz-append.js';
export { readCif } from './cif.js';
export { writeCif } from './cif-write.js';
export { readPoscar } from './poscar.js';
export { writePoscar } from './poscar-write.js';
export { readXdatcar } from './xdatcar.js';
export { readPdb } from './pdb.js';
export { writePdb } from './pdb-write.js';
export { readAseJson, writeAseJson } from './ase-json.js';
export { readPymatgenJson, writePymatgenJson } from './pymatgen-json.js';
export { writableExtxyz } from './writable-extxyz.js';
