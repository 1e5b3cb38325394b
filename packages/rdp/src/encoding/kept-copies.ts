/** Copies up to this long stand in rooms that are used again … */
const MAX_POOLED_BYTES = 16 * 1024;
/** … whose sizes are multiples of this. */
export const ROOM_STEP_BYTES = 256;
/** Empty rooms held: as much as the sizes of one picture's tiles differ from the next one's. */
const MAX_SPARE_BYTES = 256 * 1024;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** One copy; its room may be longer than what it holds. */
export class KeptCopy {
  room: Uint8Array;
  length: number;

  constructor(room: Uint8Array, length: number) {
    this.room = room;
    this.length = length;
  }

  /** Memory it takes: its length rounded up. */
  get sizeBytes(): number {
    return this.room.length;
  }

  /** What it holds: a view, valid until it is replaced or given back. */
  get bytes(): Uint8Array {
    return this.room.subarray(0, this.length);
  }
}

/**
 * Copies of what is kept for entry points. A server replaces thousands of tiles a second: a buffer for each is made,
 * swept and, left to the collector, has V8 mark its whole heap (decision 0157). A copy takes its length rounded up to
 * 256 bytes. INVARIANT: rooms never go from one session to another.
 */
export class KeptCopies {
  /** Empty rooms by their size in steps. */
  readonly #spares: Uint8Array[][] = [];
  #spareBytes = 0;

  /** A copy of `bytes`, `head` in front of them; it belongs to the caller, who gives it back. */
  copy(bytes: Uint8Array, head: Uint8Array = NO_BYTES): KeptCopy {
    const length = head.length + bytes.length;
    const room = this.#takeRoom(length);
    if (head.length > 0) room.set(head);
    room.set(bytes, head.length);
    return new KeptCopy(room, length);
  }

  /** Has a copy hold other bytes; most often they have the same room. */
  replace(copy: KeptCopy, bytes: Uint8Array): void {
    if (copy.room.length !== roomBytes(bytes.length)) {
      this.giveBack(copy);
      copy.room = this.#takeRoom(bytes.length);
    }
    copy.room.set(bytes);
    copy.length = bytes.length;
  }

  #takeRoom(length: number): Uint8Array {
    const sizeBytes = roomBytes(length);
    const spare = this.#spares[sizeBytes / ROOM_STEP_BYTES]?.pop();
    if (spare === undefined) return new Uint8Array(sizeBytes);
    this.#spareBytes -= sizeBytes;
    return spare;
  }

  /** Gives a copy back, once. Nobody may use it any more. */
  giveBack({ room }: KeptCopy): void {
    const isSpare = room.length <= MAX_POOLED_BYTES && this.#spareBytes + room.length <= MAX_SPARE_BYTES;
    if (!isSpare) return void (room.buffer instanceof ArrayBuffer && room.buffer.transfer(0));
    this.#spareBytes += room.length;
    const steps = room.length / ROOM_STEP_BYTES;
    const spares = this.#spares[steps];
    if (spares === undefined) this.#spares[steps] = [room];
    else spares.push(room);
  }
}

function roomBytes(length: number): number {
  return length > MAX_POOLED_BYTES ? length : Math.ceil(length / ROOM_STEP_BYTES) * ROOM_STEP_BYTES;
}
