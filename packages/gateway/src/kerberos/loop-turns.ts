/**
 * Work that must run on the event loop, one piece per turn of it: of forty answers that arrive at once, live sessions
 * and timers wait for one at most. The first piece after a pause runs without waiting.
 */
export class LoopTurns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Resolves when it is the caller's turn. What the caller then does before its next `await` is one piece. */
  async next(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#take();
  }

  #take(): void {
    this.#isTaken = true;
    setImmediate(() => {
      this.#isTaken = false;
      const resolve = this.#waiting.shift();
      if (resolve === undefined) return;
      // INVARIANT: taken again before the piece runs, so that what it asks for next waits behind the others.
      this.#take();
      resolve();
    });
  }
}

/** At most so many at once; the others wait in the order they came. */
export class Narrow {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` when there is a place. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // The place is handed over below, so `#free` stays as it is.
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
