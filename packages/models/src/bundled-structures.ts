/** Structures that come with the package; apart from the model, so that a page that has its own does not carry them. */

/** Addresses of three small structures that the bundled model knows. */
export const bundledStructures: readonly URL[] = [
  new URL('../bundled/structures/caffeine.xyz', import.meta.url),
  new URL('../bundled/structures/ethanol-water.xyz', import.meta.url),
  new URL('../bundled/structures/ice.xyz', import.meta.url),
];
