/** Bonds, the shafts and heads of arrows, and the edges of the cell: straight, round, from a point and a radius to another. */
import { Instances, put, type Arrays, type Form } from './instances.js';
import { shading, type Light } from './shading.js';

/** Sides of few rods, which may be large on the screen, and of many. */
const sides = { few: 18, many: 7 };
const many = 1500;

/** Corners are cosine, sine, 0 or 1 along the rod, and 1 on the flat end; where a rod begins it has none. */
function tube(around: number): Form {
  const corners: number[] = [];
  for (const [along, end] of [
    [0, 0],
    [1, 0],
    [1, 1],
  ] as const)
    for (let k = 0; k < around; k++) {
      const angle = (2 * Math.PI * k) / around;
      corners.push(Math.cos(angle), Math.sin(angle), along, end);
    }
  const triangles = Array.from({ length: around }, (_, one) => {
    const next = (one + 1) % around;
    const flat = one === 0 || next === 0 ? [] : [2 * around, 2 * around + one, 2 * around + next];
    return [one, next, around + one, next, around + next, around + one, ...flat];
  }).flat();
  return { corners: Float32Array.from(corners), triangles };
}

const vertexShader = `
precision highp float;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
uniform float pixel;
in vec4 position;
in vec4 start;
in vec4 end;
in vec4 startColor;
in vec4 endColor;
out vec3 normal;
out vec2 depthAndAlong;
flat out vec3 first;
flat out vec3 second;

void main() {
  vec3 way = end.xyz - start.xyz;
  float size = length(way);
  vec3 axis = size > 0.0 ? way / size : vec3(0.0, 0.0, 1.0);
  vec3 side = normalize(cross(axis, abs(axis.z) < 0.9 ? vec3(0.0, 0.0, 1.0) : vec3(1.0, 0.0, 0.0)));
  vec3 radial = side * position.x + cross(axis, side) * position.y;
  // Thinner than a pixel it would be dots.
  float radius = max(mix(start.w, end.w, position.z), 0.6 * pixel);
  float slope = size > 0.0 ? (start.w - end.w) / size : 0.0;
  normal = mat3(modelViewMatrix) * (position.w == 0.0 ? normalize(radial + axis * slope) : axis);
  vec4 at = modelViewMatrix * vec4(start.xyz + way * position.z + radial * radius, 1.0);
  depthAndAlong = vec2(-at.z, position.z);
  first = startColor.rgb;
  second = endColor.rgb;
  gl_Position = projectionMatrix * at;
}`;

const fragmentShader = `
precision highp float;
in vec3 normal;
in vec2 depthAndAlong;
flat in vec3 first;
flat in vec3 second;
out vec4 result;
${shading}
void main() {
  vec3 color = depthAndAlong.y < 0.5 ? first : second;
  result = vec4(shaded(color, normalize(normal), depthAndAlong.x), 1.0);
}`;

const fine = tube(sides.few);
const coarse = tube(sides.many);

export class Rods {
  readonly #instances: Instances;
  #arrays: Arrays;
  #count = 0;

  constructor(light: Light, smoothEdges: boolean) {
    this.#instances = new Instances(
      { vertexShader, fragmentShader },
      light,
      ['start', 'end'],
      ['startColor', 'endColor'],
      smoothEdges,
    );
    this.#arrays = this.#instances.arrays();
  }

  get mesh() {
    return this.#instances.mesh;
  }

  clear(): void {
    this.#count = 0;
  }

  /** @param from - Å [3], with a radius, as `to` @param color - 0xRRGGBB of the first half @param other - of the second half */
  add(
    from: ArrayLike<number>,
    fromRadius: number,
    to: ArrayLike<number>,
    toRadius: number,
    color: number,
    other = color,
  ): void {
    if (this.#instances.reserve(this.#count + 1)) this.#arrays = this.#instances.arrays();
    const { start, end, startColor, endColor } = this.#arrays;
    const at = 4 * this.#count++;
    for (let axis = 0; axis < 3; axis++) {
      start![at + axis] = from[axis]!;
      end![at + axis] = to[axis]!;
    }
    start![at + 3] = fromRadius;
    end![at + 3] = toRadius;
    put(startColor!, at, color);
    put(endColor!, at, other);
  }

  show(): void {
    this.#instances.shape(this.#count > many ? coarse : fine);
    this.#instances.show(this.#count);
  }

  dispose(): void {
    this.#instances.dispose();
  }
}
