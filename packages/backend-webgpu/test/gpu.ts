// WebGPU in Node, where there is a driver for it. MACE_REQUIRE_WEBGPU=1: its absence is a failure.

/** One for the process: Dawn ends it with a crash where nobody holds on to this. */
export const gpu: GPU | undefined = await import('webgpu').then(
  ({ create }) => create([]),
  () => undefined,
);

export const required = process.env['MACE_REQUIRE_WEBGPU'] === '1';

export const hasAdapter = Boolean(await gpu?.requestAdapter());
