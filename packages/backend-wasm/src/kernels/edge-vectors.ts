/** Edge vectors from points: x_receiver − x_sender + shift, in float64, as numbers of the graph. */
import { f32, f64, i32, type Expression } from '../encoder/expressions.js';
import type { Local } from '../encoder/function-builder.js';
import type { KernelSet } from './kernel-set.js';

export const edgeVectorsName = 'edgeVectors';
export const pointBytes = 24;

/** Takes the number of edges and the addresses of edges [edges 3], in bytes from the first point, of points [points 3] and of the result. */
export function writeEdgeVectors(set: KernelSet): void {
  const { bytes } = set.lanes;
  set.driver(edgeVectorsName, 4, (f) => {
    const [count, edges, points, out] = f.parameters as [Local, Local, Local, Local];
    const [target, place] = [f.keep(out), f.keep(edges)];
    f.loop(f.local('i32'), i32.of(0), count, 1, () => {
      const point = (end: number): Local => f.keep(i32.add(points, i32.load(place, 4 * end)));
      const [sender, receiver, shift] = [point(0), point(1), point(2)];
      for (let axis = 0; axis < 3; axis++) {
        const of = (one: Local): Expression => f64.load(one, 8 * axis);
        const vector = f64.add(f64.sub(of(receiver), of(sender)), of(shift));
        f.store(target, bytes === 4 ? f32.fromF64(vector) : vector, bytes * axis);
      }
      f.assign(target, i32.add(target, i32.of(3 * bytes)));
      f.assign(place, i32.add(place, i32.of(12)));
    });
  });
}
