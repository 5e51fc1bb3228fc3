/**
 * Float32 arrays as WebGL textures: made, read back and deleted here, so that each is released when its last holder goes.
 *
 * gpu.js keeps a framebuffer for each size that its own `toArray` has seen, and with it the texture that was read last.
 */
import { DeviceError } from '@mace/core/errors';
import type { GlContext } from './engine.js';

/** What a kernel takes as `ArrayTexture(1)`: one number per texel, row by row. */
export interface TextureHandle {
  readonly type: 'ArrayTexture(1)';
  readonly texture: object;
  /** Texels in each row, and rows. */
  readonly size: Int32Array;
  readonly dimensions: Int32Array;
  readonly output: Int32Array;
  readonly context: GlContext;
}

/** Textures of one context. */
export interface Textures {
  upload(values: ArrayLike<number>): TextureHandle;
  /** Of a texture that a kernel made. */
  adopt(texture: object, size: ArrayLike<number>, length: number): TextureHandle;
  read(handle: TextureHandle, length: number): Float32Array;
  release(handle: TextureHandle): void;
  dispose(): void;
}

/** @param floatChannels - whether textures have one channel (WebGL 2) or four (WebGL 1) */
export function textures(gl: GlContext, floatChannels: 1 | 4): Textures {
  const constant = (name: string): number => gl[name] as number;
  const framebuffer = gl.createFramebuffer();
  const adopt = (texture: object, size: ArrayLike<number>, length: number): TextureHandle => ({
    type: 'ArrayTexture(1)',
    texture,
    size: Int32Array.from(size),
    dimensions: Int32Array.of(length, 1, 1),
    output: Int32Array.of(length),
    context: gl,
  });
  return {
    adopt,
    upload: (values) => {
      const texture = gl.createTexture();
      if (!texture) throw new DeviceError('lost', 'gpu.js: the WebGL context is lost. Create the backend again.');
      const width = Math.max(1, Math.ceil(Math.sqrt(values.length)));
      const height = Math.max(1, Math.ceil(values.length / width));
      const texels = new Float32Array(width * height * floatChannels);
      if (floatChannels === 1) texels.set(values);
      else for (let i = 0; i < values.length; i++) texels[4 * i] = values[i]!;
      gl.activeTexture(constant('TEXTURE0'));
      gl.bindTexture(constant('TEXTURE_2D'), texture);
      for (const name of ['TEXTURE_WRAP_S', 'TEXTURE_WRAP_T'])
        gl.texParameteri(constant('TEXTURE_2D'), constant(name), constant('CLAMP_TO_EDGE'));
      for (const name of ['TEXTURE_MIN_FILTER', 'TEXTURE_MAG_FILTER'])
        gl.texParameteri(constant('TEXTURE_2D'), constant(name), constant('NEAREST'));
      gl.pixelStorei(constant('UNPACK_FLIP_Y_WEBGL'), false);
      const format = constant(floatChannels === 1 ? 'RED' : 'RGBA');
      const internal = constant(floatChannels === 1 ? 'R32F' : 'RGBA');
      gl.texImage2D(constant('TEXTURE_2D'), 0, internal, width, height, 0, format, constant('FLOAT'), texels);
      return adopt(texture, [width, height], values.length);
    },
    read: ({ texture, size }, length) => {
      const [width, height] = size as unknown as [number, number];
      gl.bindFramebuffer(constant('FRAMEBUFFER'), framebuffer);
      const attach = (what: object | null): void =>
        gl.framebufferTexture2D(
          constant('FRAMEBUFFER'),
          constant('COLOR_ATTACHMENT0'),
          constant('TEXTURE_2D'),
          what,
          0,
        );
      attach(texture);
      try {
        const tight =
          floatChannels === 1 &&
          gl.getParameter(constant('IMPLEMENTATION_COLOR_READ_FORMAT')) === gl['RED'] &&
          gl.getParameter(constant('IMPLEMENTATION_COLOR_READ_TYPE')) === gl['FLOAT'];
        const channels = tight ? 1 : 4;
        const texels = new Float32Array(width * height * channels);
        gl.readPixels(0, 0, width, height, constant(tight ? 'RED' : 'RGBA'), constant('FLOAT'), texels);
        if (tight) return texels.length === length ? texels : texels.slice(0, length);
        const values = new Float32Array(length);
        for (let i = 0; i < length; i++) values[i] = texels[4 * i]!;
        return values;
      } finally {
        attach(null);
      }
    },
    release: ({ texture }) => gl.deleteTexture(texture),
    dispose: () => gl.deleteFramebuffer(framebuffer),
  };
}
