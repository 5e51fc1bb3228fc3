/** Structures: elements, cells, checks, neighbor lists, batches. */
export * from './cell.js';
export { edgeVectors, edgeVectorsInto } from './edge-vectors.js';
export { buildEdges, concatenateEdges } from './edges.js';
export type { EdgeBatch } from './edges.js';
export * from './elements.js';
export * from './make-structure.js';
export { countNeighbors, findNeighbors } from './neighbors.js';
export { neighborGrid } from './neighbor-grid.js';
export type { NeighborGrid } from './neighbor-grid.js';
export { coincidence, refuseSize } from './neighbor-refusals.js';
export { bytesPerEdge, maximumEdges } from './neighbor-limits.js';
export type { NeighborList, NeighborOptions } from './neighbors.js';
export * from './order.js';
export type * from './structure.js';
export * from './validate.js';
