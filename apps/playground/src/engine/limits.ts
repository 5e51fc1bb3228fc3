/** Sizes beyond which a page is not the place. */

/** Bytes of a file of structures, which take up to thirty times as much memory once they are read: those of three atoms do. */
export const largestFile = 50e6;
/** Bytes of a file of a model: what the memory of a WebAssembly module could not hold either. */
export const largestModel = 2e9;
/** Structures of one file that are kept. */
export const mostStructures = 2000;
