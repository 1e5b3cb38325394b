import { concatBytes, encodeUtf8 } from "@poterne/bytes";

/** What stands in a target's output where it showed the secret: nothing of it, not even its length. */
const MASK = encodeUtf8("\u2022\u2022\u2022\u2022");

/**
 * Takes a secret out of a target's output, should the target echo it all the same. Output that may be the secret's
 * beginning is held back until it is clear, at most the secret's length less one.
 */
export class SecretFilter {
  readonly #secret: Uint8Array;
  #held: Uint8Array = new Uint8Array(0);

  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** The output without the secret. */
  filter(bytes: Uint8Array): Uint8Array {
    const { length } = this.#secret;
    if (length === 0) return bytes;
    const all = this.#held.length === 0 ? bytes : concatBytes([this.#held, bytes]);
    const parts: Uint8Array[] = [];
    let from = 0;
    let at = 0;
    while (at < all.length) {
      const matched = this.#matchAt(all, at);
      if (matched === length) {
        parts.push(all.subarray(from, at), MASK);
        at += length;
        from = at;
      } else if (at + matched === all.length) break;
      else at++;
    }
    this.#held = all.slice(at);
    parts.push(all.subarray(from, at));
    return concatBytes(parts);
  }

  /** What is still held back, once the secret cannot follow any more. */
  finish(): Uint8Array {
    const held = this.#held;
    this.#held = new Uint8Array(0);
    return held;
  }

  #matchAt(bytes: Uint8Array, at: number): number {
    let matched = 0;
    while (matched < this.#secret.length && bytes[at + matched] === this.#secret[matched]) matched++;
    return matched;
  }
}
