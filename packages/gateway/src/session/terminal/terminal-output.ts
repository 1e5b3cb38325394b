import { Channel, FRAME_HEADER_BYTES } from "@poterne/wire";

/** The longest text frame: with its header it fills one chunk of a recording. */
export const MAX_TEXT_FRAME_BYTES = 64 * 1024 - FRAME_HEADER_BYTES;
/** So much within `FLOOD_WINDOW_MS` is a flood: nobody reads it as it comes, and small frames would cost the most. */
export const FLOOD_BYTES = 64 * 1024;
export const FLOOD_WINDOW_MS = 20;
/** How long output of a flood is joined, unless a frame is full before. */
export const FLOOD_GATHER_MS = 4;

/** Room that gathering begins with. */
const FIRST_ROOM_BYTES = 4096;
const NO_BYTES = Buffer.alloc(0);

/** What a terminal's output needs. */
export interface OutputOptions {
  /** The payload is copied by whoever needs it later. */
  emit(channel: number, flags: number, payload: Uint8Array): void;
  /** Gets each frame's bytes just after it was emitted; they are its own from then on. */
  shown(bytes: Uint8Array): void;
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/**
 * Turns a target's output into text frames: at once while the target is idle, joined once per turn of the event loop
 * while it is busy, and for a few milliseconds in a flood, so that neither latency nor frame count suffers: a target
 * behind a pseudo-terminal sends 4 kB at a time, and each frame costs a record, a TLS write and an acknowledgement.
 */
export class TerminalOutput {
  readonly #options: OutputOptions;
  #room: Buffer = NO_BYTES;
  #gatheredBytes = 0;
  #isBusy = false;
  #isClosed = false;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #windowBytes = 0;
  #isFlood = false;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Takes output, as a copy. */
  write(bytes: Uint8Array): void {
    if (this.#isClosed || bytes.length === 0) return;
    this.#measure(bytes.length);
    const isFirst = !this.#isBusy;
    for (let at = 0; at < bytes.length; ) at += this.#gather(bytes, at);
    if (!isFirst) return;
    this.#isBusy = true;
    // In a flood the first piece waits for the others too.
    if (!this.#isFlood) this.flush();
    this.#wait();
  }

  /** Emits what is gathered. */
  flush(): void {
    if (this.#gatheredBytes === 0) return;
    // What is shown is kept for long: it must not hold much more than it is.
    const isFilled = 2 * this.#gatheredBytes > this.#room.length;
    const gathered = this.#room.subarray(0, this.#gatheredBytes);
    const bytes = isFilled ? gathered : Buffer.from(gathered);
    if (isFilled) this.#room = NO_BYTES;
    this.#gatheredBytes = 0;
    const { emit, shown } = this.#options;
    emit(Channel.text, 0, bytes);
    shown(bytes);
  }

  /** Emits what is gathered and takes no more. */
  close(): void {
    this.flush();
    this.#isClosed = true;
  }

  /** Copies what fits into one frame; returns how much that was. */
  #gather(bytes: Uint8Array, at: number): number {
    const count = Math.min(bytes.length - at, MAX_TEXT_FRAME_BYTES - this.#gatheredBytes);
    const needed = this.#gatheredBytes + count;
    if (needed > this.#room.length) {
      const room = Math.min(MAX_TEXT_FRAME_BYTES, Math.max(FIRST_ROOM_BYTES, 2 * needed));
      const larger = Buffer.allocUnsafeSlow(room);
      larger.set(this.#room.subarray(0, this.#gatheredBytes));
      this.#room = larger;
    }
    this.#room.set(bytes.subarray(at, at + count), this.#gatheredBytes);
    this.#gatheredBytes = needed;
    if (needed === MAX_TEXT_FRAME_BYTES) this.flush();
    return count;
  }

  #measure(bytes: number): void {
    const now = this.#options.nowMs();
    if (now - this.#windowFromMs >= FLOOD_WINDOW_MS) {
      // A window that no other followed at once says nothing of now.
      if (now - this.#windowFromMs >= 2 * FLOOD_WINDOW_MS) this.#windowBytes = 0;
      this.#isFlood = this.#windowBytes >= FLOOD_BYTES;
      this.#windowFromMs = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    if (this.#windowBytes >= FLOOD_BYTES) this.#isFlood = true;
  }

  #wait(): void {
    if (this.#isFlood) setTimeout(() => this.#turn(), FLOOD_GATHER_MS);
    else setImmediate(() => this.#turn());
  }

  #turn(): void {
    if (this.#gatheredBytes === 0) {
      this.#isBusy = false;
      this.#room = NO_BYTES;
      return;
    }
    this.flush();
    this.#wait();
  }
}
