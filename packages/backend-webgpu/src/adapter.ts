/** Finds a WebGPU device, or says why there is none and what to do. */

/** What `webgpu` is made of. */
export interface WebgpuOptions {
  /** `navigator.gpu` in a page; in Node what `create([])` of the package `webgpu` gives. */
  readonly gpu: GPU | undefined;
  /** Which of two GPUs. Default: the faster one. */
  readonly powerPreference?: GPUPowerPreference;
  /** Multiply-adds, about, that go to the device at a time. Default: what it does in 30 ms, measured. */
  readonly workPerSubmit?: number;
}

export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  readonly description: string;
  /** Bytes that one array may have. */
  readonly maxBufferBytes: number;
  /** Arrays that a kernel may read and write. */
  readonly arrays: number;
}

/** Kernels read up to seven arrays and write one, which WebGPU promises everywhere; products of many operands like more. */
const [leastArrays, wantedArrays] = [8, 10];

export async function findAdapter({ gpu, powerPreference }: Partial<WebgpuOptions>): Promise<FoundAdapter | Refusal> {
  if (typeof gpu?.requestAdapter !== 'function') return { ...absent() };
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: powerPreference ?? 'high-performance' });
  } catch (error) {
    return {
      reason: `WebGPU refuses an adapter: ${error instanceof Error ? error.message : String(error)}.`,
      remedy: 'Update the browser or the driver, or use the backend wasm.',
    };
  }
  if (!adapter)
    return {
      reason: 'WebGPU is there, but no adapter: no GPU that it trusts, or no driver.',
      remedy: inPage()
        ? 'Look at chrome://gpu or about:support, turn on hardware acceleration, or use the backend wasm.'
        : 'Install a Vulkan driver (on Debian: apt-get install libvulkan1 mesa-vulkan-drivers), or use the backend wasm.',
    };
  const { limits, info } = adapter;
  if (!(limits?.maxStorageBuffersPerShaderStage >= leastArrays))
    return {
      reason: `this WebGPU lets a kernel use ${limits?.maxStorageBuffersPerShaderStage ?? 'an unknown number of'} arrays, and the standard promises ${leastArrays}.`,
      remedy: 'Update the browser or the package webgpu, or use the backend wasm.',
    };
  return {
    adapter,
    description: described(info),
    maxBufferBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    arrays: Math.min(limits.maxStorageBuffersPerShaderStage, wantedArrays),
  };
}

/** A device with the limits of its adapter as far as they are used. */
export async function deviceOf({ adapter, maxBufferBytes, arrays }: FoundAdapter): Promise<GPUDevice> {
  return adapter.requestDevice({
    label: 'mace',
    requiredLimits: {
      maxStorageBufferBindingSize: maxBufferBytes,
      maxBufferSize: maxBufferBytes,
      maxStorageBuffersPerShaderStage: arrays,
    },
  });
}

function absent(): Refusal {
  if (!inPage())
    return {
      reason: 'the option gpu is not a WebGPU implementation.',
      remedy: "Install the package webgpu and pass webgpu({ gpu: create([]) }), with create from 'webgpu'.",
    };
  if ((globalThis as { isSecureContext?: boolean }).isSecureContext === false)
    return {
      reason: 'this page is not served securely, and browsers have WebGPU only where it is.',
      remedy: 'Serve it by https or from localhost.',
    };
  return {
    reason: 'this browser has no WebGPU.',
    remedy: 'Use Chrome or Edge 113, Safari 26 or Firefox 141 or later, or the backend wasm.',
  };
}

function inPage(): boolean {
  return 'navigator' in globalThis && 'isSecureContext' in globalThis;
}

/** @param info - engines of before 2024 have none */
function described(info: GPUAdapterInfo | undefined): string {
  const parts = [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean);
  const name = [...new Set(parts)].join(', ') || 'an unknown adapter';
  return `WebGPU on ${name}${info?.isFallbackAdapter ? ' (a fallback in software)' : ''}`;
}
