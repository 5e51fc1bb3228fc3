/** Bonds, the shafts and heads of arrows, and the edges of the cell: straight, round, from a point and a radius to another. */
import { Instances, type Shape } from './instances.js';
import { shading, type Light } from './shading.js';

const sides = 12;

/** Corners are cosine, sine, 0 or 1 along the rod, and the way a flat end looks: −1, 1, or 0 on the round side. */
function shape(): Shape {
  const corners: number[] = [];
  const triangles: number[] = [];
  const ring = (along: number, way: number): void => {
    for (let k = 0; k < sides; k++) {
      const angle = (2 * Math.PI * k) / sides;
      corners.push(Math.cos(angle), Math.sin(angle), along, way);
    }
  };
  for (const [along, way] of [
    [0, 0],
    [1, 0],
    [0, -1],
    [1, 1],
  ] as const)
    ring(along, way);
  for (let k = 0; k < sides; k++) {
    const [one, next] = [k, (k + 1) % sides];
    triangles.push(one, next, sides + one, next, sides + next, sides + one);
    if (k === 0 || k === sides - 1) continue;
    triangles.push(2 * sides, 2 * sides + next, 2 * sides + one, 3 * sides, 3 * sides + one, 3 * sides + next);
  }
  return { corners: Float32Array.from(corners), triangles, vertexShader, fragmentShader };
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
  normal = mat3(modelViewMatrix) * (position.w == 0.0 ? normalize(radial + axis * slope) : axis * position.w);
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

export class Rods {
  readonly #instances: Instances;
  #count = 0;

  constructor(light: Light, smoothEdges: boolean) {
    this.#instances = new Instances(shape(), light, ['start', 'end'], ['startColor', 'endColor'], smoothEdges);
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
    const all = this.#instances;
    all.reserve(this.#count + 1);
    const at = 4 * this.#count++;
    const [start, end] = [all.values('start'), all.values('end')];
    for (let axis = 0; axis < 3; axis++) {
      start[at + axis] = from[axis]!;
      end[at + axis] = to[axis]!;
    }
    start[at + 3] = fromRadius;
    end[at + 3] = toRadius;
    for (const [name, hex] of [
      ['startColor', color],
      ['endColor', other],
    ] as const) {
      const bytes = all.values(name);
      bytes[at] = hex >> 16;
      bytes[at + 1] = hex >> 8;
      bytes[at + 2] = hex;
    }
  }

  show(): void {
    this.#instances.show(this.#count);
  }

  dispose(): void {
    this.#instances.dispose();
  }
}
