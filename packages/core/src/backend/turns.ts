/** Work that is done one after the other. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Whether something is being done, or waits for its turn. */
  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves when all is done that was given so far. */
  get end(): Promise<void> {
    return this.#last;
  }

  /** Begins before this returns where nothing else is done. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let done = (): void => {};
    this.#last = new Promise((resolve) => (done = resolve));
    if (this.#waiting++ > 0) await before;
    try {
      return await work();
    } finally {
      this.#waiting--;
      done();
    }
  }
}
