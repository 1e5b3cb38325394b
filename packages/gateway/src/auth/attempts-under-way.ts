/** Most that wait for the outcome of others on this node; further ones are refused at once. */
const MAX_HELD = 1000;
/** An attempt counts as settled after so long, whatever became of it; nobody waits for longer. */
const SETTLE_AFTER_MS = 15_000;

/** What runs and waits under one key. */
interface KeyState {
  tail: Promise<unknown>;
  running: number;
  inTurn: number;
  readonly held: Set<() => void>;
}

/** Attempts this node is checking, per key: one after the other where they count, and who waits for their outcome. */
export class AttemptsUnderWay {
  readonly #keys = new Map<string, KeyState>();
  readonly #settleAfterMs: number;
  #held = 0;

  constructor(settleAfterMs = SETTLE_AFTER_MS) {
    this.#settleAfterMs = settleAfterMs;
  }

  /** Runs `work` when those that came before under the same key are done. */
  async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const state = this.#state(key);
    state.inTurn++;
    const turn = state.tail.then(work, work);
    state.tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      state.inTurn--;
      this.#forget(key, state);
    }
  }

  /** Notes that an attempt is being checked; the function returned notes its outcome, once. */
  begin(key: string): () => void {
    const state = this.#state(key);
    state.running++;
    let isSettled = false;
    const settle = (): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      state.running--;
      for (const wake of [...state.held]) wake();
      this.#forget(key, state);
    };
    const timer = setTimeout(settle, this.#settleAfterMs);
    timer.unref();
    return settle;
  }

  /** Waits until an attempt under the key has an outcome; false at once when none runs or too many wait. */
  async untilOneSettles(key: string): Promise<boolean> {
    const state = this.#state(key);
    if (state.running === 0 || this.#held >= MAX_HELD) {
      this.#forget(key, state);
      return false;
    }
    this.#held++;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        state.held.delete(wake);
        resolve();
      };
      state.held.add(wake);
    });
    this.#held--;
    return true;
  }

  #state(key: string): KeyState {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const state: KeyState = { tail: Promise.resolve(), running: 0, inTurn: 0, held: new Set() };
    this.#keys.set(key, state);
    return state;
  }

  #forget(key: string, state: KeyState): void {
    if (state.running === 0 && state.inTurn === 0 && state.held.size === 0 && this.#keys.get(key) === state)
      this.#keys.delete(key);
  }
}
