/** Random numbers of one seed: the same seed gives the same run. */
export class FuzzRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    // xorshift32 stands still at 0.
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  /** Whether something of this likelihood happens. */
  chance(likelihood: number): boolean {
    return this.below(1_000_000) < likelihood * 1_000_000;
  }

  pick<T>(all: readonly T[]): T {
    const found = all[this.below(all.length)];
    if (found === undefined && all.length === 0) throw new Error("nothing to pick from");
    return found as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** The seed of this run: `POTERNE_FUZZ_SEED` (what `npm run fuzz` gives), or always the same one. */
export function fuzzSeed(): number {
  const given = process.env.POTERNE_FUZZ_SEED;
  return given === undefined ? 20_261_121 : Number(given);
}
