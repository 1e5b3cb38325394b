import type { KeeperClock } from "../keeper/clock.ts";

/** The least difference between wall clock and monotonic clock that counts as a jump. */
const CLOCK_JUMP_MS = 2_000;

/** Time services slew a clock by at most so much: 500 millionths, RFC 5905. */
const MAX_SLEW = 0.0005;

/** A jump of the wall clock. */
export interface ClockJump {
  /** Positive: forward. */
  readonly jumpMs: number;
  /** What the clock should have shown, and what it showed. */
  readonly expectedMs: number;
  readonly foundMs: number;
}

/** Compares the wall clock with the monotonic one from one look to the next. */
export class ClockWatch {
  readonly #clock: KeeperClock;
  #atMs: number;
  #monotonicMs: number;

  /** `last` is the last line of the journal, so that a jump while nothing ran is noticed too. */
  constructor(
    clock: KeeperClock,
    last: { readonly atMs: number; readonly monotonicMs: number; readonly boot: string } | null,
  ) {
    this.#clock = clock;
    this.#atMs = clock.now();
    this.#monotonicMs = clock.monotonicMs();
    if (last === null) return;
    const isSameBoot = last.boot === clock.bootId && last.monotonicMs <= this.#monotonicMs;
    if (isSameBoot) {
      this.#atMs = last.atMs;
      this.#monotonicMs = last.monotonicMs;
    } else if (last.atMs > this.#atMs) {
      // After a restart of the machine only a step back can be told from time gone by.
      this.#atMs = last.atMs;
    }
  }

  /** A jump since the last look, null for none. */
  check(): ClockJump | null {
    const foundMs = this.#clock.now();
    const monotonicMs = this.#clock.monotonicMs();
    const elapsedMs = monotonicMs - this.#monotonicMs;
    const expectedMs = this.#atMs + elapsedMs;
    this.#atMs = foundMs;
    this.#monotonicMs = monotonicMs;
    const jumpMs = foundMs - expectedMs;
    return Math.abs(jumpMs) > CLOCK_JUMP_MS + elapsedMs * MAX_SLEW ? { jumpMs, expectedMs, foundMs } : null;
  }
}
