import { DecodeError } from "@poterne/bytes";
import { MAX_SIDE_PX, MAX_TOTAL_PIXELS, PictureWriter, type Rectangle } from "@poterne/picture";
import type { RdpCommand } from "../commands.ts";

/** The number of the screen among the picture language's surfaces. */
export const SCREEN = 0;

/** Where the memory of frames comes from. */
export interface PictureMemory {
  /** Buffers for frames; they may hold anything. */
  readonly allocate?: (sizeBytes: number) => Uint8Array;
  /** Takes a buffer of `allocate` that a frame outgrew. */
  readonly giveBack?: (outgrown: Uint8Array) => void;
}

/** The screen shown and the frames that go out: what fast path, slow path and graphics pipeline share. */
export class Screen {
  readonly #commands: RdpCommand[];
  readonly writer: PictureWriter;
  width = 0;
  height = 0;
  /** The last pointer command, for entry points; null before the first. */
  #pointer: Uint8Array | null = null;
  #position: Uint8Array | null = null;

  /** Commands are added to `commands`, which the host takes after each call. */
  constructor(commands: RdpCommand[], memory: PictureMemory = {}) {
    this.#commands = commands;
    this.writer = new PictureWriter(memory.allocate, memory.giveBack);
  }

  get area(): Rectangle {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** Takes another size; throws `DecodeError` `limit`. False when it had it already. */
  resize(width: number, height: number): boolean {
    const isTooLarge = width < 1 || height < 1 || width > MAX_SIDE_PX || height > MAX_SIDE_PX;
    if (isTooLarge || width * height > MAX_TOTAL_PIXELS)
      throw new DecodeError("limit", "desktop", 0, `${width} by ${height}`);
    if (width === this.width && height === this.height) return false;
    this.width = width;
    this.height = height;
    this.declare();
    return true;
  }

  /** Writes the screen's surface: new for a viewer with empty state, nothing new for others. */
  declare(): void {
    this.writer.surface(SCREEN, this.width, this.height);
  }

  /** Hands over the picture commands written so far. */
  flush(entry: "start" | "end" | null = null): void {
    if (this.writer.length === 0 && entry === null) return;
    this.#commands.push({ type: "frame", channel: "picture", entry, payload: this.writer.finish() });
  }

  /** Hands over a pointer's shape, which is kept for entry points. */
  showPointer(payload: Uint8Array): void {
    this.#pointer = payload;
    this.#pushPointer(payload);
  }

  /** The server moved the pointer. */
  movePointer(x: number, y: number): void {
    const writer = new PictureWriter();
    writer.cursorPosition(x, y);
    this.#position = writer.finish();
    this.#pushPointer(this.#position);
  }

  /** Shape and place once more, for a viewer that starts. */
  repeatPointer(): void {
    if (this.#pointer !== null) this.#pushPointer(this.#pointer);
    if (this.#position !== null) this.#pushPointer(this.#position);
  }

  #pushPointer(payload: Uint8Array): void {
    this.#commands.push({ type: "frame", channel: "pointer", entry: null, payload });
  }
}
