/**
 * Modes `webgl2` and `webgl`: arrays are textures, kernels are fragment shaders that gpu.js writes.
 *
 * The context belongs to this device. A kernel's result is taken out of the kernel, so that nothing stays in it from run
 * to run; gpu.js gets a size in place of a canvas, because it would resize a real one with every kernel.
 */
import { BackendUnavailableError, DeviceError, UnsupportedError, isMaceError } from '@mace/core/errors';
import type { Buffer, Device, KernelSource } from './device.js';
import { elementaryGlsl, glslLibrary } from './elementary-glsl.js';
import type { GlContext, GpuClass, GpuKernel, Mode } from './engine.js';
import { kernelCache } from './kernel-cache.js';
import { textures, type TextureHandle } from './textures.js';

/** Above this a float32 skips whole numbers, so it cannot be an index. */
const largestIndex = 2 ** 24;

/** An instance of gpu.js with a context of its own. @throws BackendUnavailableError where there is none */
export function webglDevice(GPU: GpuClass, mode: Exclude<Mode, 'cpu'>): Device {
  const context = openContext(mode);
  const gpu = new GPU({ context, canvas: { width: 1, height: 1 } });
  gpu.injectNative(glslLibrary);
  const kernelOf = kernelCache(gpu, elementaryGlsl, 'ArrayTexture(1)', {
    precision: 'single',
    tactic: 'precision',
    pipeline: true,
  });
  const channels = mode === 'webgl2' ? 1 : 4;
  const pool = textures(context, channels);
  const bufferOf = (handle: TextureHandle, size: number): Buffer => ({
    size,
    bytes: handle.size[0]! * handle.size[1]! * 4 * channels,
    holders: 1,
    handle,
  });
  const upload = (values: ArrayLike<number>): Buffer => bufferOf(pool.upload(values), values.length);
  const stopIfBroken = (): void => {
    if (context.isContextLost()) throw lost(mode);
    const codes: number[] = [];
    for (let code = context.getError(); code !== context['NO_ERROR']; code = context.getError()) codes.push(code);
    if (codes.includes(context['OUT_OF_MEMORY'] as number))
      throw new DeviceError(
        'out-of-memory',
        `gpu.js, ${mode}: the device has no memory for another texture. Compute fewer structures at once.`,
      );
    if (codes.length > 0)
      throw new DeviceError(
        'rejected',
        `gpu.js, ${mode}: the device refused a call with GL error ${codes.join(', ')}. Report it with the version of gpu.js and the graphics device.`,
      );
  };
  return {
    upload,
    uploadIndices: (values, name) => {
      const largest = values.reduce((most, value) => Math.max(most, value), 0);
      if (largest > largestIndex)
        throw new UnsupportedError(
          'size',
          `index map ${name}: it points at row ${largest}; gpujs in mode ${mode} keeps rows in float32, up to ${largestIndex}. Compute fewer structures at once, or use mode 'cpu'.`,
        );
      return upload(values);
    },
    run: (source, size, operands) => {
      if (size === 0) return upload([]);
      try {
        const kernel = kernelOf(mode === 'webgl' ? withBoundedLoops(source) : source);
        kernel.setOutput([size]);
        kernel(...operands.map((one) => (typeof one === 'number' ? one : one.handle)));
        return bufferOf(taken(context, pool.adopt, kernel, size), size);
      } catch (error) {
        throw failureOf(error, context, mode);
      }
    },
    read: ({ handle, size }) => {
      stopIfBroken();
      const values = pool.read(handle as TextureHandle, size);
      stopIfBroken();
      return values;
    },
    release: ({ handle }) => pool.release(handle as TextureHandle),
    dispose: async () => {
      pool.dispose();
      await gpu.destroy();
      lose(context);
    },
  };
}

/**
 * Shaders of WebGL 1 compare a loop index with constants only. Where a loop does not begin at a literal, gpu.js writes one
 * of constant length that breaks; and this zero is a whole number to it, as a literal would not be.
 */
function withBoundedLoops({ code, kinds }: KernelSource): KernelSource {
  return { code: code.replaceAll(/for \(let (\w+) = 0;/g, 'for (let $1 = this.thread.x - this.thread.x;'), kinds };
}

/** The result of a kernel, which the kernel no longer has. */
function taken(
  gl: GlContext,
  adopt: (texture: object, size: ArrayLike<number>, length: number) => TextureHandle,
  { kernel }: GpuKernel,
  length: number,
): TextureHandle {
  const { texture, size } = kernel.texture!;
  kernel.texture = null;
  // In WebGL 1 a kernel lists what it made.
  kernel.textureCache.splice(0);
  // A framebuffer would keep the texture alive after it is deleted.
  gl.bindFramebuffer(gl['FRAMEBUFFER'] as number, kernel.framebuffer);
  gl.framebufferTexture2D(
    gl['FRAMEBUFFER'] as number,
    gl['COLOR_ATTACHMENT0'] as number,
    gl['TEXTURE_2D'] as number,
    null,
    0,
  );
  return adopt(texture, size, length);
}

/** What makes a canvas, in a page or in a worker. */
interface Canvases {
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
  readonly document?: { createElement(name: 'canvas'): Canvas };
}
interface Canvas {
  getContext(kind: string, settings: Readonly<Record<string, boolean>>): GlContext | null;
}

function openContext(mode: 'webgl' | 'webgl2'): GlContext {
  const { OffscreenCanvas, document } = globalThis as unknown as Canvases;
  const canvas = OffscreenCanvas ? new OffscreenCanvas(1, 1) : document?.createElement('canvas');
  const context = canvas?.getContext(mode, { alpha: false, depth: false, antialias: false });
  if (!context)
    throw new BackendUnavailableError(
      `gpujs could not open another ${mode} context. Dispose of backends that are not used, or use mode 'cpu'.`,
    );
  // Results of kernels can be read, and inputs as well, only where these are on.
  for (const name of floatExtensions[mode]) context.getExtension(name);
  return context;
}

const floatExtensions = {
  webgl2: ['EXT_color_buffer_float'],
  webgl: ['OES_texture_float', 'WEBGL_color_buffer_float'],
} as const;

function lose(context: GlContext): void {
  const extension = context.getExtension('WEBGL_lose_context') as { loseContext(): void } | null;
  extension?.loseContext();
}

function lost(mode: Mode, cause?: unknown): DeviceError {
  return new DeviceError(
    'lost',
    `gpu.js, ${mode}: the WebGL context was lost. Dispose of the backend and create it again.`,
    {
      cause,
    },
  );
}

function failureOf(error: unknown, context: GlContext, mode: Mode): unknown {
  if (isMaceError(error)) return error;
  if (context.isContextLost()) return lost(mode, error);
  return new DeviceError(
    'rejected',
    `gpu.js, ${mode}: a kernel failed: ${String(error)}. Report it with the version of gpu.js and the graphics device.`,
    { cause: error },
  );
}
