import { ByteReader } from "@poterne/bytes";
import { type BitmapHead, drawBeside, drawBitmap, type PixelRows, readBitmapHead } from "./bitmap.ts";
import type { DecodeRectangle } from "./codec.ts";
import type { Palette } from "./palette.ts";
import { bgrAt, rgb555, rgb565 } from "./rgb.ts";
import { RleOrder, type RleRun, readRleRun } from "./rle-orders.ts";

/** How pixels of a depth are read; 8-bit ones stay places in the palette until the bitmap is whole. */
interface Depth {
  readonly bytesPerPixel: number;
  readonly black: number;
  readonly white: number;
  readonly read: (bytes: Uint8Array, at: number) => number;
}

const BLACK = 0xff000000;
const WHITE = 0xffffffff;
const DEPTH_8: Depth = { bytesPerPixel: 1, black: 0, white: 255, read: (bytes, at) => bytes[at] as number };
const DEPTH_15: Depth = {
  bytesPerPixel: 2,
  black: BLACK,
  white: WHITE,
  read: (bytes, at) => rgb555((bytes[at] as number) | ((bytes[at + 1] as number) << 8)),
};
const DEPTH_16: Depth = {
  bytesPerPixel: 2,
  black: BLACK,
  white: WHITE,
  read: (bytes, at) => rgb565((bytes[at] as number) | ((bytes[at + 1] as number) << 8)),
};
const DEPTH_24: Depth = { bytesPerPixel: 3, black: BLACK, white: WHITE, read: bgrAt };

/** What XOR with the pixel before may change: not the alpha. */
const COLOUR_BITS = 0x00ffffff;
const MASK_FIRST = 0x03;
const MASK_SECOND = 0x05;
/** Runs shorter than this are copied by hand: cheaper than the native call. */
const SHORT_RUN = 24;

/** Where a run is written: each write method fills `length` pixels from the place reached, over as many rows as it takes. */
class RunWriter {
  readonly #reader: ByteReader;
  readonly #pixels: Uint32Array;
  readonly #width: number;
  readonly #step: number;
  /** Pixels still to come; the place of the next one, and how many fit into its row. */
  left: number;
  #at: number;
  #leftInRow: number;
  #row: number;
  /** The orders under way began in the first row: there is nothing above to refer to. */
  isFirstRow = true;

  constructor(reader: ByteReader, rows: PixelRows, head: BitmapHead) {
    this.#reader = reader;
    this.#pixels = rows.pixels;
    this.#width = head.width;
    this.#step = rows.step;
    this.#row = rows.start;
    this.#at = rows.start;
    this.#leftInRow = head.width;
    this.left = head.width * head.height;
  }

  /** Whether the first row is full. */
  isPastFirstRow(height: number): boolean {
    return this.left <= this.#width * (height - 1);
  }

  /** Takes room for a run, throws `DecodeError` where the bitmap ends before. */
  begin(length: number): void {
    if (length > this.left) throw this.#reader.fail("invalid", "a run past the bitmap's end");
    this.left -= length;
  }

  /** Moves over up to `length` pixels of one row and returns how many; they begin at `at`. */
  #advance(length: number): number {
    if (this.#leftInRow === 0) {
      this.#row += this.#step;
      this.#at = this.#row;
      this.#leftInRow = this.#width;
    }
    const count = Math.min(length, this.#leftInRow);
    this.#leftInRow -= count;
    this.#at += count;
    return count;
  }

  fill(length: number, pixel: number): void {
    const pixels = this.#pixels;
    while (length > 0) {
      const count = this.#advance(length);
      length -= count;
      const end = this.#at;
      if (count > SHORT_RUN) pixels.fill(pixel, end - count, end);
      else for (let at = end - count; at < end; at++) pixels[at] = pixel;
    }
  }

  /** Repeats the row before, changed by `change`. */
  repeat(length: number, change: number): void {
    const pixels = this.#pixels;
    const step = this.#step;
    while (length > 0) {
      const count = this.#advance(length);
      length -= count;
      const end = this.#at;
      const start = end - count;
      if (change === 0 && count > SHORT_RUN) pixels.copyWithin(start, start - step, end - step);
      else for (let at = start; at < end; at++) pixels[at] = (pixels[at - step] as number) ^ change;
    }
  }

