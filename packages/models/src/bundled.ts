/** The model that comes with the package: H, C, N and O, for trying things out; no model for research (`bundled/README.md`). */

/** Address of its file: a `file:` URL in Node, what a bundler makes of it in a page. */
export const bundledModel: URL = new URL('../bundled/hcno-xtb.safetensors', import.meta.url);
