import { toHex } from "@poterne/bytes";
import type { KerberosCrypto } from "../crypto.ts";
import { MAX_CLOCK_SKEW_MS } from "../limits.ts";

/** The most authenticators remembered: above 150 sign-ins a second for ten minutes. */
const MAX_ENTRIES = 100_000;
const DIGEST_BYTES = 16;

/**
 * Authenticators seen (RFC 4120 §3.2.3): each is good once. They are remembered as long as their time could still be
 * taken for now. Authenticators from before the cache began cannot be judged and count as seen, and so does everything
 * when the cache is full.
 */
export class ReplayCache {
  readonly #crypto: KerberosCrypto;
  readonly #sinceMs: number;
  /** Digests with the time until which they matter, oldest first. */
  readonly #seen = new Map<string, number>();

  /** `sinceMs` is the Unix time at which the process began to accept. */
  constructor(crypto: KerberosCrypto, sinceMs: number) {
    this.#crypto = crypto;
    // Authenticators' times may be whole seconds.
    this.#sinceMs = Math.floor(sinceMs / 1000) * 1000;
  }

  /** Whether an authenticator (its ciphertext, and its time) was not seen before; from now on it was. */
  takeNew(cipher: Uint8Array, ctimeMs: number, nowMs: number): boolean {
    for (const [digest, untilMs] of this.#seen) {
      if (untilMs > nowMs) break;
      this.#seen.delete(digest);
    }
    // A public constant as key: the HMAC only serves as a hash here.
    const digest = toHex(
      this.#crypto.hmac("sha256", new Uint8Array(DIGEST_BYTES), cipher).subarray(0, DIGEST_BYTES),
    );
    if (ctimeMs < this.#sinceMs || this.#seen.has(digest) || this.#seen.size >= MAX_ENTRIES) return false;
    this.#seen.set(digest, nowMs + 2 * MAX_CLOCK_SKEW_MS);
    return true;
  }
}
