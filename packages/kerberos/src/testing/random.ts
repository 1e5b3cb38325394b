/** Repeatable noise for tests: the same seed gives the same numbers (xorshift32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** Bytes, as a core takes them for random. */
  readonly bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => this.below(256));
}

/** One to four changes of a message: bits turned, bytes set, cut out, doubled, or the end cut off. */
export function mutate(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  let changed = [...bytes];
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(changed.length + 1);
    const act = random.below(5);
    if (act === 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    else if (act === 1) changed[at] = [0, 1, 0x7f, 0x80, 0x84, 0xff, 0x30, 0xa0][random.below(8)] ?? 0;
    else if (act === 2) changed.splice(at, 1 + random.below(6));
    else if (act === 3) changed.splice(at, 0, ...changed.slice(at, at + 1 + random.below(8)));
    else changed = changed.slice(0, at);
  }
  return Uint8Array.from(changed);
}
