import { DecodeError } from "@poterne/bytes";
import {
  Codec,
  Coverage,
  CursorKind,
  cursorPayloadBytes,
  MAX_CURSOR_SIDE_PX,
  MAX_SIDE_PX,
  MAX_TOTAL_PIXELS,
  PictureWriter,
  type Rectangle,
} from "@poterne/picture";
import { encodeUpdateRequest } from "./client-messages.ts";
import type { RfbCommand } from "./commands.ts";

import { type InflateTail, ZlibHistory } from "./zlib-history.ts";

const SCREEN = 0;
/** How often what is missing of an entry point is asked for again before it is given up. */
const MAX_ENTRY_REQUESTS = 8;
/** How long the server has to draw what was asked for before it is asked again. */
const ENTRY_PATIENCE_MS = 2000;

/** Codec of the picture language by RFB encoding. */
export const CODEC_BY_ENCODING: ReadonlyMap<number, number> = new Map([
  [0, Codec.raw],
  [2, Codec.rre],
  [5, Codec.hextile],
  [7, Codec.tight],
  [16, Codec.zrle],
]);

/**
 * The picture side of one connection: writes commands of the picture language into frames and knows what an entry
 * point needs (size, zlib windows, pointer's shape, what is not drawn yet). It never looks at pixels.
 */
export class Screen {
  readonly #commands: RfbCommand[];
  readonly writer: PictureWriter;
  readonly history: ZlibHistory;
  readonly #coverage = new Coverage();
  width = 0;
  height = 0;
  #cursor: Uint8Array | null = null;
  #position: { readonly x: number; readonly y: number } | null = null;
  #isEntryWanted = false;
  #isInEntry = false;
  #entryRequests = 0;
  #requestedAtMs = 0;

  /** Commands are added to `commands`, which the host takes after each call. */
  constructor(
    commands: RfbCommand[],
    host: { readonly allocate?: (sizeBytes: number) => Uint8Array; readonly inflateTail?: InflateTail },
  ) {
    this.#commands = commands;
    this.writer = new PictureWriter(host.allocate);
    this.history = new ZlibHistory(host.inflateTail);
  }

  get area(): Rectangle {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** Takes another size; throws `DecodeError` over the language's limits. False when it had it already. */
  resize(width: number, height: number): boolean {
    if (width === this.width && height === this.height) return false;
    if (
      width < 1 ||
      height < 1 ||
      width > MAX_SIDE_PX ||
      height > MAX_SIDE_PX ||
      width * height > MAX_TOTAL_PIXELS
    )
      throw new DecodeError("limit", "framebuffer", 0, `${width} by ${height}`);
    this.width = width;
    this.height = height;
    this.writer.surface(SCREEN, width, height);
    // What was drawn is of the old screen.
    if (this.#isInEntry) this.#coverage.begin(width, height);
    return true;
  }

  /** Throws `DecodeError` unless the rectangle lies on the screen. */
  check(rectangle: Rectangle): void {
    if (rectangle.x + rectangle.width > this.width || rectangle.y + rectangle.height > this.height)
      throw new DecodeError("invalid", "rectangle", 0, "outside the framebuffer");
  }

  beginDraw(rectangle: Rectangle, codec: number): void {
    this.writer.beginDraw(SCREEN, rectangle.x, rectangle.y, rectangle.width, rectangle.height, codec);
  }

  endDraw(rectangle: Rectangle): void {
    this.writer.endPiece(false);
    if (this.#isInEntry) this.#coverage.add(rectangle);
  }

  copy(target: Rectangle, fromX: number, fromY: number): void {
    const source = { x: fromX, y: fromY, width: target.width, height: target.height };
    this.check(source);
    this.writer.copy(SCREEN, fromX, fromY, target.width, target.height, target);
    if (this.#isInEntry) this.#coverage.copy(source, target.x, target.y);
  }

  /** A shape came; it is kept for entry points. Throws `DecodeError`. */
  setCursor(hot: { readonly x: number; readonly y: number }, shape: CursorPayload): void {
    const writer = new PictureWriter();
    writer.cursor({ hotX: hot.x, hotY: hot.y, ...shape });
    this.#cursor = writer.finish();
    this.#pushPointer(this.#cursor);
  }

  movePointer(x: number, y: number): void {
    this.#position = { x, y };
    const writer = new PictureWriter();
    writer.cursorPosition(x, y);
    this.#pushPointer(writer.finish());
  }

  #pushPointer(payload: Uint8Array): void {
    this.#commands.push({ type: "frame", channel: "pointer", entry: null, payload });
  }

  /** Hands over what was written so far. */
  flush(entry: "start" | "end" | null = null): void {
    if (this.writer.length === 0 && entry === null) return;
    this.#commands.push({ type: "frame", channel: "picture", entry, payload: this.writer.finish() });
  }

  /** An entry point is wanted as soon as the stream is between two updates. */
  wantEntry(): void {
    this.#isEntryWanted = true;
  }

  /** Between two updates: begins or ends an entry point if it is time. */
  betweenUpdates(nowMs: number): void {
    if (this.#isInEntry && !this.#isEntryWanted) this.#goOnWithEntry(nowMs);
    if (!this.#isEntryWanted) return;
    this.#isEntryWanted = false;
    // The full picture asked for a moment ago serves this one too, if none of it has come yet.
    const isOnItsWay = this.#isInEntry && this.#coverage.isUntouched;
    this.#isInEntry = true;
    this.flush();
    this.writer.surface(SCREEN, this.width, this.height);
    this.history.write(this.writer);
    this.flush("start");
    if (this.#cursor !== null) this.#pushPointer(this.#cursor);
    if (this.#position !== null) this.movePointer(this.#position.x, this.#position.y);
    this.#coverage.begin(this.width, this.height);
    if (isOnItsWay) return;
    this.#entryRequests = 0;
    this.#requestMissing(nowMs);
  }

  #goOnWithEntry(nowMs: number): void {
    if (this.#coverage.isWhole) {
      this.#isInEntry = false;
      this.flush("end");
    } else if (nowMs - this.#requestedAtMs < ENTRY_PATIENCE_MS) return;
    else if (this.#entryRequests < MAX_ENTRY_REQUESTS) this.#requestMissing(nowMs);
    else this.#isInEntry = false;
  }

  #requestMissing(nowMs: number): void {
    this.#entryRequests++;
    this.#requestedAtMs = nowMs;
    this.#commands.push({ type: "send", bytes: encodeUpdateRequest(false, this.#coverage.bounds()) });
  }
}

/** A pointer's shape as RFB sends it. */
export interface CursorPayload {
  readonly width: number;
  readonly height: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Checks a pointer's size and returns how many bytes its shape takes; throws `DecodeError` `limit`. */
export function checkCursorBytes(kind: number, width: number, height: number): number {
  if (width > MAX_CURSOR_SIDE_PX || height > MAX_CURSOR_SIDE_PX)
    throw new DecodeError("limit", "cursor", 0, `${width} by ${height}`);
  return cursorPayloadBytes(kind, width, height);
}

/** Kinds of pointer shapes by pseudo encoding. */
export const CURSOR_KIND_BY_ENCODING: ReadonlyMap<number, number> = new Map([
  [-239, CursorKind.bgrxMask],
  [-240, CursorKind.twoColour],
  [-314, CursorKind.premultipliedRgba],
]);
