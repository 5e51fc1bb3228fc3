/** Many copies of one shape in one call of the graphics device, each with values of its own in arrays that grow. */
import {
  BufferAttribute,
  DynamicDrawUsage,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  RawShaderMaterial,
} from 'three';
import type { Light } from './shading.js';

type Values = Float32Array | Uint8Array;

export type Arrays = Readonly<Record<string, Values>>;

/** What is copied. */
export interface Form {
  /** [corners 4] */
  readonly corners: Float32Array;
  readonly triangles: readonly number[];
}

export interface Program {
  readonly vertexShader: string;
  readonly fragmentShader: string;
}

export class Instances {
  readonly mesh: Mesh<InstancedBufferGeometry, RawShaderMaterial>;
  #room = 0;
  readonly #forms = new Map<Form, readonly [corners: BufferAttribute, triangles: BufferAttribute]>();

  /** @param vectors - attributes of four numbers @param colors - attributes of four bytes, which the program has as 0 to 1 */
  constructor(
    program: Program,
    light: Light,
    readonly vectors: readonly string[],
    readonly colors: readonly string[],
    smoothEdges: boolean,
  ) {
    const geometry = new InstancedBufferGeometry();
    const material = new RawShaderMaterial({
      glslVersion: GLSL3,
      uniforms: light,
      vertexShader: program.vertexShader,
      fragmentShader: program.fragmentShader,
      defines: smoothEdges ? { SMOOTH: '' } : {},
    });
    material.alphaToCoverage = smoothEdges;
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.reserve(64);
    geometry.instanceCount = 0;
  }

  /** Copies of this from now on. */
  shape(form: Form): void {
    const known = this.#forms.get(form) ?? [
      new BufferAttribute(form.corners, 4),
      new BufferAttribute(Uint16Array.from(form.triangles), 1),
    ];
    this.#forms.set(form, known as [BufferAttribute, BufferAttribute]);
    this.mesh.geometry.setAttribute('position', known[0]!);
    this.mesh.geometry.setIndex(known[1]!);
  }

  /** Room for so many copies; what was in the arrays stays. @returns whether the arrays are others now */
  reserve(count: number): boolean {
    if (count <= this.#room) return false;
    const { geometry } = this.mesh;
    // The buffers of arrays that are replaced would stay on the device.
    geometry.dispose();
    this.#room = Math.max(count, 2 * this.#room);
    for (const name of this.vectors) this.#replace(name, new Float32Array(4 * this.#room), false);
    for (const name of this.colors) this.#replace(name, new Uint8Array(4 * this.#room), true);
    return true;
  }

  /** What each copy has, by the names of the attributes. */
  arrays(): Arrays {
    const names = [...this.vectors, ...this.colors];
    return Object.fromEntries(names.map((name) => [name, this.mesh.geometry.getAttribute(name).array as Values]));
  }

  /** Draws so many copies, with what is in the arrays now. */
  show(count: number): void {
    const { geometry } = this.mesh;
    geometry.instanceCount = count;
    this.mesh.visible = count > 0;
    for (const name of [...this.vectors, ...this.colors]) {
      const attribute = geometry.getAttribute(name) as InstancedBufferAttribute;
      const length = 4 * count;
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, length);
      attribute.needsUpdate = true;
    }
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
  }

  #replace(name: string, array: Float32Array | Uint8Array, isColor: boolean): void {
    const old = this.mesh.geometry.getAttribute(name) as InstancedBufferAttribute | undefined;
    if (old) array.set(old.array as Float32Array | Uint8Array);
    this.mesh.geometry.setAttribute(name, new InstancedBufferAttribute(array, 4, isColor).setUsage(DynamicDrawUsage));
  }
}

/** Three bytes of a colour, 0xRRGGBB. */
export function put(bytes: Values, at: number, color: number): void {
  bytes[at] = color >> 16;
  bytes[at + 1] = color >> 8;
  bytes[at + 2] = color;
}
