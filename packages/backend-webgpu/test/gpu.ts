// WebGPU in Node, where there is a driver for it. MACE_REQUIRE_WEBGPU=1: its absence is a failure.

/** One for the process: Dawn ends it with a crash where nobody holds on to this. */
export const gpu: GPU | undefined = await import('webgpu').then(
  ({ create }) => create([]),
  () => undefined,
);

export const required = process.env['MACE_REQUIRE_WEBGPU'] === '1';

export const hasAdapter = Boolean(await gpu?.requestAdapter());

/** The same with smaller buffers, and with the devices that were made. */
export function limited(maxBufferBytes: number): { gpu: GPU; devices: GPUDevice[] } {
  const devices: GPUDevice[] = [];
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<unknown> => {
    const adapter = (await gpu!.requestAdapter(options))!;
    const { maxStorageBuffersPerShaderStage } = adapter.limits;
    const size = Math.min(maxBufferBytes, adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize);
    return {
      limits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize: size, maxBufferSize: size },
      info: adapter.info,
      requestDevice: async (wanted: GPUDeviceDescriptor) => {
        const device = await adapter.requestDevice({ requiredLimits: wanted.requiredLimits! });
        devices.push(device);
        return device;
      },
    };
  };
  return { gpu: { requestAdapter } as unknown as GPU, devices };
}
