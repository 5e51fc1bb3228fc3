/** Calls of single structures that arrive while others are computed join each other: together they are faster, with the same bits. */
import { isYieldDue, yieldToEventLoop } from '../backend/index.js';
import type { Structure } from '../structure/index.js';
import type { EvaluateOptions } from './interface.js';
import type { Result } from './results.js';

interface Call {
  readonly structure: Structure;
  readonly options: EvaluateOptions;
  readonly key: string;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export class JoinedCalls {
  readonly #waiting: Call[] = [];
  #isComputing = false;

  /** @param evaluateAll - in the order of the structures */
  constructor(
    readonly evaluateAll: (structures: readonly Structure[], options: EvaluateOptions) => Promise<Result[]>,
  ) {}

  /** Begins at once where nothing is computed. */
  add(structure: Structure, options: EvaluateOptions): Promise<Result> {
    const { cancellation: _cancellation, profile: _profile, ...plain } = options;
    const result = new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ structure, options: { ...options }, key: JSON.stringify(plain), resolve, reject });
    });
    if (!this.#isComputing) void this.#compute();
    return result;
  }

  async #compute(): Promise<void> {
    this.#isComputing = true;
    for (let calls = this.#next(); calls.length > 0; calls = this.#next()) {
      try {
        const results = await this.evaluateAll(
          calls.map(({ structure }) => structure),
          calls[0]!.options,
        );
        calls.forEach(({ resolve }, i) => resolve(results[i]!));
      } catch (error) {
        if (calls.length === 1) calls[0]!.reject(error);
        else for (const call of calls) await this.#alone(call);
      }
      if (this.#waiting.length > 0 && isYieldDue()) await yieldToEventLoop();
    }
    this.#isComputing = false;
  }

  /** What fails among others is computed once more, so that each gets what is its own. */
  async #alone({ structure, options, resolve, reject }: Call): Promise<void> {
    await this.evaluateAll([structure], options).then(([result]) => resolve(result!), reject);
  }

  /** The call that waits longest, and those that ask for the same. */
  #next(): Call[] {
    const [first] = this.#waiting;
    if (!first) return [];
    const { cancellation, profile } = first.options;
    const isEqual = ({ key, options }: Call): boolean =>
      key === first.key && options.cancellation === cancellation && options.profile === profile;
    const joined = this.#waiting.filter(isEqual);
    const others = this.#waiting.filter((call) => !isEqual(call));
    this.#waiting.splice(0, this.#waiting.length, ...others);
    return joined;
  }
}
