/** Which frame the page is at, and how it goes on by itself. */

export const speeds = [1, 2, 5, 10, 24, 60];

export class Player {
  index = 0;
  count = 1;
  speed = 10;
  #isPlaying = false;
  #isBusy = false;
  #due = 0;

  /** @param show - shows a frame, and is waited for; @param onChange - of playing and pausing */
  constructor(
    readonly show: (index: number) => Promise<void>,
    readonly onChange: () => void,
  ) {}

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** To a frame, or the nearest that there is. */
  async go(index: number): Promise<void> {
    this.index = Math.max(0, Math.min(this.count - 1, Math.round(index)));
    // Where frames come faster than they are drawn, the last one counts.
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let shown = -1; shown !== this.index; ) {
        shown = this.index;
        await this.show(shown);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  toggle(): void {
    this.#isPlaying = !this.#isPlaying && this.count > 1;
    if (this.#isPlaying && this.index === this.count - 1) this.index = 0;
    this.#due = performance.now();
    this.onChange();
    if (this.#isPlaying) requestAnimationFrame((now) => this.#tick(now));
  }

  pause(): void {
    if (this.#isPlaying) this.toggle();
  }

  faster(way: 1 | -1): void {
    const next = speeds[speeds.indexOf(this.speed) + way];
    if (next !== undefined) this.speed = next;
    this.onChange();
  }

  /** Frames are never left out: a slow machine plays slower. */
  #tick(now: number): void {
    if (!this.#isPlaying) return;
    if (now >= this.#due && !this.#isBusy) {
      this.#due = Math.max(this.#due + 1000 / this.speed, now);
      void this.go(this.index === this.count - 1 ? 0 : this.index + 1);
    }
    requestAnimationFrame((later) => this.#tick(later));
  }
}
