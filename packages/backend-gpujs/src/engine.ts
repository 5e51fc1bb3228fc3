/**
 * gpu.js as it is handed in: what this backend uses of it, which mode it runs in, and why it cannot.
 *
 * gpu.js has no version number at run time, so an old one is recognised by what it lacks.
 */

/** How gpu.js computes. */
export type Mode = 'cpu' | 'webgl' | 'webgl2';

/** The class `GPU` of gpu.js 2.24 or later, as far as it is used here. */
export interface GpuClass {
  new (settings: { readonly mode?: Mode; readonly canvas?: unknown; readonly context?: unknown }): GpuInstance;
  readonly isWebGLSupported: boolean;
  readonly isWebGL2Supported: boolean;
}

/** An instance of it. */
export interface GpuInstance {
  readonly Kernel: {
    readonly features: { readonly maxTextureSize?: number; readonly isFloatRead?: boolean };
    readonly testContext?: GlContext;
  };
  createKernel(source: string, settings: Readonly<Record<string, unknown>>): GpuKernel;
  addNativeFunction(name: string, source: string, settings: { readonly returnType: string }): unknown;
  injectNative(source: string): unknown;
  destroy(): Promise<void>;
}

/** A kernel: called with its arguments it gives an array, or a texture. */
export interface GpuKernel {
  (...operands: unknown[]): unknown;
  setOutput(size: readonly number[]): unknown;
  /** The kernel itself; the callable stands before it. */
  readonly kernel: { texture: GpuTexture | null; readonly framebuffer: unknown; readonly textureCache: unknown[] };
}

/** The texture in which a kernel leaves its result. */
export interface GpuTexture {
  readonly texture: object;
  readonly size: ArrayLike<number>;
}

/** The part of a WebGL context that is used here, without the types of a browser. */
export interface GlContext {
  readonly [constant: string]: unknown;
  getParameter(name: number): unknown;
  getExtension(name: string): Readonly<Record<string, number>> | null;
  getError(): number;
  isContextLost(): boolean;
  createTexture(): object | null;
  deleteTexture(texture: unknown): void;
  activeTexture(unit: number): void;
  bindTexture(target: number, texture: unknown): void;
  texParameteri(target: number, name: number, value: number): void;
  pixelStorei(name: number, value: number | boolean): void;
  texImage2D(
    target: number,
    level: number,
    internalFormat: number,
    width: number,
    height: number,
    border: number,
    format: number,
    type: number,
    values: Float32Array | null,
  ): void;
  createFramebuffer(): object | null;
  deleteFramebuffer(framebuffer: unknown): void;
  bindFramebuffer(target: number, framebuffer: unknown): void;
  framebufferTexture2D(target: number, attachment: number, kind: number, texture: unknown, level: number): void;
  readPixels(
    x: number,
    y: number,
    width: number,
    height: number,
    format: number,
    type: number,
    values: Float32Array,
  ): void;
}

/** What was found out without allocating anything. */
export type Finding =
  | { readonly found: true; readonly mode: Mode; readonly device: string; readonly maxBufferBytes: number }
  | { readonly found: false; readonly reason: string; readonly remedy: string };

/** Whether gpu.js is there, new enough, and runs in the mode that is asked for. Never throws. */
export function examine(GPU: unknown, wanted: Mode | undefined): Finding {
  if (
    typeof GPU !== 'function' ||
    typeof (GPU.prototype as Partial<GpuInstance> | undefined)?.createKernel !== 'function'
  )
    return {
      found: false,
      reason: `gpujs needs the class GPU of gpu.js, got ${describe(GPU)}.`,
      remedy: "Install gpu.js and pass the class: import { GPU } from 'gpu.js'; gpujs({ GPU }).",
    };
  // Kernel pipelines came with the versions whose kernels keep results in tight float textures.
  if (typeof (GPU.prototype as { createPipeline?: unknown }).createPipeline !== 'function')
    return {
      found: false,
      reason: 'this gpu.js is older than 2.24: it has no createPipeline.',
      remedy: 'Install gpu.js 2.24 or later.',
    };
  return wanted ? inMode(GPU as GpuClass, wanted) : best(GPU as GpuClass);
}

export const modes: readonly Mode[] = ['cpu', 'webgl', 'webgl2'];

/** The first that works of webgl2, webgl and cpu. */
function best(GPU: GpuClass): Finding {
  for (const mode of ['webgl2', 'webgl'] as const) {
    const finding = inMode(GPU, mode);
    if (finding.found) return finding;
  }
  return inMode(GPU, 'cpu');
}

function inMode(GPU: GpuClass, mode: Mode): Finding {
  if (mode === 'cpu') {
    if (mayMakeFunctions()) return { found: true, mode, device: 'gpu.js, cpu', maxBufferBytes: 2 ** 31 };
    return {
      found: false,
      reason: 'gpu.js makes functions from text in mode cpu, which this page forbids.',
      remedy: "Allow 'unsafe-eval' in the content security policy of the page, or use mode 'webgl2'.",
    };
  }
  const remedy = "Turn on the graphics device of the browser, or use mode 'cpu'.";
  try {
    if (!(mode === 'webgl2' ? GPU.isWebGL2Supported : GPU.isWebGLSupported))
      return { found: false, reason: `gpu.js finds no ${mode} here.`, remedy };
    // Chooses a kernel class and opens nothing: its features come from a context that gpu.js keeps for tests.
    const { Kernel } = new GPU({ mode });
    const { maxTextureSize, isFloatRead } = Kernel.features;
    if (!isFloatRead || !maxTextureSize)
      return { found: false, reason: `${mode} of this device cannot render to float textures.`, remedy };
    const side = Math.min(maxTextureSize, 2 ** 14);
    return {
      found: true,
      mode,
      device: `gpu.js, ${mode}, ${rendererOf(Kernel.testContext)}`,
      // Textures are nearly square; the longer side may exceed the root by one.
      maxBufferBytes: (side - 2) ** 2 * 4,
    };
  } catch (error) {
    return { found: false, reason: `gpu.js cannot use ${mode}: ${String(error)}.`, remedy };
  }
}

/** False under a content security policy without `unsafe-eval`. */
function mayMakeFunctions(): boolean {
  try {
    Reflect.construct(Function, ['']);
    return true;
  } catch {
    return false;
  }
}

function rendererOf(context: GlContext | undefined): string {
  if (!context) return 'unknown renderer';
  const unmasked = context.getExtension('WEBGL_debug_renderer_info')?.['UNMASKED_RENDERER_WEBGL'];
  return String(context.getParameter(unmasked ?? (context['RENDERER'] as number)));
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'function') return `the class or function ${value.name || 'without a name'}`;
  return typeof value === 'object' && 'GPU' in value ? 'the module; it is a property of that' : typeof value;
}
