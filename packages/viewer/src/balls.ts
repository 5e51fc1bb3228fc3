/**
 * Atoms, and the halos of those that are selected. Each is a square towards the eye on which the program computes a sphere, round at every
 * size: four corners an atom, where a mesh has hundreds.
 */
import { Instances, put, type Arrays, type Form, type Program } from './instances.js';
import { shading, type Light } from './shading.js';

const kinds = { atom: 0, halo: 1, fixed: 2 } as const;

export type BallKind = keyof typeof kinds;

const square: Form = {
  corners: Float32Array.of(-1, -1, 0, 0, 1, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0),
  triangles: [0, 1, 2, 0, 2, 3],
};

const program: Program = {
  vertexShader: `
precision highp float;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
uniform float pixel;
in vec4 position;
in vec4 place;
in vec4 color;
out vec2 corner;
flat out vec3 base;
flat out int kind;
flat out vec2 heights;

void main() {
  vec4 at = modelViewMatrix * vec4(place.xyz, 1.0);
  corner = position.xy * (1.0 + pixel / place.w);
  base = color.rgb;
  kind = int(color.a * 255.0 + 0.5);
  heights = vec2(at.z, place.w);
  gl_Position = projectionMatrix * vec4(at.xy + corner * place.w, at.zw);
}`,
  fragmentShader: `
precision highp float;
uniform mat4 projectionMatrix;
in vec2 corner;
flat in vec3 base;
flat in int kind;
flat in vec2 heights;
out vec4 result;
${shading}
void main() {
  float inside = 1.0 - length(corner);
  float width = fwidth(inside);
  float coverage = clamp(inside / width + 0.5, 0.0, 1.0);
#ifdef SMOOTH
  if (coverage <= 0.0) discard;
#else
  if (coverage < 0.5) discard;
#endif
  float z = sqrt(max(0.0, 1.0 - dot(corner, corner)));
  // A halo is flat, and behind its atom.
  float height = heights.x + (kind == 1 ? -0.5 : z) * heights.y;
  vec3 color = shaded(base, vec3(corner, z), -height);
  if (kind == 1) color = hazy(base, -height);
  if (kind == 2) {
    float line = min(abs(corner.x - corner.y), abs(corner.x + corner.y));
    float cross = 1.0 - smoothstep(0.10, 0.10 + 2.0 * width, line);
    color = mix(color, hazy(vec3(0.07), -height), 0.85 * cross);
  }
  vec4 clip = projectionMatrix * vec4(0.0, 0.0, height, 1.0);
  gl_FragDepth = 0.5 * clip.z / clip.w + 0.5;
  result = vec4(color, coverage);
}`,
};

export class Balls {
  readonly #instances: Instances;
  #arrays: Arrays;
  #count = 0;

  constructor(light: Light, smoothEdges: boolean) {
    this.#instances = new Instances(program, light, ['place'], ['color'], smoothEdges);
    this.#instances.shape(square);
    this.#arrays = this.#instances.arrays();
  }

  get mesh() {
    return this.#instances.mesh;
  }

  clear(): void {
    this.#count = 0;
  }

  /** @param radius - Å @param color - 0xRRGGBB */
  add(x: number, y: number, z: number, radius: number, color: number, kind: BallKind): void {
    if (this.#instances.reserve(this.#count + 1)) this.#arrays = this.#instances.arrays();
    const { place, color: bytes } = this.#arrays;
    const at = 4 * this.#count++;
    place![at] = x;
    place![at + 1] = y;
    place![at + 2] = z;
    place![at + 3] = radius;
    put(bytes!, at, color);
    bytes![at + 3] = kinds[kind];
  }

  show(): void {
    this.#instances.show(this.#count);
  }

  dispose(): void {
    this.#instances.dispose();
  }
}
