/** Reading model files and structures; browser-safe. Files on disk: `@mace/io/node`. */
export * from './mace-format/index.js';
export * from './model/index.js';
export * from './structure/index.js';
export { MemoryStorage, pathIn, type Appender, type Storage } from './storage/storage.js';
export { openPrivateStorage } from './storage/private-storage.js';
