import type { Timers } from "../timers.ts";

/** A clock that only moves when a test says so; timers fire in order of their time. */
export class FakeTimers implements Timers {
  #nowMs = 0;
  #nextId = 0;
  readonly #waiting = new Map<number, { dueMs: number; callback: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#nextId++;
    this.#waiting.set(id, { dueMs: this.#nowMs + delayMs, callback });
    return () => this.#waiting.delete(id);
  }

  /** Moves the clock and fires what falls due, letting promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      await settle();
      const due = [...this.#waiting].filter(([, timer]) => timer.dueMs <= endMs);
      due.sort((left, right) => left[1].dueMs - right[1].dueMs);
      const first = due[0];
      if (first === undefined) break;
      this.#waiting.delete(first[0]);
      this.#nowMs = first[1].dueMs;
      first[1].callback();
    }
    this.#nowMs = endMs;
  }
}

/** Lets every promise that is ready run its continuations. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.resolve();
}
