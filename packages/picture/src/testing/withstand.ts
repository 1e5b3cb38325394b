import assert from "node:assert/strict";
import { DecodeError } from "@poterne/bytes";

/** Damaged inputs tried for each good one. */
const INPUTS = 1200;
/** No single input may take longer: a hang would, a slow machine does not. */
const MAX_INPUT_MS = 5000;

/** Numbers from 0 to 1 that are the same each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same bytes with one to four places changed, three times of ten cut short. */
export function damageBytes(bytes: Uint8Array, random: () => number): Uint8Array {
  const pick = (limit: number) => Math.floor(random() * limit);
  const copy = bytes.slice();
  for (let count = 1 + pick(4); count > 0 && copy.length > 0; count--) {
    const at = pick(4) === 0 ? pick(copy.length) : pick(Math.min(copy.length, 96));
    const kind = pick(4);
    if (kind === 0) copy[at] = pick(256);
    else if (kind === 1) copy[at] = (copy[at] ?? 0) ^ (1 << pick(8));
    else if (kind === 2) copy.fill(0xff, at, at + 1 + pick(4));
    else copy.copyWithin(at, pick(copy.length));
  }
  return random() < 0.3 ? copy.subarray(0, pick(copy.length + 1)) : copy;
}

/** Over a thousand damaged versions of a good payload: each is drawn or refused with a `DecodeError`, soon. */
export function assertWithstandsDamage(good: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  const random = seededRandom(0x5eed + good.length);
  let refused = 0;
  for (let index = 0; index < INPUTS; index++) {
    const bytes = damageBytes(good, random);
    const startedAt = performance.now();
    try {
      decode(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      refused++;
    }
    assert.ok(performance.now() - startedAt < MAX_INPUT_MS, `input ${index} hangs`);
  }
  assert.ok(refused > 0, "nothing was refused");
}
