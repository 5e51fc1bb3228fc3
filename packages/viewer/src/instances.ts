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

  /** Room for so many copies; what was in the arrays stays. */
  reserve(count: number): void {
    if (count <= this.#room) return;
    const { geometry } = this.mesh;
    // The buffers of arrays that are replaced would stay on the device.
    geometry.dispose();
    this.#room = Math.max(count, 2 * this.#room);
    for (const name of this.vectors) this.#replace(name, new Float32Array(4 * this.#room), false);
    for (const name of this.colors) this.#replace(name, new Uint8Array(4 * this.#room), true);
  }

  values(name: string): Float32Array | Uint8Array {
    return (this.mesh.geometry.getAttribute(name) as InstancedBufferAttribute).array as Float32Array | Uint8Array;
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
