/** Backends by name: those of ours, their engines, and those of others. */
export { backendNamed, findBackend, type BackendSettings } from './by-name.js';
export { backendNames, defaultBackend, type BackendName } from './names.js';
export type { FoundBackend } from './found-backend.js';
