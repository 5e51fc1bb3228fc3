/** What is known not to work, for the conformance kit and for the support table. */

/** One known shortcoming: the cases of the kit that show it, what happens, and where the cause is. */
export interface Limitation {
  readonly check: string;
  readonly reason: string;
  readonly cause: string;
  readonly since: string;
}

export const limitations: readonly Limitation[] = [];

/** Of the engine `webgl`, whose kernels are shaders. */
export const limitationsOfShaders: readonly Limitation[] = [
  ...limitations,
  {
    check: 'values/pow/1000-to-1000000000-with-0.5-to-4',
    reason: 'powers of numbers beyond 1000 lose up to two digits of float32: the device computes 2^(b log2 a)',
    cause: 'https://registry.khronos.org/OpenGL/specs/gl/GLSLangSpec.4.60.html#range-and-precision',
    since: '4.22',
  },
];
