import { ByteReader, concatBytes, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";
import { ZRLE_CONTEXT } from "@poterne/picture";
import { Encoding, ServerMessage } from "./protocol.ts";
import {
  type HextilePlace,
  nextHextileTile,
  readHextileTileBytes,
  readTightHeader,
  type TightHeader,
} from "./rectangle-header.ts";
import { CODEC_BY_ENCODING, CURSOR_KIND_BY_ENCODING, checkCursorBytes, type Screen } from "./screen.ts";
import type { SessionEvents } from "./session-events.ts";
import { countParts, PART_COUNT } from "./update-parts.ts";
import { MAX_RECTANGLE_PACKED_BYTES } from "./zlib-history.ts";

const RECTANGLE_HEADER_BYTES = 12;
const PIXEL_BYTES = 4;
const RRE_SUBRECTANGLE_BYTES = 12;
/** The most small rectangles of one RRE rectangle: one for each pixel of a big screen would be more than raw. */
const MAX_RRE_SUBRECTANGLES = 4 * 1024 * 1024;
/** Rectangles of an update whose end `LastRect` tells. */
const UNTIL_LAST_RECT = 0xffff;
const SCREEN_BYTES = 16;
const MAX_NAME_BYTES = 64 * 1024;

/** Of an update that is held until it is whole never more than this, what a read writes included. */
const MAX_HELD_PICTURE_BYTES = 72 * 1024;

/** What the bytes that come next are, once a header told their number. */
type Passing = "pixels" | "ignored" | "kept";

/**
 * Everything after the handshake, from the server (RFC 6143 §7.6 and extensions): finds where messages and rectangles
 * end, and passes pixel payloads on as they came. One pass; a header cut by the end of the input waits for the next.
 */
export class SessionStream {
  readonly #screen: Screen;
  readonly #events: SessionEvents;
  /** Bytes of a header that is not whole: at most a Tight palette or a coloured Hextile tile. */
  #held: Uint8Array | null = null;
  #rectanglesLeft = 0;
  #isInUpdate = false;
  #isUntilLast = false;
  #updateBytes = 0;
  #partBytes: number[] = [];
  /** Bytes of the update before its current rectangle. */
  #beforeBytes = 0;
  #rectangle: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  /** Bytes of the current payload still to come, and what they are. */
  #left = 0;
  #passing: Passing = "ignored";
  #onKept: ((bytes: Uint8Array) => void) | null = null;
  #kept: Uint8Array | null = null;
  #keptBytes = 0;
  #stream = -1;
  #streamOutputBytes = 0;
  #isInTight = false;
  #tile: HextilePlace | null = null;
  readonly #tight: TightHeader = { headerBytes: 0, payloadBytes: 0, stream: -1, outputBytes: 0 };
  #nowMs = 0;
  /** Whether a part of an update is held until it is whole. */
  holdsUpdates = false;

  constructor(screen: Screen, events: SessionEvents) {
    this.#screen = screen;
    this.#events = events;
  }

  /** Whether the input ended between two updates. */
  get isBetweenUpdates(): boolean {
    return !this.#isInUpdate;
  }

  /** Takes bytes of the server. Throws `DecodeError`; the stream is of no use then. */
  receive(chunk: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    const bytes = this.#held === null ? chunk : concatBytes([this.#held, chunk]);
    this.#held = null;
    const room = bytes.length + (bytes.length >> 3) + 64;
    if (this.#screen.writer.length + room > MAX_HELD_PICTURE_BYTES) this.release();
    this.#screen.writer.reserve(room);
    this.#resumePiece();
    let at = 0;
    const reader = new ByteReader(bytes, "RFB message");
    while (at < bytes.length) {
      if (this.#left > 0) at = this.#pass(bytes, at);
      else {
        const used = this.#readHeader(reader, at);
        if (used < 0) break;
        at += used;
        if (this.#isInUpdate) this.#updateBytes += used;
      }
    }
    // A copy whatever the host gives: the `slice` of Node's Buffer shares the memory it reads the next bytes into.
    if (at < bytes.length) this.#held = new Uint8Array(bytes.subarray(at));
    if (!this.holdsUpdates || !this.#isInUpdate) this.release();
  }

  /** Whether a part of an update is held. */
  get isHolding(): boolean {
    return this.holdsUpdates && this.#isInUpdate && this.#screen.writer.length > 0;
  }

  /** Hands over what is written of an update, whole or not. */
  release(): void {
    this.#screen.flush();
  }

  #resumePiece(): void {
    // What is held is one piece still.
    if (this.#screen.writer.isInPiece) return;
    const isInPixels = this.#left > 0 && this.#passing === "pixels";
    if (isInPixels || this.#tile !== null || this.#isInTight) this.#screen.writer.beginMore();
  }

  /** Passes on as much of the current payload as is there. */
  #pass(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#isInUpdate) this.#updateBytes += end - at;
    if (this.#passing === "pixels") {
      this.#screen.writer.put(bytes, at, end);
      if (this.#stream >= 0) this.#screen.history.append(this.#stream, bytes, at, end);
    } else if (this.#passing === "kept" && this.#kept !== null) {
      this.#kept.set(bytes.subarray(at, end), this.#keptBytes);
      this.#keptBytes += end - at;
    }
    if (this.#left === 0) this.#endPayload();
    return end;
  }

  #endPayload(): void {
    if (this.#passing === "kept") {
      const [kept, onKept] = [this.#kept, this.#onKept];
      this.#kept = null;
      this.#onKept = null;
      if (kept !== null) onKept?.(kept);
    } else if (this.#passing === "pixels") this.#endPixels();
    if (this.#tile === null && this.#isInUpdate) this.#countRectangle();
  }

  #endPixels(): void {
    if (this.#tile !== null) {
      if (nextHextileTile(this.#tile)) return;
      this.#tile = null;
    }
    if (this.#stream >= 0) this.#screen.history.endRectangle(this.#stream, this.#streamOutputBytes);
    this.#stream = -1;
    this.#screen.endDraw(this.#rectangle);
    countParts(this.#partBytes, this.#rectangle, {
      sizeBytes: this.#updateBytes - this.#beforeBytes,
      screenHeight: this.#screen.height,
    });
  }

  /** Expects `count` bytes of a kind; none at all end at once. */
  #expect(passing: Passing, count: number): void {
    this.#passing = passing;
    this.#left = count;
    if (count === 0) this.#endPayload();
  }

  /** Keeps the next `count` bytes, checked against a limit by the caller, and hands them over when whole. */
  #keep(count: number, onKept: (bytes: Uint8Array) => void): void {
    this.#kept = new Uint8Array(count);
    this.#keptBytes = 0;
    this.#onKept = onKept;
    this.#expect("kept", count);
  }

  /** Reads one header at `at`; returns its length, or -1 when it is not whole. */
  #readHeader(reader: ByteReader, at: number): number {
    if (this.#tile !== null) return this.#readTile(reader.bytes, at, this.#tile);
    if (this.#isInTight) return this.#readTight(reader.bytes, at);
    reader.offset = at;
    try {
      if (this.#isInUpdate) this.#readRectangle(reader);
      else this.#readMessage(reader);
    } catch (error) {
      if (error instanceof DecodeError && error.code === "truncated" && reader.structure === "RFB message")
        return -1;
      throw error;
    }
    return reader.offset - at;
  }

  #readMessage(reader: ByteReader): void {
    const type = reader.u8();
    switch (type) {
      case ServerMessage.framebufferUpdate: {
        reader.advance(1);
        this.#rectanglesLeft = reader.u16();
        this.#isUntilLast = this.#rectanglesLeft === UNTIL_LAST_RECT;
        this.#isInUpdate = true;
        this.#updateBytes = 0;
        this.#partBytes = new Array(PART_COUNT).fill(0);
        if (this.#rectanglesLeft === 0) this.#endUpdate();
        return;
      }
      case ServerMessage.setColourMapEntries: {
        reader.advance(3);
        this.#expect("ignored", reader.u16() * 6);
        return;
      }
      case ServerMessage.bell:
        this.#events.bell();
        return;
      case ServerMessage.serverCutText:
        this.#readCutText(reader);
        return;
      case ServerMessage.endOfContinuousUpdates:
        this.#events.continuousUpdatesEnded();
        return;
      case ServerMessage.fence: {
        reader.advance(3);
        const flags = reader.u32();
        const length = reader.u8();
        if (length > 64) throw new DecodeError("limit", "fence", reader.offset, `${length} bytes`);
        this.#events.fence(flags, new Uint8Array(reader.take(length)));
        return;
      }
      default:
        throw new DecodeError("unsupported", "server message", reader.offset - 1, `type ${type}`);
    }
  }

  #readCutText(reader: ByteReader): void {
    reader.advance(3);
    const length = reader.i32();
    const count = Math.abs(length);
    const isExtended = length < 0;
    if (!this.#events.mayTakeClipboard(count)) this.#expect("ignored", count);
    else this.#keep(count, (bytes) => this.#events.clipboard(bytes, isExtended));
  }

  #readRectangle(reader: ByteReader): void {
    if (reader.remaining < RECTANGLE_HEADER_BYTES) throw reader.fail("truncated");
    const rectangle = { x: reader.u16(), y: reader.u16(), width: reader.u16(), height: reader.u16() };
    const encoding = reader.i32();
    const codec = CODEC_BY_ENCODING.get(encoding);
    if (codec === undefined) this.#readOther(reader, rectangle, encoding);
    else {
      // What of the header may be cut is looked at before anything is written.
      const extra = encoding === Encoding.rre || encoding === Encoding.zrle ? reader.u32() : 0;
      this.#screen.check(rectangle);
      this.#rectangle = rectangle;
      this.#beforeBytes = this.#updateBytes;
      this.#screen.beginDraw(rectangle, codec);
      this.#beginPixels(reader, encoding, extra);
    }
  }

  #beginPixels(reader: ByteReader, encoding: number, extra: number): void {
    const { width, height } = this.#rectangle;
    const isEmpty = width === 0 || height === 0;
    if (encoding === Encoding.raw) this.#expect("pixels", width * height * PIXEL_BYTES);
    else if (encoding === Encoding.rre) {
      if (extra > MAX_RRE_SUBRECTANGLES) throw new DecodeError("limit", "RRE rectangle", 0, `${extra} parts`);
      this.#screen.writer.put(reader.bytes, reader.offset - 4, reader.offset);
      this.#expect("pixels", PIXEL_BYTES + extra * RRE_SUBRECTANGLE_BYTES);
    } else if (encoding === Encoding.zrle) {
      if (extra > MAX_RECTANGLE_PACKED_BYTES)
        throw new DecodeError("limit", "ZRLE rectangle", 0, `${extra} bytes`);
      this.#stream = extra === 0 ? -1 : ZRLE_CONTEXT;
      // Worst case of ZRLE: plain run lengths of one pixel, and a palette a tile.
      this.#streamOutputBytes = width * height * 4 + ((width + 63) >> 6) * ((height + 63) >> 6) * 382;
      this.#expect("pixels", extra);
    } else if (encoding === Encoding.hextile && !isEmpty) this.#tile = { left: 0, top: 0, width, height };
    else if (encoding === Encoding.tight) this.#isInTight = true;
    else this.#expect("pixels", 0);
  }

  #readTight(bytes: Uint8Array, at: number): number {
    const header = this.#tight;
    if (!readTightHeader(bytes, at, this.#rectangle, header)) return -1;
    this.#isInTight = false;
    this.#screen.writer.put(bytes, at, at + header.headerBytes);
    const control = bytes[at] as number;
    for (let stream = 0; stream < 4; stream++)
      if ((control & (1 << stream)) !== 0) this.#screen.history.reset(stream);
    this.#stream = header.payloadBytes === 0 ? -1 : header.stream;
    this.#streamOutputBytes = header.outputBytes;
    this.#expect("pixels", header.payloadBytes);
    return header.headerBytes;
  }

  #readTile(bytes: Uint8Array, at: number, tile: HextilePlace): number {
    const count = readHextileTileBytes(bytes, at, tile);
    if (count < 0) return -1;
    this.#expect("pixels", count);
    return 0;
  }

  /** Pseudo encodings and CopyRect. Everything is read before anything is done. */
  #readOther(reader: ByteReader, rectangle: Rectangle, encoding: number): void {
    const { x, y, width, height } = rectangle;
    switch (encoding) {
      case Encoding.copyRect: {
        const fromX = reader.u16();
        const fromY = reader.u16();
        this.#screen.check(rectangle);
        this.#screen.copy(rectangle, fromX, fromY);
        break;
      }
      case Encoding.lastRect:
        this.#rectanglesLeft = 1;
        this.#isUntilLast = false;
        break;
      case Encoding.desktopSize:
        this.#events.resize(width, height);
        break;
      case Encoding.extendedDesktopSize:
        this.#readDesktopSize(reader, rectangle);
        break;
      case Encoding.pointerPosition:
      case Encoding.vmwareCursorPosition:
        this.#screen.movePointer(x, y);
        break;
      case Encoding.qemuExtendedKey:
        this.#events.qemuKeysSupported();
        break;
      case Encoding.qemuLedState:
        this.#events.locks(reader.u8() & 7);
        break;
      case Encoding.vmwareLedState:
        this.#events.locks(reader.u32() & 7);
        break;
      case Encoding.desktopName: {
        const length = reader.u32();
        if (length > MAX_NAME_BYTES)
          throw new DecodeError("limit", "desktop name", reader.offset, `${length} bytes`);
        this.#keep(length, (bytes) => this.#events.title(bytes));
        return;
      }
      default:
        this.#readCursor(reader, rectangle, encoding);
        return;
    }
    this.#countRectangle();
  }

  #readDesktopSize(reader: ByteReader, { x: reason, y: status, width, height }: Rectangle): void {
    const count = reader.u8();
    reader.advance(3);
    const screens = new ByteReader(reader.take(count * SCREEN_BYTES), "screen layout");
    const first =
      count > 0 ? { id: screens.u32(), x: screens.advance(8), flags: screens.u32() } : { id: 0, flags: 0 };
    this.#events.layout({ id: first.id, flags: first.flags });
    // Reason 1 is the answer to our own request; with a status it was refused and nothing changed.
    if (reason === 1 && status !== 0) this.#events.resizeRefused(status);
    else this.#events.resize(width, height);
  }

  #readCursor(reader: ByteReader, rectangle: Rectangle, encoding: number): void {
    const kind = CURSOR_KIND_BY_ENCODING.get(encoding);
    if (kind === undefined)
      throw new DecodeError("unsupported", "rectangle", reader.offset - 4, `encoding ${encoding}`);
    if (encoding === Encoding.cursorWithAlpha && reader.i32() !== Encoding.raw)
      throw new DecodeError("unsupported", "cursor with alpha", reader.offset, "not raw");
    const { x, y, width, height } = rectangle;
    this.#keep(checkCursorBytes(kind, width, height), (payload) =>
      this.#screen.setCursor({ x, y }, { width, height, kind, payload }),
    );
  }

  #countRectangle(): void {
    if (!this.#isUntilLast) this.#rectanglesLeft--;
    if (this.#rectanglesLeft === 0) this.#endUpdate();
  }

  #endUpdate(): void {
    this.#isInUpdate = false;
    this.#screen.writer.present();
    this.#events.updateEnded(this.#updateBytes, this.#partBytes);
    this.#screen.betweenUpdates(this.#nowMs);
  }
}
