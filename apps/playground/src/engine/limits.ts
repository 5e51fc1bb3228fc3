/** Sizes beyond which a page is not the place. */

/** Bytes of a file of structures. */
export const largestFile = 256 * 1024 * 1024;
/** Structures of one file that are kept. */
export const mostStructures = 2000;
