/**
 * From where the structure is seen: a direction, the point in the middle of the canvas, and how large an Å is. Parallel lines stay parallel.
 *
 * Screen coordinates are CSS pixels from the middle of the canvas, x to the right and y upwards, and depth in Å towards the eye.
 */
import { Matrix4, Quaternion, Vector3 } from 'three';

type Triple = readonly [number, number, number];

export class Eye {
  /** Turns the structure as it is given into how it is seen. */
  readonly turn = new Quaternion();
  /** Å, the point in the middle. */
  readonly middle = new Vector3();
  /** CSS pixels of an Å. */
  scale = 50;
  /** Å across and upwards that were fitted last, and CSS pixels of an Å at which they fill the canvas. */
  #fitted: { readonly spans: readonly [number, number]; scale: number } | undefined;

  /** A point on the screen: pixels, pixels, Å of depth. */
  project(x: number, y: number, z: number, out = new Vector3()): Vector3 {
    out.set(x, y, z).sub(this.middle).applyQuaternion(this.turn);
    out.x *= this.scale;
    out.y *= this.scale;
    return out;
  }

  /** The vector, Å, that is drawn as so many pixels in the plane of the screen. */
  across(right: number, up: number): Vector3 {
    return new Vector3(right / this.scale, up / this.scale, 0).applyQuaternion(this.turn.clone().conjugate());
  }

  /** Turns by angles about the vertical, the horizontal and the line of sight, radians. */
  rotate(aboutUp: number, aboutRight: number, aboutSight = 0): void {
    const by = (axis: Vector3, angle: number): Quaternion => new Quaternion().setFromAxisAngle(axis, angle);
    this.turn
      .premultiply(by(new Vector3(0, 1, 0), aboutUp))
      .premultiply(by(new Vector3(1, 0, 0), aboutRight))
      .premultiply(by(new Vector3(0, 0, 1), aboutSight))
      .normalize();
  }

  /** Moves the picture by pixels. */
  pan(right: number, up: number): void {
    this.middle.sub(this.across(right, up));
  }

  /** Larger by a factor; what is at a point of the screen stays there. */
  zoom(factor: number, right = 0, up = 0): void {
    const scale = Math.min(2000, Math.max(0.05, this.scale * factor));
    const before = this.across(right, up);
    this.scale = scale;
    this.middle.add(before).sub(this.across(right, up));
  }

  /** Looks against one vector, with another one upwards as far as can be. */
  lookAlong(towards: Triple, up: Triple): void {
    const z = new Vector3(...towards).normalize();
    const y = new Vector3(...up);
    y.addScaledVector(z, -y.dot(z));
    if (y.lengthSq() < 1e-12) y.set(z.y, z.z, z.x).addScaledVector(z, -(z.y * z.x + z.z * z.y + z.x * z.z));
    y.normalize();
    const x = new Vector3().crossVectors(y, z);
    // The rows of the turn are x, y, z.
    this.turn.setFromRotationMatrix(new Matrix4().makeBasis(x, y, z).transpose());
  }

  /**
   * Everything in view, as large as it can be.
   * @param points - Å [points 3] @param radii - Å around them @param width - of the canvas, CSS pixels
   * @param turns - whether it stays in view as it turns: a molecule does, a crystal is looked at from a few sides
   */
  fit(points: ArrayLike<number>, radii: ArrayLike<number>, width: number, height: number, turns = false): void {
    if (points.length === 0 || !(width > 0 && height > 0)) return;
    const axes = [0, 1, 2].map((k) => new Vector3().setComponent(k, 1).applyQuaternion(this.turn.clone().conjugate()));
    const [low, high] = [
      [Infinity, Infinity, Infinity],
      [-Infinity, -Infinity, -Infinity],
    ];
    for (let i = 0; i < radii.length; i++)
      axes.forEach((axis, k) => {
        const at = points[3 * i]! * axis.x + points[3 * i + 1]! * axis.y + points[3 * i + 2]! * axis.z;
        low[k] = Math.min(low[k]!, at - radii[i]!);
        high[k] = Math.max(high[k]!, at + radii[i]!);
      });
    this.middle.set(0, 0, 0);
    axes.forEach((axis, k) => this.middle.addScaledVector(axis, (low[k]! + high[k]!) / 2));
    let reach = 0;
    if (turns)
      for (let i = 0; i < radii.length; i++) {
        const from = new Vector3(points[3 * i], points[3 * i + 1], points[3 * i + 2]).distanceTo(this.middle);
        reach = Math.max(reach, from + radii[i]!);
      }
    // A lone atom does not fill the canvas.
    const span = (k: number): number => Math.max(4, high[k]! - low[k]!, 2 * reach);
    const spans = [span(0), span(1)] as const;
    this.#fitted = { spans, scale: scaleToFill(spans, width, height) };
    this.scale = 0.86 * this.#fitted.scale;
  }

  /** The canvas has another size, CSS pixels: what fits into it stays as large in it as people have made it. */
  resize(width: number, height: number): void {
    if (!this.#fitted || !(width > 0 && height > 0)) return;
    const scale = scaleToFill(this.#fitted.spans, width, height);
    this.scale *= scale / this.#fitted.scale;
    this.#fitted.scale = scale;
  }
}

function scaleToFill([across, upwards]: readonly [number, number], width: number, height: number): number {
  return Math.min(width / across, height / upwards);
}
