// What is made of a graph before any device: the text of its kernels, their order, walks through memory, parts of long work.
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '@mace/core/ir';
import { printKernels } from '@mace/backend-webgpu';
import { Pace, pieces } from '../src/pace.js';
import { gone, kept, reordered, sliced, stretched, type Walk } from '../src/strided.js';

const receiver = { name: 'receiver', from: 'edges', to: 'atoms' } as const;

describe('text', () => {
  it('of a chain of functions: one kernel, numbers in registers, only the functions that it calls', () => {
    const build = new GraphBuilder();
    const [x, y] = [build.input('x', ['edges', 4]), build.input('y', ['edges', 4])];
    const graph = build.scoped('readout', () =>
      build.finish('chain', { z: build.sqrt(build.add(build.mul(x, y), build.max(x, y))) }),
    );
    expect(printKernels(graph)).toMatchInlineSnapshot(`
      "// sqrt in readout
      struct Sizes {
        // Threads of this dispatch that count, and the number of the first one.
        threads: u32,
        first: u32,
      }
      @group(0) @binding(0) var<storage, read> x0: array<f32>;
      @group(0) @binding(1) var<storage, read> x1: array<f32>;
      @group(0) @binding(2) var<storage, read_write> out: array<f32>;
      @group(0) @binding(3) var<uniform> sizes: Sizes;

      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
        let thread = id.x + id.y * groups.x * 64u;
        if (thread >= sizes.threads) { return; }
        let index = sizes.first + thread;
        let v0 = x0[index] * x1[index];
        let v1 = select(x0[index], x1[index], x0[index] < x1[index]);
        let v2 = v0 + v1;
        out[index] = sqrt(v2);
      }
      "
    `);
  });

  it('of a sum over edges: rows of each atom in order, sizes as uniforms', () => {
    const build = new GraphBuilder();
    const graph = build.finish('sum', { z: build.segmentSum(build.input('x', ['edges', 8]), receiver) });
    expect(printKernels(graph)).toMatchInlineSnapshot(`
      "// segmentSum in the graph
      struct Sizes {
        // Threads of this dispatch that count, and the number of the first one.
        threads: u32,
        first: u32,
        width: u32,
      }
      @group(0) @binding(0) var<storage, read> x0: array<f32>;
      @group(0) @binding(1) var<storage, read> x1: array<u32>;
      @group(0) @binding(2) var<storage, read> x2: array<u32>;
      @group(0) @binding(3) var<storage, read_write> out: array<f32>;
      @group(0) @binding(4) var<uniform> sizes: Sizes;

      @compute @workgroup_size(64)
      fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
        let thread = id.x + id.y * groups.x * 64u;
        if (thread >= sizes.threads) { return; }
        let index = sizes.first + thread;
        let target_ = index / sizes.width;
        let column = index % sizes.width;
        let end = x1[target_ + 1u];
        var total = 0.0;
        for (var i = x1[target_]; i < end; i++) {
          total = total + x0[x2[i] * sizes.width + column];
        }
        out[index] = total;
      }
      "
    `);
  });

  it('is the same for any size of a matrix', () => {
    const textOf = (inner: number, columns: number): string => {
      const build = new GraphBuilder();
      const product = build.matmul(build.input('a', ['atoms', inner]), build.parameter('b', [inner, columns]));
      return printKernels(build.finish('product', { product }));
    };
    expect(textOf(3, 500)).toBe(textOf(128, 4));
    expect(textOf(3, 500)).toMatch(/^\/\/ matmul in the graph\n/);
  });

  it('of a part of a graph', () => {
    const build = new GraphBuilder();
    const x = build.input('x', ['edges', 8]);
    const y = build.scoped('first/sum', () => build.segmentSum(x, receiver));
    const z = build.scoped('second', () => build.exp(x));
    const graph = build.finish('parts', { y, z });
    expect(printKernels(graph, 'first/*').match(/@compute/g)).toHaveLength(1);
    expect(printKernels(graph).match(/@compute/g)).toHaveLength(2);
  });
});

describe('walks', () => {
  /** Places in memory in the order in which a walk visits them, for sizes as they are. */
  function visited(walk: Walk, start = 0): number[] {
    const product = (sizes: readonly unknown[]): number => (sizes as number[]).reduce((a, b) => a * b, 1);
    return walk.reduce<number[]>(
      (places, { sizes, inner, stretched: still }) =>
        places.flatMap((place) =>
          Array.from({ length: product(sizes) }, (_, i) => place + (still ? 0 : i * product(inner))),
        ),
      [start],
    );
  }

  it('join loops that continue each other', () => {
    expect(visited(reordered([2, 3, 4], [0, 1, 2]))).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(reordered([2, 3, 4], [0, 1, 2])).toHaveLength(1);
    expect(reordered(['edges', 3, 4], [1, 2, 0])).toHaveLength(2);
    expect(kept(['edges', 3, 4], [0])).toHaveLength(1);
  });

  it('visit what they should', () => {
    expect(visited(reordered([2, 3], [1, 0]))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(visited(stretched([2, 1, 2], [2, 3, 2]))).toEqual([0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3]);
    expect(visited(sliced([2, 4, 2], [2, 2, 2], 1), 2)).toEqual([2, 3, 4, 5, 10, 11, 12, 13]);
    expect(visited(sliced([3, 5], [3, 1], 1), 4)).toEqual([4, 9, 14]);
    expect(visited(gone([2, 3, 4], [1]))).toEqual([0, 4, 8]);
    expect(visited(gone([2, 3], []))).toEqual([0]);
  });
});

describe('long work', () => {
  it('is cut into whole workgroups, all threads once', () => {
    expect(pieces(200, 10, 1000, 64)).toEqual([
      { first: 0, threads: 64 },
      { first: 64, threads: 64 },
      { first: 128, threads: 64 },
      { first: 192, threads: 8 },
    ]);
    expect(pieces(200, 1, 1e9, 64)).toEqual([{ first: 0, threads: 200 }]);
    expect(pieces(0, 1, 1e9, 64)).toEqual([]);
  });

  it('goes in submits of about 30 ms', () => {
    const pace = new Pace();
    for (let i = 0; i < 20; i++) pace.measured(1e9, 1);
    expect(pace.perSubmit).toBeCloseTo(3e7, -6);
    pace.measured(1e12, 0.001);
    expect(pace.perSubmit).toBeCloseTo(3e7, -6);
    const fixed = new Pace(500);
    fixed.measured(1e9, 1);
    expect(fixed.perSubmit).toBe(500);
  });
});
