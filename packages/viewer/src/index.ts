/** Atoms, bonds, forces and cells in a page. */
export { mapColor } from './color-map.js';
export { elementColor } from './element-colors.js';
export { darkColors, lightColors } from './shown.js';
export type { Look, Shown, ViewerColors, ViewerEvents } from './shown.js';
export { Viewer } from './viewer.js';
