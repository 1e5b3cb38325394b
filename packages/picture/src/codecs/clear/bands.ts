import type { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import { BLACK_PIXEL, type Surface } from "../../surface.ts";
import { bgrAt } from "../rgb.ts";
import { BAR_SLOTS, BarCache, MAX_BAR_PX, SHORT_BAR_SLOTS } from "./bar-caches.ts";

const BAR_HIT = 0x8000;
const SHORT_BAR_HIT = 0x4000;

/** One band: its columns, and what stands where a bar has no pixels of its own. */
interface Band {
  readonly top: number;
  readonly height: number;
  readonly background: number;
}

/** [MS-RDPEGFX] 2.2.4.1.1.2 the bands layer, with the two storages of columns that outlive a picture. */
export class Bands {
  readonly #bars = new BarCache(BAR_SLOTS);
  readonly #shortBars = new BarCache(SHORT_BAR_SLOTS);

  /** Draws all bands of a picture into its rectangle; throws `DecodeError`. */
  decode(reader: ByteReader, surface: Surface, rectangle: Rectangle): void {
    while (reader.remaining > 0) {
      const left = reader.u16le();
      const right = reader.u16le();
      const top = reader.u16le();
      const bottom = reader.u16le();
      const background = bgrAt(reader.bytes, reader.advance(3));
      const isInside = left <= right && top <= bottom && right < rectangle.width && bottom < rectangle.height;
      if (!isInside) throw reader.fail("invalid", "a band outside the picture");
      const height = bottom - top + 1;
      if (height > MAX_BAR_PX) throw reader.fail("invalid", `a band of ${height} rows`);
      const band = { top: rectangle.y + top, height, background };
      for (let column = left; column <= right; column++)
        this.#drawBar(reader, surface, rectangle.x + column, band);
    }
  }

  #drawBar(reader: ByteReader, surface: Surface, x: number, band: Band): void {
    const header = reader.u16le();
    const from =
      (header & BAR_HIT) === 0 ? this.#makeBar(reader, header, band) : this.#findBar(reader, header);
    const length = Math.min(this.#bars.lengthOf(from / MAX_BAR_PX), band.height);
    const { pixels, width } = surface;
    let at = band.top * width + x;
    for (let index = from; index < from + length; index++, at += width)
      pixels[at] = this.#bars.pixels[index] as number;
  }

  /** [MS-RDPEGFX] 2.2.4.1.1.2.1.1.1 VBAR_CACHE_HIT: where the bar's pixels begin. Of a longer one the first are shown. */
  #findBar(reader: ByteReader, header: number): number {
    const slot = header & (BAR_SLOTS - 1);
    if (this.#bars.lengthOf(slot) < 0) throw reader.fail("invalid", `V-bar ${slot} was never sent`);
    return slot * MAX_BAR_PX;
  }

  /** A new bar of a short one, kept already or sent here, and background above and below. */
  #makeBar(reader: ByteReader, header: number, { height, background }: Band): number {
    const isHit = (header & SHORT_BAR_HIT) !== 0;
    const short = isHit ? this.#findShortBar(reader, header) : this.#readShortBar(reader, header);
    const first = isHit ? reader.u8() : header & 0xff;
    const start = this.#bars.add(height);
    const { pixels } = this.#bars;
    pixels.fill(background, start, start + height);
    // What reaches over the band's end is cut.
    const length = Math.min(this.#shortBars.lengthOf(short / MAX_BAR_PX), height - first);
    for (let index = 0; index < length; index++)
      pixels[start + first + index] = this.#shortBars.pixels[short + index] ?? BLACK_PIXEL;
    return start;
  }

  /** [MS-RDPEGFX] 2.2.4.1.1.2.1.1.2 SHORT_VBAR_CACHE_HIT. */
  #findShortBar(reader: ByteReader, header: number): number {
    const slot = header & (SHORT_BAR_SLOTS - 1);
    if (this.#shortBars.lengthOf(slot) < 0)
      throw reader.fail("invalid", `short V-bar ${slot} was never sent`);
    return slot * MAX_BAR_PX;
  }

  /** [MS-RDPEGFX] 2.2.4.1.1.2.1.1.3 SHORT_VBAR_CACHE_MISS. */
  #readShortBar(reader: ByteReader, header: number): number {
    const length = (header >> 8) - (header & 0xff);
    if (length < 0 || length > MAX_BAR_PX) throw reader.fail("invalid", "a short V-bar's length");
    let from = reader.advance(length * 3);
    const start = this.#shortBars.add(length);
    for (let index = start; index < start + length; index++, from += 3)
      this.#shortBars.pixels[index] = bgrAt(reader.bytes, from);
    return start;
  }

  /** [MS-RDPEGFX] 2.2.4.1 CLEARCODEC_FLAG_CACHE_RESET. */
  rewind(): void {
    this.#bars.rewind();
    this.#shortBars.rewind();
  }

  clear(): void {
    this.#bars.clear();
    this.#shortBars.clear();
  }
}
