/** File access for Node. */
export { readStructureFile, streamStructureFile, writeFileAtomically, writeStructureFile } from './files.js';
export { inspectModelFile, readLike, readModelFile } from './model-file.js';
export { openStructureWriter, type StructureWriter } from './structure-writer.js';
export { writeModelFile } from './write-model.js';
