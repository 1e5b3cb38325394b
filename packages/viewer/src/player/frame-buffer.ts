import { Channel, decodeFrames, FRAME_HEADER_BYTES, FrameFlag } from "@poterne/wire";

/** The most bytes of frames a player holds ahead of the picture. */
export const MAX_BUFFERED_BYTES = 96 * 1024 * 1024;

/** One frame's place in the bytes it came with. */
interface Slot {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly timeMs: number;
  readonly channel: number;
  readonly flags: number;
}

/** Frames back to back, as one message of the wire. */
export interface Slice {
  readonly message: ArrayBuffer;
  readonly timeMs: number;
}

/** The frames that were loaded and not shown yet, in order. */
export class FrameBuffer {
  #slots: Slot[] = [];
  #head = 0;
  #sizeBytes = 0;
  #isInEntry = false;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Forgets all. */
  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#sizeBytes = 0;
    this.#isInEntry = false;
  }

  /** Adds a reply of the gateway; throws `DecodeError` when it is cut inside a frame. */
  add(bytes: Uint8Array): void {
    for (const { payload, timeMs, channel, flags } of decodeFrames(bytes)) {
      const end = payload.byteOffset - bytes.byteOffset + payload.length;
      const start = end - payload.length - FRAME_HEADER_BYTES;
      this.#slots.push({ bytes, start, end, timeMs, channel, flags });
      this.#sizeBytes += end - start;
    }
  }

  /** When the next frame that changes the picture is due, null when none is loaded. */
  nextChangeMs(): number | null {
    for (let index = this.#head; index < this.#slots.length; index++) {
      const slot = this.#slots[index];
      if (slot !== undefined && (slot.channel === Channel.picture || slot.channel === Channel.text))
        return slot.timeMs;
    }
    return null;
  }

  /**
   * Takes the frames due until `untilMs`, at most about `maxBytes` at a time, as messages. With `skipsEntries` the
   * entry points are left out: a terminal that plays on already shows what they hold.
   */
  take(untilMs: number, options: { readonly maxBytes: number; readonly skipsEntries: boolean }): Slice[] {
    const slices: Slice[] = [];
    let run: Slot[] = [];
    let takenBytes = 0;
    const flush = () => {
      const slice = joinRun(run);
      if (slice !== null) slices.push(slice);
      run = [];
    };
    while (takenBytes < options.maxBytes) {
      const slot = this.#slots[this.#head];
      if (slot === undefined || slot.timeMs > untilMs) break;
      this.#head++;
      const isSkipped = options.skipsEntries && this.#followEntry(slot);
      const isNeighbour = run.at(-1)?.bytes === slot.bytes && run.at(-1)?.end === slot.start;
      if (run.length > 0 && (isSkipped || !isNeighbour)) flush();
      takenBytes += slot.end - slot.start;
      if (!isSkipped) run.push(slot);
    }
    flush();
    this.#sizeBytes -= takenBytes;
    this.#compact();
    return slices;
  }

  #followEntry(slot: Slot): boolean {
    if ((slot.flags & FrameFlag.entryStart) !== 0) this.#isInEntry = true;
    const isPart = this.#isInEntry && (slot.channel === Channel.text || slot.channel === Channel.marker);
    if ((slot.flags & FrameFlag.entryEnd) !== 0) this.#isInEntry = false;
    return isPart;
  }

  #compact(): void {
    if (this.#head < 4096 && this.#head < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#head);
    this.#head = 0;
  }
}

function joinRun(run: readonly Slot[]): Slice | null {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) return null;
  const message = first.bytes.slice(first.start, last.end).buffer as ArrayBuffer;
  return { message, timeMs: last.timeMs };
}
