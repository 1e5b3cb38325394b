import { randomBytes } from "node:crypto";

/** RFC 9562 §6.2 method 1: a counter of 12 bits in the place of `rand_a` orders ids within a millisecond. */
const COUNTER_LIMIT = 4096;

/** Makes UUIDv7 that only ever grow within one process, even when the clock goes back. */
export class EntryIds {
  #lastMs = 0;
  #counter = 0;

  /** The next id. */
  next(nowMs: number): string {
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = 0;
    } else if (++this.#counter === COUNTER_LIMIT) {
      this.#lastMs += 1;
      this.#counter = 0;
    }
    const time = this.#lastMs.toString(16).padStart(12, "0");
    const counter = this.#counter.toString(16).padStart(3, "0");
    const random = randomBytes(8);
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
    const tail = random.toString("hex");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  }
}

/** The smallest id a moment can have: for ranges over ids. */
export function firstIdAt(ms: number): string {
  const time = Math.max(0, Math.min(ms, 2 ** 48 - 1))
    .toString(16)
    .padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
