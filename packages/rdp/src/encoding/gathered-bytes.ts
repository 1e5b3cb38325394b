const NO_BYTES: Uint8Array = new Uint8Array(0);
/** The first room taken: a peer that announces much and sends little holds no more. */
const FIRST_ROOM_BYTES = 64 * 1024;
/** Room kept from one message to the next. */
const KEPT_ROOM_BYTES = 128 * 1024;

/**
 * A message that is put together from parts, one after the other in the same memory: what each message takes anew and
 * leaves to the collector makes V8 mark its whole heap every few dozen megabytes.
 */
export class GatheredBytes {
  #bytes: Uint8Array = NO_BYTES;
  #length = 0;

  /** Bytes gathered so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a part. The caller bounds the sum. */
  add(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(part, this.#length);
    this.#length = needed;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, FIRST_ROOM_BYTES, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#free();
    this.#bytes = larger;
  }

  #free(): void {
    if (this.#bytes.buffer instanceof ArrayBuffer && this.#bytes.length > 0) this.#bytes.buffer.transfer(0);
    this.#bytes = NO_BYTES;
  }

  /** Gives what was gathered to `use`: a view, valid during the call only. Nothing is gathered any more then. */
  take<T>(use: (bytes: Uint8Array) => T): T {
    try {
      return use(this.#bytes.subarray(0, this.#length));
    } finally {
      this.clear();
    }
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_ROOM_BYTES) this.#free();
  }
}
