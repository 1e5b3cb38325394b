/** Lets a few through at a time; the others wait in order, each for its own while. */
export class Gate {
  readonly #maxInside: number;
  readonly #waiting = new Set<() => void>();
  #insideCount = 0;

  constructor(maxInside: number) {
    this.#maxInside = maxInside;
  }

  /** Whether nobody is inside or waits. */
  get isIdle(): boolean {
    return this.#insideCount === 0;
  }

  /** Runs `work` in its turn; null when the turn did not come within `timeoutMs`. */
  async pass<Result>(timeoutMs: number, work: () => Promise<Result>): Promise<Result | null> {
    if (this.#insideCount < this.#maxInside) this.#insideCount++;
    else if (!(await this.#turn(timeoutMs))) return null;
    try {
      return await work();
    } finally {
      // The place goes straight to the next one, so that nobody slips in between.
      const [next] = this.#waiting;
      if (next === undefined) this.#insideCount--;
      else next();
    }
  }

  #turn(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isTurn: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isTurn);
      };
      const wake = () => settle(true);
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#waiting.add(wake);
    });
  }
}
