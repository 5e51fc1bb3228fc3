/** The canvas: its size, its device, and pictures of it. It draws when something has changed, and not before the screen shows it. */
import { DeviceError } from '@mace/core/errors';
import { OrthographicCamera, Scene, WebGLRenderer, type Group } from 'three';
import type { Eye } from './eye.js';
import { drawLabels, type Label } from './labels.js';
import { hexOf, makeLight, setColor, type Light } from './shading.js';
import type { ViewerColors } from './shown.js';

/** What is drawn, and the ball around it, Å. */
export interface View {
  readonly group: Group;
  readonly labels: readonly Label[];
  readonly middle: readonly [number, number, number];
  readonly radius: number;
}

export class Stage {
  readonly canvas: HTMLCanvasElement;
  readonly light: Light = makeLight();
  readonly smoothEdges: boolean;
  readonly #above: HTMLCanvasElement;
  readonly #renderer: WebGLRenderer;
  readonly #camera = new OrthographicCamera();
  readonly #scene = new Scene();
  readonly #observer: ResizeObserver;
  readonly #ending = new AbortController();
  /** Whether the element's own style says where it is. */
  readonly #isPlaced: boolean;
  #message: HTMLElement | undefined;
  #isAsked = 0;

  /**
   * @param view - asked for at every picture @param drawn - told of every picture
   * @throws DeviceError (`rejected`) where the browser draws no WebGL 2
   */
  constructor(
    readonly element: HTMLElement,
    readonly eye: Eye,
    readonly view: () => View,
    readonly drawn: () => void,
    public colors: ViewerColors,
  ) {
    const isSlow = isInSoftware();
    this.smoothEdges = !isSlow;
    this.canvas = document.createElement('canvas');
    const context = this.canvas.getContext('webgl2', { antialias: this.smoothEdges, alpha: false });
    if (!context)
      throw new DeviceError(
        'rejected',
        'The structure cannot be drawn. Expected a browser with WebGL 2, found none. Turn on hardware acceleration, or use a current browser.',
      );
    this.#renderer = new WebGLRenderer({ canvas: this.canvas, context });
    this.#above = document.createElement('canvas');
    this.#above.setAttribute('aria-hidden', 'true');
    this.#isPlaced = getComputedStyle(element).position !== 'static';
    if (!this.#isPlaced) element.style.position = 'relative';
    for (const canvas of [this.canvas, this.#above]) {
      Object.assign(canvas.style, {
        position: 'absolute',
        inset: '0',
        width: '100%',
        height: '100%',
        display: 'block',
      });
      element.append(canvas);
    }
    this.#above.style.pointerEvents = 'none';
    const { signal } = this.#ending;
    this.canvas.addEventListener('webglcontextlost', () => this.#say(lostMessage), { signal });
    this.canvas.addEventListener('webglcontextrestored', () => this.#restore(), { signal });
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(element);
    this.#setRatio(this.#usualRatio);
  }

  /** CSS pixels */
  get size(): { readonly width: number; readonly height: number } {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  /** Draws before the screen is shown next. */
  ask(): void {
    this.#isAsked ||= requestAnimationFrame(() => {
      this.#isAsked = 0;
      this.draw();
    });
  }

  /** Draws at once. */
  draw(): void {
    const { width, height } = this.size;
    if (!(width > 0 && height > 0) || this.#message) return;
    const { group, labels, middle, radius } = this.view();
    const { eye, light } = this;
    const camera = this.#camera;
    group.quaternion.copy(eye.turn);
    group.position.copy(eye.middle).applyQuaternion(eye.turn).negate();
    [camera.right, camera.top] = [width / 2 / eye.scale, height / 2 / eye.scale];
    [camera.left, camera.bottom] = [-camera.right, -camera.top];
    const depth = eye.project(...middle).z;
    camera.position.z = depth + radius + 1;
    [camera.near, camera.far] = [0, 2 * radius + 2];
    camera.updateProjectionMatrix();
    light.depths.value.set(1, 2 * radius + 1);
    // A small molecule stays clear; a large box needs the depth.
    light.haze.value = (0.7 * radius) / (radius + 14);
    light.pixel.value = 1 / (eye.scale * this.#renderer.getPixelRatio());
    setColor(light.stage.value, hexOf(this.colors.stage));
    setColor(light.outline.value, hexOf(this.colors.outline));
    this.#renderer.setClearColor(this.colors.stage, 1);
    this.#scene.clear();
    this.#scene.add(group);
    this.#renderer.render(this.#scene, camera);
    drawLabels(this.#above.getContext('2d')!, labels, eye, this.colors, this.#renderer.getPixelRatio());
    this.drawn();
  }

  /** A PNG, with `ratio` pixels for each CSS pixel. */
  async picture(ratio: number): Promise<Blob> {
    const sheet = document.createElement('canvas');
    try {
      this.#setRatio(ratio);
      this.draw();
      [sheet.width, sheet.height] = [this.canvas.width, this.canvas.height];
      const context = sheet.getContext('2d')!;
      context.drawImage(this.canvas, 0, 0);
      context.drawImage(this.#above, 0, 0);
    } finally {
      this.#setRatio(this.#usualRatio);
      this.draw();
    }
    return new Promise((resolve, reject) =>
      sheet.toBlob((blob) =>
        blob ? resolve(blob) : reject(new Error(`no picture of ${sheet.width} × ${sheet.height}`)),
      ),
    );
  }

  dispose(): void {
    cancelAnimationFrame(this.#isAsked);
    this.#ending.abort();
    this.#observer.disconnect();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
    for (const one of [this.canvas, this.#above, this.#message]) one?.remove();
    if (this.#isPlaced) return;
    this.element.style.removeProperty('position');
    if (this.element.getAttribute('style') === '') this.element.removeAttribute('style');
  }

  get #usualRatio(): number {
    return this.smoothEdges ? Math.min(2, window.devicePixelRatio) : 1;
  }

  #resize(): void {
    const { width, height } = this.size;
    this.eye.resize(width, height);
    this.#setRatio(this.#usualRatio);
    // A canvas of a new size is empty until it is drawn.
    this.draw();
  }

  #setRatio(ratio: number): void {
    const { width, height } = this.size;
    this.#renderer.setPixelRatio(ratio);
    this.#renderer.setSize(width, height, false);
    [this.#above.width, this.#above.height] = [this.canvas.width, this.canvas.height];
  }

  #say(text: string): void {
    this.#message ??= document.createElement('p');
    this.#message.setAttribute('role', 'status');
    this.#message.textContent = text;
    Object.assign(this.#message.style, {
      position: 'absolute',
      inset: '0',
      margin: 'auto',
      height: 'fit-content',
      padding: '1em',
    });
    Object.assign(this.#message.style, { textAlign: 'center', color: this.colors.text });
    this.element.append(this.#message);
  }

  #restore(): void {
    this.#message?.remove();
    this.#message = undefined;
    this.ask();
  }
}

const lostMessage =
  'The graphics device was taken away. The picture comes back with it; if it does not, reload the page. Nothing that was computed is lost.';

/** Whether there is no graphics processor: smooth edges would make each picture take several times as long. */
function isInSoftware(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : '';
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
}
