import type { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";

/** [MS-RDPEGFX] 2.2.4.1.1.1.1 a run's length in one byte, or after FF in two, or after FFFF in four. */
export function readRunLength(reader: ByteReader): number {
  const short = reader.u8();
  if (short < 0xff) return short;
  const middle = reader.u16le();
  return middle < 0xffff ? middle : reader.u32le();
}

/** Fills a rectangle, known to lie inside its surface, from left to right and down by runs of one colour. */
export class PixelRuns {
  readonly #reader: ByteReader;
  readonly #surface: Surface;
  readonly #rectangle: Rectangle;
  #column = 0;
  #row = 0;
  /** Pixels still to come. */
  left: number;

  constructor(reader: ByteReader, surface: Surface, rectangle: Rectangle) {
    this.#reader = reader;
    this.#surface = surface;
    this.#rectangle = rectangle;
    this.left = rectangle.width * rectangle.height;
  }

  /** Throws `DecodeError` `invalid` for a run past the rectangle's end. */
  put(length: number, pixel: number): void {
    if (length > this.left) throw this.#reader.fail("invalid", "a run past the end");
    this.left -= length;
    const { x, y, width } = this.#rectangle;
    while (length > 0) {
      const count = Math.min(length, width - this.#column);
      this.#surface.fill(x + this.#column, y + this.#row, count, 1, pixel);
      length -= count;
      this.#column += count;
      if (this.#column < width) continue;
      this.#column = 0;
      this.#row++;
    }
  }
}
