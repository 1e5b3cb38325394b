import { Failure } from "@poterne/contract";

/** Purposes remembered at once; the one idle longest goes first. */
const MAX_PURPOSES = 10_000;

/** How many uses are allowed: a burst, refilled evenly. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Counts uses per purpose and altogether; both must have room. */
export class RateLimit {
  readonly #perPurpose: Rate;
  readonly #altogether: Rate;
  readonly #monotonicMs: () => number;
  readonly #buckets = new Map<string, Bucket>();
  readonly #shared: Bucket;

  constructor(rates: { perPurpose: Rate; altogether: Rate }, monotonicMs: () => number) {
    this.#perPurpose = rates.perPurpose;
    this.#altogether = rates.altogether;
    this.#monotonicMs = monotonicMs;
    this.#shared = { tokens: rates.altogether.burst, atMs: monotonicMs() };
  }

  /** Takes one use; throws the Failure `keeper-limit` with the seconds to wait. */
  take(purpose: string): void {
    const nowMs = this.#monotonicMs();
    const bucket = this.#buckets.get(purpose) ?? { tokens: this.#perPurpose.burst, atMs: nowMs };
    // Deleting first keeps the map in order of use.
    this.#buckets.delete(purpose);
    this.#buckets.set(purpose, bucket);
    if (this.#buckets.size > MAX_PURPOSES) {
      const oldest = this.#buckets.keys().next().value;
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    refill(bucket, this.#perPurpose, nowMs);
    refill(this.#shared, this.#altogether, nowMs);
    const wait = Math.max(waitMs(bucket, this.#perPurpose), waitMs(this.#shared, this.#altogether));
    if (wait > 0) throw new Failure("keeper-limit", { seconds: Math.ceil(wait / 1000) });
    bucket.tokens -= 1;
    this.#shared.tokens -= 1;
  }
}

function refill(bucket: Bucket, rate: Rate, nowMs: number): void {
  const gained = ((nowMs - bucket.atMs) * rate.perMinute) / 60_000;
  bucket.tokens = Math.min(rate.burst, bucket.tokens + gained);
  bucket.atMs = nowMs;
}

function waitMs(bucket: Bucket, rate: Rate): number {
  return bucket.tokens >= 1 ? 0 : ((1 - bucket.tokens) * 60_000) / rate.perMinute;
}
