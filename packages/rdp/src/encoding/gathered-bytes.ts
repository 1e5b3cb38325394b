const NO_BYTES: Uint8Array = new Uint8Array(0);
/** The first room taken: a peer that announces much and sends little holds no more. */
const FIRST_ROOM_BYTES = 64 * 1024;
/** Room kept from one message to the next. */
const KEPT_ROOM_BYTES = 128 * 1024;
/** The largest room that waits for whoever needs one next … */
const MAX_SPARE_ROOM_BYTES = 1024 * 1024;
/** … a few for the whole process: messages are put together one after the other, seldom two at a time. */
const MAX_SPARE_ROOMS = 2;
const spareRooms: Uint8Array[] = [];

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
    const wanted = Math.max(needed, FIRST_ROOM_BYTES, this.#bytes.length * 2);
    // All of a spare room, however little is needed: most messages are as large as the one before.
    const spare = spareRooms.findIndex(({ length }) => length >= wanted);
    const larger = spareRooms.splice(spare, spare < 0 ? 0 : 1)[0] ?? new Uint8Array(wanted);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#free();
    this.#bytes = larger;
  }

  #free(): void {
    const { buffer, length } = this.#bytes;
    const isSpare = length > KEPT_ROOM_BYTES && length <= MAX_SPARE_ROOM_BYTES;
    if (isSpare && spareRooms.length < MAX_SPARE_ROOMS) spareRooms.push(this.#bytes);
    else if (buffer instanceof ArrayBuffer && length > 0) buffer.transfer(0);
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
