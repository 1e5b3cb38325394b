import { Failure } from "@poterne/contract";

/** Statements and transactions that may wait for the one under way. */
const MAX_WAITING = 10_000;

/** How long one may wait. Reached when a transaction never ends, or uses the store beside itself. */
const MAX_WAIT_MS = 15_000;

interface Waiting {
  readonly start: () => void;
  readonly holder: object | null;
  readonly timer: NodeJS.Timeout;
}

/**
 * Keeps the statements of other callers out of a transaction on the one SQLite connection. First come, first served;
 * what starts, starts synchronously, so that its statements leave in order.
 */
export class TransactionGate {
  readonly #maxWaitMs: number;
  #holder: object | null = null;
  #waiting: Waiting[] = [];

  constructor(maxWaitMs = MAX_WAIT_MS) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Runs a single statement once no other holder's transaction is open. */
  pass<T>(caller: object, start: () => Promise<T>): Promise<T> {
    if (this.#holder === caller || (this.#holder === null && this.#waiting.length === 0)) return start();
    return this.#wait(null, start);
  }

  /** Begins a transaction once no other is open; the caller holds the gate until `leave`. */
  enter<T>(caller: object, start: () => Promise<T>): Promise<T> {
    if (this.#holder === null && this.#waiting.length === 0) {
      this.#holder = caller;
      return start();
    }
    return this.#wait(caller, start);
  }

  /** Ends the caller's hold; nothing happens when it has none. */
  leave(caller: object): void {
    if (this.#holder !== caller) return;
    this.#holder = null;
    while (this.#holder === null) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      clearTimeout(next.timer);
      this.#holder = next.holder;
      next.start();
    }
  }

  #wait<T>(holder: object | null, start: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new Failure("store-unavailable", {}, new Error("too many wait for the store")));
    }
    return new Promise<T>((resolve, reject) => {
      const entry: Waiting = {
        holder,
        start: () => void start().then(resolve, reject),
        timer: setTimeout(() => {
          this.#waiting = this.#waiting.filter((other) => other !== entry);
          reject(new Failure("store-unavailable", {}, new Error("waited too long for a transaction to end")));
        }, this.#maxWaitMs),
      };
      this.#waiting.push(entry);
    });
  }
}
