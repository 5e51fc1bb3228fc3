/** File access for Node. */
export { readStructureFile, streamStructureFile, writeStructureFile } from './files.js';
export { openFolderStorage, type FolderStorage } from './folder-storage.js';
export { readFrames, streamFrames } from './frames.js';
export { inspectModelFile, readLike, readModelFile } from './model-file.js';
export { openOutput, writeFileAtomically, type Output } from './output/output.js';
export { checkOutput, type OutputTarget, type WrittenFormat } from './output/target.js';
export {
  extendedXyz,
  openStructureWriter,
  type StructureWriter,
  type StructureWriterOptions,
} from './structure-writer.js';
export { checkModelOutput, writeModelFile, type WriteModelOptions } from './write-model.js';
