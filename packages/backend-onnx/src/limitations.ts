/** What the engine is known not to do, for `@mace/conformance`. */

/** As `Limitation` of the kit, which this package does not import. */
interface Limitation {
  readonly check: string;
  readonly reason: string;
  readonly cause: string;
  readonly since: string;
}

/** Of every provider: nothing so far. */
export const limitations: readonly Limitation[] = [];

/** Of the provider `webgpu`, whose kernels are shaders. */
export const limitationsOfShaders: readonly Limitation[] = [
  ...limitations,
  {
    check: 'values/pow/1000-to-1000000000-with-0.5-to-4',
    reason: 'powers of numbers beyond 1000 lose up to two digits of float32: the device computes 2^(b log2 a)',
    cause: 'https://www.w3.org/TR/WGSL/#concrete-float-accuracy',
    since: '1.30',
  },
];
