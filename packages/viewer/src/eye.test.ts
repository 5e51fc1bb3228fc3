// From where is seen: what is picked, moved and zoomed is what is under the pointer.
import { describe, expect, it } from 'vitest';
import { Eye } from './eye.js';
import { atomAt } from './pick.js';
import { principalAxes } from './principal-axes.js';

function someEye(): Eye {
  const eye = new Eye();
  eye.rotate(0.7, -1.1, 0.4);
  eye.middle.set(1, -2, 3);
  eye.scale = 37;
  return eye;
}

describe('eye', () => {
  it('what is drawn along by pixels is seen so many pixels farther', () => {
    const eye = someEye();
    const from = eye.project(4, 5, 6).clone();
    const by = eye.across(21, -34);
    const to = eye.project(4 + by.x, 5 + by.y, 6 + by.z);
    expect([to.x - from.x, to.y - from.y, to.z - from.z].map((value) => Math.round(1e9 * value) / 1e9)).toEqual([
      21, -34, 0,
    ]);
  });

  it('zooms about a point of the screen', () => {
    const eye = someEye();
    const [right, up] = [120, -45];
    const at = eye.across(right, up).add(eye.middle);
    eye.zoom(1.7, right, up);
    const after = eye.project(at.x, at.y, at.z);
    expect(after.x).toBeCloseTo(right, 9);
    expect(after.y).toBeCloseTo(up, 9);
    expect(eye.scale).toBeCloseTo(37 * 1.7, 9);
  });

  it('moves the picture by pixels', () => {
    const eye = someEye();
    const before = eye.project(1, 1, 1).clone();
    eye.pan(10, 20);
    const after = eye.project(1, 1, 1);
    expect(after.x - before.x).toBeCloseTo(10, 9);
    expect(after.y - before.y).toBeCloseTo(20, 9);
  });

  it('looks against a vector, with another upwards, parallel ones too', () => {
    const eye = new Eye();
    eye.lookAlong([1, 2, 3], [0, 0, 1]);
    const seen = eye.project(1, 2, 3);
    expect([seen.x, seen.y].map((value) => Math.abs(value) < 1e-9)).toEqual([true, true]);
    expect(seen.z).toBeCloseTo(Math.sqrt(14), 9);
    expect(eye.project(0, 0, 1).y).toBeGreaterThan(0);
    expect(eye.project(0, 0, 1).x).toBeCloseTo(0, 9);
    eye.lookAlong([0, 0, 2], [0, 0, 1]);
    expect(eye.project(0, 0, 1).z).toBeCloseTo(1, 9);
  });

  it('fits everything into the canvas, and as large as that allows', () => {
    const eye = someEye();
    const points = [0, 0, 0, 8, 1, 0, -3, 7, 2];
    const radii = [1, 0.5, 2];
    eye.fit(points, radii, 300, 200);
    const spans = radii.flatMap((radius, i) => {
      const at = eye.project(points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!);
      return [(Math.abs(at.x) + radius * eye.scale) / 150, (Math.abs(at.y) + radius * eye.scale) / 100];
    });
    expect(Math.max(...spans)).toBeCloseTo(0.86, 6);
  });

  it('fits what turns so that it stays in the canvas', () => {
    const eye = someEye();
    const points = [0, 0, 0, 8, 1, 0, -3, 7, 2];
    const radii = [1, 0.5, 2];
    eye.fit(points, radii, 300, 200, true);
    const reaches = radii.map((radius, i) => {
      const at = eye.project(points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!);
      return Math.hypot(at.x, at.y, at.z * eye.scale) + radius * eye.scale;
    });
    expect(Math.max(...reaches)).toBeCloseTo(0.86 * 100, 6);
  });

  it('keeps in a canvas of another size what is in view, and how much larger people have made it', () => {
    const eye = new Eye();
    // Wide: 10 Å by 4 Å.
    eye.fit([-4, 0, 0, 4, 0, 0], [1, 1], 500, 400);
    expect(eye.scale).toBeCloseTo(0.86 * 50, 9);
    eye.resize(500, 300);
    expect(eye.scale).toBeCloseTo(0.86 * 50, 9);
    eye.resize(500, 100);
    expect(eye.scale).toBeCloseTo(0.86 * 25, 9);
    eye.resize(0, 0);
    eye.zoom(2);
    eye.resize(500, 400);
    expect(eye.scale).toBeCloseTo(2 * 0.86 * 50, 9);
  });
});

describe('the atom at a point', () => {
  const eye = new Eye();
  eye.scale = 10;
  // Two behind each other, and one beside.
  const x = [0, 0, 0, 0.5, 0, 3, 10, 0, 0];
  const radii = [2, 1, 1];

  it('is the one in front, by its surface', () => {
    expect(atomAt(eye, x, radii, 5, 0, 0)).toBe(1);
    expect(atomAt(eye, x, radii, -12, 0, 0)).toBe(0);
    expect(atomAt(eye, x, [4, 1, 1], 5, 0, 0)).toBe(1);
    expect(atomAt(eye, x, [4.6, 1, 1], 5, 0, 0)).toBe(0);
  });

  it('may be missed by a little, and no more', () => {
    expect(atomAt(eye, x, radii, 113, 0, 4)).toBe(2);
    expect(atomAt(eye, x, radii, 115, 0, 4)).toBeNull();
  });
});

it('principal axes are along the longest, across it, and right-handed', () => {
  const turn = someEye();
  // A flat, long heap.
  const points = [-5, -1, 0, 5, 1, 0, -5, 1, 0, 5, -1, 0, 0, 0, 0.1].map(Number);
  const x = Array.from({ length: 5 }, (_, i) =>
    turn.project(points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!).toArray(),
  )
    .map(([a, b, c]) => [a! / turn.scale, b! / turn.scale, c!])
    .flat();
  const wanted = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ].map(([a, b, c]) => {
    const at = turn.project(a! + 1, b! - 2, c! + 3).toArray();
    return [at[0] / turn.scale, at[1] / turn.scale, at[2]];
  });
  const axes = principalAxes(x);
  axes.forEach((axis, k) => {
    expect(Math.abs(axis.reduce((sum, value, i) => sum + value * wanted[k]![i]!, 0))).toBeCloseTo(1, 3);
  });
  const [[a, b, c], [d, e, f], [g, h, i]] = axes;
  expect(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)).toBeCloseTo(1, 9);
});