  /** One pixel a bit, the lowest first: set is the foreground. */
  mask(bits: number, length: number, foreground: number, black: number): void {
    const pixels = this.#pixels;
    const change = foreground & COLOUR_BITS;
    while (length > 0) {
      const count = this.#advance(length);
      length -= count;
      for (let at = this.#at - count; at < this.#at; at++, bits >>= 1) {
        const isSet = (bits & 1) !== 0;
        if (this.isFirstRow) pixels[at] = isSet ? foreground : black;
        else pixels[at] = (pixels[at - this.#step] as number) ^ (isSet ? change : 0);
      }
    }
  }

  /** Pixels as they are. */
  image(length: number, { read, bytesPerPixel }: Depth): void {
    const bytes = this.#reader.bytes;
    let from = this.#reader.advance(length * bytesPerPixel);
    while (length > 0) {
      const count = this.#advance(length);
      length -= count;
      for (let at = this.#at - count; at < this.#at; at++, from += bytesPerPixel)
        this.#pixels[at] = read(bytes, from);
    }
  }

  /** Two pixels in turn. */
  dither(length: number, one: number, other: number): void {
    let isOne = true;
    while (length > 0) {
      const count = this.#advance(length);
      length -= count;
      for (let at = this.#at - count; at < this.#at; at++, isOne = !isOne)
        this.#pixels[at] = isOne ? one : other;
    }
  }
}

/** Decodes the orders of one bitmap: the order of its rows is that of the coded ones. */
class InterleavedDecoder {
  readonly #reader: ByteReader;
  readonly #depth: Depth;
  readonly #head: BitmapHead;
  readonly #writer: RunWriter;
  #foreground: number;
  /** A background run followed by another: a pixel of foreground stands between. */
  #insertsForeground = false;

  constructor(reader: ByteReader, depth: Depth, head: BitmapHead, rows: PixelRows) {
    this.#reader = reader;
    this.#depth = depth;
    this.#head = head;
    this.#writer = new RunWriter(reader, rows, head);
    this.#foreground = depth.white;
  }

  /** Until the bitmap is whole; bytes after it are passed over, as clients do. */
  run(): void {
    const run: RleRun = { kind: 0, length: 0 };
    const writer = this.#writer;
    while (writer.left > 0) {
      if (writer.isFirstRow && writer.isPastFirstRow(this.#head.height)) {
        writer.isFirstRow = false;
        this.#insertsForeground = false;
      }
      readRleRun(this.#reader, run);
      writer.begin(run.kind === RleOrder.dithered ? run.length * 2 : run.length);
      if (run.kind === RleOrder.background) this.#background(run.length);
      else {
        this.#insertsForeground = false;
        this.#take(run);
      }
    }
  }

  #background(length: number): void {
    if (this.#insertsForeground && length > 0) {
      this.#foregroundRun(1);
      length--;
    }
    if (this.#writer.isFirstRow) this.#writer.fill(length, this.#depth.black);
    else this.#writer.repeat(length, 0);
    this.#insertsForeground = true;
  }

  #foregroundRun(length: number): void {
    if (this.#writer.isFirstRow) this.#writer.fill(length, this.#foreground);
    else this.#writer.repeat(length, this.#foreground & COLOUR_BITS);
  }

  #readPixel(): number {
    return this.#depth.read(this.#reader.bytes, this.#reader.advance(this.#depth.bytesPerPixel));
  }

  #take({ kind, length }: RleRun): void {
    const writer = this.#writer;
    switch (kind) {
      case RleOrder.setForeground:
        this.#foreground = this.#readPixel();
        return this.#foregroundRun(length);
      case RleOrder.foreground:
        return this.#foregroundRun(length);
      case RleOrder.setMask:
        this.#foreground = this.#readPixel();
        return this.#masks(length);
      case RleOrder.mask:
        return this.#masks(length);
      case RleOrder.colour:
        return writer.fill(length, this.#readPixel());
      case RleOrder.image:
        return writer.image(length, this.#depth);
      case RleOrder.dithered: {
        const one = this.#readPixel();
        return writer.dither(length * 2, one, this.#readPixel());
      }
      case RleOrder.maskFirst:
        return writer.mask(MASK_FIRST, length, this.#foreground, this.#depth.black);
      case RleOrder.maskSecond:
        return writer.mask(MASK_SECOND, length, this.#foreground, this.#depth.black);
      case RleOrder.white:
        return writer.fill(length, this.#depth.white);
      default:
        return writer.fill(length, this.#depth.black);
    }
  }

  #masks(length: number): void {
    for (let left = length; left > 0; left -= 8)
      this.#writer.mask(this.#reader.u8(), Math.min(8, left), this.#foreground, this.#depth.black);
  }
}

function makeDecoder(depth: Depth): DecodeRectangle {
  return (payload, surface, rectangle) => {
    const reader = new ByteReader(payload, "interleaved RLE bitmap");
    const head = readBitmapHead(reader, rectangle);
    drawBitmap(surface, rectangle, head, (rows) => new InterleavedDecoder(reader, depth, head, rows).run());
  };
}

/** [MS-RDPBCGR] 2.2.9.1.1.3.1.2.4 interleaved RLE of 15 bits a pixel. */
export const decodeRle15: DecodeRectangle = makeDecoder(DEPTH_15);
/** Interleaved RLE of 16 bits a pixel. */
export const decodeRle16: DecodeRectangle = makeDecoder(DEPTH_16);
/** Interleaved RLE of 24 bits a pixel. */
export const decodeRle24: DecodeRectangle = makeDecoder(DEPTH_24);

/** Interleaved RLE of 8 bits a pixel: places in the palette. */
export function makeRle8({ colours }: Palette): DecodeRectangle {
  return (payload, surface, rectangle) => {
    const reader = new ByteReader(payload, "interleaved RLE bitmap");
    const head = readBitmapHead(reader, rectangle);
    const places = drawBeside(head, (rows) => new InterleavedDecoder(reader, DEPTH_8, head, rows).run());
    const { x, y, width, height } = rectangle;
    for (let row = 0; row < height; row++) {
      const at = (y + row) * surface.width + x;
      for (let column = 0; column < width; column++)
        surface.pixels[at + column] = colours[(places[row * head.width + column] as number) & 255] as number;
    }
  };
}
