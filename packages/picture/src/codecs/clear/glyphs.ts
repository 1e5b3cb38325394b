import { DecodeError } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";

/** [MS-RDPEGFX] 3.3.1.9 slots of the glyph storage. */
const GLYPH_SLOTS = 4000;
/** Pixels all glyphs hold together: 4000 of the 1024 each may have. */
const MAX_GLYPH_PIXELS = GLYPH_SLOTS * 1024;

/** Small pictures in numbered slots: pixels in a row, without width and height. */
export class Glyphs {
  readonly #slots = new Map<number, Uint32Array>();
  #pixels = 0;

  /** Keeps what a rectangle shows; throws `DecodeError`. */
  store(slot: number, surface: Surface, { x, y, width, height }: Rectangle): void {
    checkSlot(slot);
    const known = this.#slots.get(slot);
    const total = this.#pixels - (known?.length ?? 0) + width * height;
    if (total > MAX_GLYPH_PIXELS) throw new DecodeError("limit", "glyph", 0, `${total} pixels in all`);
    const kept = new Uint32Array(width * height);
    for (let row = 0; row < height; row++) {
      const from = (y + row) * surface.width + x;
      kept.set(surface.pixels.subarray(from, from + width), row * width);
    }
    this.#slots.set(slot, kept);
    this.#pixels = total;
  }

  /** Draws a glyph with the rectangle's width; throws `DecodeError`. */
  draw(slot: number, surface: Surface, { x, y, width, height }: Rectangle): void {
    checkSlot(slot);
    const kept = this.#slots.get(slot);
    if (kept === undefined || kept.length < width * height)
      throw new DecodeError("invalid", "glyph", 0, `slot ${slot} has less than is to be drawn`);
    for (let row = 0; row < height; row++)
      surface.pixels.set(kept.subarray(row * width, (row + 1) * width), (y + row) * surface.width + x);
  }

  clear(): void {
    this.#slots.clear();
    this.#pixels = 0;
  }
}

function checkSlot(slot: number): void {
  if (slot >= GLYPH_SLOTS) throw new DecodeError("invalid", "glyph", 0, `slot ${slot}`);
}
