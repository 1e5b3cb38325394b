import { DecodeError } from "@poterne/bytes";
import { MAX_SIDE_PX, type Rectangle } from "./language.ts";

/** An opaque black pixel. */
export const BLACK_PIXEL = 0xff000000;

/** Pixels of one surface: RGBA bytes, rows from the top without padding. */
export class Surface {
  width: number;
  height: number;
  /** One number a pixel: red in the lowest byte, then green, blue, alpha (little-endian machines, which all browsers run on). */
  pixels: Uint32Array;
  /** Some pixels may not be opaque: only what shows the surface looks at it. */
  hasAlpha = false;

  constructor(width: number, height: number) {
    checkSide(width);
    checkSide(height);
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height).fill(BLACK_PIXEL);
  }

  /** The same memory as bytes, for `ImageData`. */
  get rgba(): Uint8ClampedArray {
    return new Uint8ClampedArray(this.pixels.buffer, this.pixels.byteOffset, this.pixels.byteLength);
  }

  /** Takes another size, keeps the common top left part; nothing happens when the size is the same. */
  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    const next = new Surface(width, height);
    const columns = Math.min(width, this.width);
    for (let row = 0; row < Math.min(height, this.height); row++)
      next.pixels.set(this.pixels.subarray(row * this.width, row * this.width + columns), row * width);
    this.width = width;
    this.height = height;
    this.pixels = next.pixels;
  }

  /** Throws `DecodeError` `invalid` unless the rectangle lies inside. */
  check(rectangle: Rectangle): void {
    const { x, y, width, height } = rectangle;
    if (x + width > this.width || y + height > this.height)
      throw new DecodeError("invalid", "rectangle", 0, "outside its surface");
  }

  /** Fills a rectangle known to lie inside. */
  fill(x: number, y: number, width: number, height: number, pixel: number): void {
    for (let row = y; row < y + height; row++) {
      const start = row * this.width + x;
      // A short run is cheaper by hand than through the native call.
      if (width < 16) for (let at = start; at < start + width; at++) this.pixels[at] = pixel;
      else this.pixels.fill(pixel, start, start + width);
    }
  }

  /** Copies a rectangle of `from` (which may be this surface) to a place; both known to lie inside. */
  copyFrom(from: Surface, rectangle: Rectangle, toX: number, toY: number): void {
    const { x, y, width, height } = rectangle;
    const isDown = from === this && toY > y;
    if (from.hasAlpha) this.hasAlpha = true;
    for (let index = 0; index < height; index++) {
      const row = isDown ? height - 1 - index : index;
      const source = (y + row) * from.width + x;
      // `set` on the same memory behaves like memmove, so overlapping rows are safe.
      this.pixels.set(from.pixels.subarray(source, source + width), (toY + row) * this.width + toX);
    }
  }

  /** Writes decoded RGBA pixels of a rectangle known to lie inside. */
  put(rectangle: Rectangle, rgba: Uint8Array | Uint8ClampedArray): void {
    const { x, y, width, height } = rectangle;
    const aligned = rgba.byteOffset % 4 === 0 ? rgba : new Uint8Array(rgba);
    const pixels = new Uint32Array(aligned.buffer, aligned.byteOffset, width * height);
    for (let row = 0; row < height; row++)
      this.pixels.set(pixels.subarray(row * width, (row + 1) * width), (y + row) * this.width + x);
  }
}

function checkSide(side: number): void {
  if (side < 1 || side > MAX_SIDE_PX) throw new DecodeError("limit", "surface", 0, `side of ${side} pixels`);
}
