import { ALL_CONTEXTS, MORE_FOLLOWS, PictureOp, type Rectangle, WHOLE_PICTURE } from "./language.ts";

const DRAW_HEADER_BYTES = 17;
const MORE_HEADER_BYTES = 6;
const NO_BYTES = new Uint8Array(0);

/**
 * Builds one frame's payload of picture or pointer commands. `allocate` brings the buffers (a host may use memory that
 * is not cleared first), `giveBack` takes those that were outgrown; what `finish` returns belongs to the caller and is
 * not written again.
 */
export class PictureWriter {
  readonly #allocate: (sizeBytes: number) => Uint8Array;
  readonly #giveBack: (outgrown: Uint8Array) => void;
  #bytes: Uint8Array = NO_BYTES;
  #length = 0;
  /** Where the flags of the piece being written stand, -1 for none. */
  #pieceAt = -1;

  constructor(
    allocate: (sizeBytes: number) => Uint8Array = (size) => new Uint8Array(size),
    giveBack: (outgrown: Uint8Array) => void = () => {},
  ) {
    this.#allocate = allocate;
    this.#giveBack = giveBack;
  }

  get length(): number {
    return this.#length;
  }

  /** Makes room for `count` more bytes, so that what follows does not move them again. */
  reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = this.#allocate(this.#length === 0 ? needed : Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    const outgrown = this.#bytes;
    this.#bytes = larger;
    if (outgrown.length > 0) this.#giveBack(outgrown);
  }

  /** The payload so far; the writer is empty afterwards. An open piece is closed as one that goes on. */
  finish(): Uint8Array {
    if (this.#pieceAt >= 0) this.endPiece(true);
    const payload = this.#bytes.subarray(0, this.#length);
    this.#bytes = NO_BYTES;
    this.#length = 0;
    return payload;
  }

  #u8(value: number): void {
    this.#bytes[this.#length++] = value;
  }
  #u16(value: number): void {
    this.#bytes[this.#length++] = value;
    this.#bytes[this.#length++] = value >>> 8;
  }
  #u32(value: number): void {
    this.#u16(value);
    this.#u16(value >>> 16);
  }

  surface(surface: number, width: number, height: number): void {
    this.reserve(7);
    this.#u8(PictureOp.surface);
    this.#u16(surface);
    this.#u16(width);
    this.#u16(height);
  }

  forget(surface: number): void {
    this.reserve(3);
    this.#u8(PictureOp.forget);
    this.#u16(surface);
  }

  /** Begins a `draw`; its payload follows by `put`, its end by `endPiece`. */
  beginDraw(surface: number, x: number, y: number, width: number, height: number, codec: number): void {
    this.reserve(DRAW_HEADER_BYTES);
    this.#u8(PictureOp.draw);
    this.#u16(surface);
    this.#u16(x);
    this.#u16(y);
    this.#u16(width);
    this.#u16(height);
    this.#u8(codec);
    this.#pieceAt = this.#length;
    this.#length += 5;
  }

  /** Begins the next piece of a `draw` whose last one went into an earlier frame. */
  beginMore(): void {
    this.reserve(MORE_HEADER_BYTES);
    this.#u8(PictureOp.more);
    this.#pieceAt = this.#length;
    this.#length += 5;
  }

  /** Whether a piece is open for `put`. */
  get isInPiece(): boolean {
    return this.#pieceAt >= 0;
  }

  /** Copies `bytes[start..end)` into the open piece. */
  put(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    // Below this size a loop is cheaper than a view and a native copy.
    if (count < 48) for (let at = start; at < end; at++) this.#bytes[this.#length++] = bytes[at] ?? 0;
    else {
      this.#bytes.set(bytes.subarray(start, end), this.#length);
      this.#length += count;
    }
  }

  /** Closes the open piece. */
  endPiece(hasMore: boolean): void {
    const at = this.#pieceAt;
    const end = this.#length;
    this.#length = at;
    this.#u8(hasMore ? MORE_FOLLOWS : 0);
    this.#u32(end - at - 5);
    this.#length = end;
    this.#pieceAt = -1;
  }

  /** A whole `draw` at once. */
  draw(surface: number, place: Rectangle, codec: number, payload: Uint8Array): void {
    this.beginDraw(surface, place.x, place.y, place.width, place.height, codec);
    this.put(payload, 0, payload.length);
    this.endPiece(false);
  }

  /** A whole `draw` whose payload is `head` and `payload` one after the other; flagged as a whole picture or not. */
  drawParts(
    draw: { readonly surface: number; readonly place: Rectangle; readonly codec: number },
    head: Uint8Array,
    payload: Uint8Array,
    coverage: "regions" | "whole" = "regions",
  ): void {
    const { surface, place, codec } = draw;
    this.reserve(DRAW_HEADER_BYTES + head.length + payload.length);
    this.beginDraw(surface, place.x, place.y, place.width, place.height, codec);
    const flagsAt = this.#pieceAt;
    this.put(head, 0, head.length);
    this.put(payload, 0, payload.length);
    this.endPiece(false);
    if (coverage === "whole") this.#bytes[flagsAt] = WHOLE_PICTURE;
  }

  #rectangle(place: Rectangle): void {
    this.#u16(place.x);
    this.#u16(place.y);
    this.#u16(place.width);
    this.#u16(place.height);
  }

  /** Shows a surface at a place of surface 0; null: no longer. */
  map(surface: number, place: Rectangle | null): void {
    this.reserve(11);
    this.#u8(PictureOp.map);
    this.#u16(surface);
    this.#rectangle(place ?? { x: 0, y: 0, width: 0, height: 0 });
  }

  /** Keeps a rectangle's pixels in a slot. */
  cacheStore(slot: number, surface: number, rectangle: Rectangle): void {
    this.reserve(13);
    this.#u8(PictureOp.cacheStore);
    this.#u16(slot);
    this.#u16(surface);
    this.#rectangle(rectangle);
  }

  /** Draws a slot's pixels at places, 65535 at most. */
  cacheDraw(
    slot: number,
    surface: number,
    places: readonly { readonly x: number; readonly y: number }[],
  ): void {
    this.reserve(7 + places.length * 4);
    this.#u8(PictureOp.cacheDraw);
    this.#u16(slot);
    this.#u16(surface);
    this.#u16(places.length);
    for (const { x, y } of places) {
      this.#u16(x);
      this.#u16(y);
    }
  }

  cacheForget(slot: number): void {
    this.reserve(3);
    this.#u8(PictureOp.cacheForget);
    this.#u16(slot);
  }

  /** Fills rectangles, 65535 at most, with one colour; `pixel` as in `fill`. */
  solidList(surface: number, pixel: number, rectangles: readonly Rectangle[]): void {
    this.reserve(9 + rectangles.length * 8);
    this.#u8(PictureOp.solidList);
    this.#u16(surface);
    this.#u32(pixel);
    this.#u16(rectangles.length);
    for (const rectangle of rectangles) this.#rectangle(rectangle);
  }

  /** Changes what codecs remember: one of `CodecStateAction`. */
  codecState(action: number, surface = 0, id = 0, data: Uint8Array = NO_BYTES): void {
    this.reserve(10 + data.length);
    this.#u8(PictureOp.codecState);
    this.#u8(action);
    this.#u16(surface);
    this.#u32(id);
    this.#u16(data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
  }

  /** Copies a rectangle from one surface to a place of another. */
  copyBetween(from: number, rectangle: Rectangle, to: number, place: { x: number; y: number }): void {
    this.reserve(17);
    this.#u8(PictureOp.copy);
    this.#u16(from);
    this.#rectangle(rectangle);
    this.#u16(to);
    this.#u16(place.x);
    this.#u16(place.y);
  }

  /** Copies a rectangle within one surface. */
  copy(
    surface: number,
    x: number,
    y: number,
    width: number,
    height: number,
    to: { x: number; y: number },
  ): void {
    this.reserve(17);
    this.#u8(PictureOp.copy);
    this.#u16(surface);
    this.#u16(x);
    this.#u16(y);
    this.#u16(width);
    this.#u16(height);
    this.#u16(surface);
    this.#u16(to.x);
    this.#u16(to.y);
  }

  /** Fills a rectangle; `pixel` is red, green, blue, alpha from the lowest byte up. */
  fill(surface: number, x: number, y: number, width: number, height: number, pixel: number): void {
    this.reserve(15);
    this.#u8(PictureOp.fill);
    this.#u16(surface);
    this.#u16(x);
    this.#u16(y);
    this.#u16(width);
    this.#u16(height);
    this.#u32(pixel);
  }

  dictionary(context: number, window: Uint8Array, bitCount = 0, bits = 0): void {
    this.reserve(9 + window.length);
    this.#u8(PictureOp.dictionary);
    this.#u8(context);
    this.#u8(bitCount);
    this.#u16(bits);
    this.#u32(window.length);
    this.#bytes.set(window, this.#length);
    this.#length += window.length;
  }

  reset(context: number = ALL_CONTEXTS): void {
    this.reserve(2);
    this.#u8(PictureOp.reset);
    this.#u8(context);
  }

  present(): void {
    this.reserve(1);
    this.#u8(PictureOp.present);
  }

  cursor(shape: {
    readonly hotX: number;
    readonly hotY: number;
    readonly width: number;
    readonly height: number;
    readonly kind: number;
    readonly payload: Uint8Array;
  }): void {
    this.reserve(14 + shape.payload.length);
    this.#u8(PictureOp.cursor);
    this.#u16(shape.hotX);
    this.#u16(shape.hotY);
    this.#u16(shape.width);
    this.#u16(shape.height);
    this.#u8(shape.kind);
    this.#u32(shape.payload.length);
    this.#bytes.set(shape.payload, this.#length);
    this.#length += shape.payload.length;
  }

  cursorPosition(x: number, y: number): void {
    this.reserve(5);
    this.#u8(PictureOp.cursorPosition);
    this.#u16(x);
    this.#u16(y);
  }

  cursorHide(): void {
    this.reserve(1);
    this.#u8(PictureOp.cursorHide);
  }

  cursorDefault(): void {
    this.reserve(1);
    this.#u8(PictureOp.cursorDefault);
  }
}
