/** What this browser has, and why a backend cannot run in it. */
import type { BackendEntry } from './backend-list.js';

/** @returns null where nothing is against it, as far as can be told before its engine is loaded */
export function reasonAgainst({ needs }: BackendEntry): string | null {
  if (needs === 'webgpu' && !('gpu' in navigator)) return 'no WebGPU in this browser';
  if (needs === 'webgl' && !hasWebgl()) return 'no WebGL in this browser';
  return null;
}

let webgl: boolean | undefined;
function hasWebgl(): boolean {
  if (webgl === undefined) {
    const context = document.createElement('canvas').getContext('webgl2');
    webgl = context !== null;
    context?.getExtension('WEBGL_lose_context')?.loseContext();
  }
  return webgl;
}
