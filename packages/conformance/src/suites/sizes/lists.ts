/** Sizes at which engines change from one loop to another. */

/** Whole numbers from one to another. */
export function upTo(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** What engines cut their loops into: powers of two, and sizes between them. */
const blocks = [96, 128, 144, 192, 256, 384, 512, 768, 1000, 1024, 1280];
const between = [
  73, 77, 80, 85, 88, 91, 100, 104, 109, 112, 116, 120, 135, 139, 150, 156, 160, 165, 171, 176, 182, 200, 207, 213, 224,
  231, 240, 247, 270, 288, 300, 311, 320, 333, 352, 368, 400, 417, 448, 463, 480, 500, 541, 576, 600, 640, 667, 700,
  731, 800, 851, 900, 960, 1100, 1152, 1200,
];

/** One less, a block, and one more, and some sizes between, from least to most. */
export function blockSizes(least: number, most: number): number[] {
  return [...blocks.flatMap((block) => [block - 1, block, block + 1]), ...between]
    .filter((size) => size >= least && size <= most)
    .sort((a, b) => a - b);
}

/** Every size up to 130, or fewer, and beside blocks up to a largest. */
export function denseSizes(most: number, dense = 130): number[] {
  return [...upTo(1, Math.min(dense, most)), ...blockSizes(dense + 1, most)];
}
