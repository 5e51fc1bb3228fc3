/** Calls of a calculator and changes of its weights: a change waits for the calls under way, and later calls wait for it. */
export class Calls {
  readonly #underWay = new Set<Promise<unknown>>();
  #changes = 0;
  /** Calls that wait for changes. */
  #waiting = 0;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** Begins at once where no change is under way, and after calls that came earlier. */
  use<T>(work: () => Promise<T>): Promise<T> {
    const call = this.#changes + this.#waiting === 0 ? work() : this.#afterChanges(work);
    const settled: Promise<void> = call.then(nothing, nothing);
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return call;
  }

  #afterChanges<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    return this.#lastChange.then(() => {
      this.#waiting--;
      return work();
    });
  }

  change<T>(work: () => Promise<T>): Promise<T> {
    this.#changes++;
    const change = Promise.all([...this.#underWay, this.#lastChange]).then(work);
    this.#lastChange = change.then(nothing, nothing).then(() => this.#changes--);
    return change;
  }
}

function nothing(): void {}
