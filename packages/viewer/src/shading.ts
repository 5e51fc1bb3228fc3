/** The light of everything that is drawn: from above left of the eye, a dark edge, and what is far away closer to the background. */
import { Color, SRGBColorSpace, Vector2, Vector3 } from 'three';

/** What all programs share. */
export interface Light {
  readonly stage: { value: Vector3 };
  readonly outline: { value: Vector3 };
  /** Depth of the nearest and the farthest, Å before the camera. */
  readonly depths: { value: Vector2 };
  /** How much of the background the farthest has, 0 to 1. */
  readonly haze: { value: number };
  /** Å of a pixel of the canvas. */
  readonly pixel: { value: number };
  readonly [name: string]: { value: unknown };
}

export function makeLight(): Light {
  return {
    stage: { value: new Vector3(1, 1, 1) },
    outline: { value: new Vector3() },
    depths: { value: new Vector2(0, 1) },
    haze: { value: 0 },
    pixel: { value: 1 },
  };
}

/** 0xRRGGBB of a CSS colour. */
export function hexOf(css: string): number {
  return new Color().setStyle(css).getHex(SRGBColorSpace);
}

export function setColor(to: Vector3, hex: number): void {
  to.set((hex >> 16) & 255, (hex >> 8) & 255, hex & 255).divideScalar(255);
}

/** GLSL: `shaded(color, normal, depth)`; colours are those of the screen, normals point to the eye by z. */
export const shading = `
uniform vec3 stage;
uniform vec3 outline;
uniform vec2 depths;
uniform float haze;

vec3 hazy(vec3 color, float depth) {
  return mix(color, stage, haze * clamp((depth - depths.x) / max(depths.y - depths.x, 1e-6), 0.0, 1.0));
}

vec3 shaded(vec3 color, vec3 normal, float depth) {
  const vec3 light = vec3(-0.36, 0.48, 0.8);
  float diffuse = max(dot(normal, light), 0.0);
  float shine = pow(max(dot(reflect(-light, normal), vec3(0.0, 0.0, 1.0)), 0.0), 24.0);
  vec3 lit = color * (0.42 + 0.6 * diffuse) + 0.22 * shine;
  return hazy(mix(outline, lit, smoothstep(0.12, 0.42, normal.z)), depth);
}
`;
