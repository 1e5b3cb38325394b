import { Channel, FRAME_HEADER_BYTES, type Frame, FrameFlag, writeFrameHeader } from "@poterne/wire";
import { CHUNK_TARGET_BYTES } from "./limits.ts";
import { RecordFlag } from "./record-header.ts";

/** Room a chunk has as it grows, so that a quiet terminal's few frames do not hold a whole chunk's. */
export const CHUNK_ROOMS_BYTES: readonly number[] = [4 * 1024, 64 * 1024, CHUNK_TARGET_BYTES];
const NO_BYTES = new Uint8Array(0);

/** Frames packed for one chunk, before compression and sealing. */
export interface PlainChunk {
  /** `RecordFlag` bits. */
  readonly flags: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Frames back to back, as on the wire. */
  readonly plain: Uint8Array;
}

/**
 * Gathers frames into chunks. INVARIANT: a chunk holds whole frames only, and a frame that opens an entry point is
 * always the first of its chunk, so that playing can start at a chunk's beginning.
 */
export class ChunkBuilder {
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #giveBack: (outgrown: Uint8Array) => void;
  #plain: Uint8Array = NO_BYTES;
  #pendingBytes = 0;
  #flags = 0;
  #startMs = 0;
  #endMs = 0;

  /** `allocate` gives room for a chunk's plaintext, whose content does not matter; `giveBack` takes what was outgrown. */
  constructor(
    allocate: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
    giveBack: (outgrown: Uint8Array) => void = () => {},
  ) {
    this.#allocate = allocate;
    this.#giveBack = giveBack;
  }

  /** Bytes taken and not yet given out as a chunk. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Takes one frame, as a copy: its payload is not needed afterwards. Returns the chunks that are full by it, none
   * most of the time, two at most.
   */
  add(frame: Frame): PlainChunk[] {
    const size = FRAME_HEADER_BYTES + frame.payload.length;
    const opensEntry = (frame.flags & FrameFlag.entryStart) !== 0;
    const full: PlainChunk[] = [];
    if (opensEntry || this.#pendingBytes + size > CHUNK_TARGET_BYTES) this.#moveTo(full);
    this.#append(frame, size);
    if (this.#pendingBytes >= CHUNK_TARGET_BYTES) this.#moveTo(full);
    return full;
  }

  /** What is pending as a chunk, null when nothing is. */
  take(): PlainChunk | null {
    const chunks: PlainChunk[] = [];
    this.#moveTo(chunks);
    return chunks[0] ?? null;
  }

  #append(frame: Frame, size: number): void {
    const { timeMs, flags, channel, payload } = frame;
    const isFirst = this.#pendingBytes === 0;
    this.#makeRoom(this.#pendingBytes + size);
    writeFrameHeader(this.#plain, this.#pendingBytes, frame, payload.length);
    this.#plain.set(payload, this.#pendingBytes + FRAME_HEADER_BYTES);
    this.#pendingBytes += size;
    this.#startMs = isFirst ? timeMs : Math.min(this.#startMs, timeMs);
    this.#endMs = isFirst ? timeMs : Math.max(this.#endMs, timeMs);
    if ((flags & FrameFlag.entryStart) !== 0) this.#flags |= RecordFlag.entryPoint;
    if (channel === Channel.marker || channel === Channel.file) this.#flags |= RecordFlag.markers;
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#plain.length) return;
    const larger = this.#allocate(CHUNK_ROOMS_BYTES.find((room) => room >= needed) ?? needed);
    larger.set(this.#plain.subarray(0, this.#pendingBytes));
    const outgrown = this.#plain;
    this.#plain = larger;
    if (outgrown.length > 0) this.#giveBack(outgrown);
  }

  #moveTo(chunks: PlainChunk[]): void {
    if (this.#pendingBytes === 0) return;
    const plain = this.#plain.subarray(0, this.#pendingBytes);
    chunks.push({ flags: this.#flags, startMs: this.#startMs, endMs: this.#endMs, plain });
    this.#plain = NO_BYTES;
    this.#pendingBytes = 0;
    this.#flags = 0;
  }
}
