import { ByteWriter } from "@poterne/bytes";
import { makePicker } from "./rle-streams.ts";

const BAR_SLOTS = 32768;
const SHORT_BAR_SLOTS = 16384;
const RLEX = 2;

/** How many pixels were sent: a run's length or a palette's. */
type Pick = (limit: number) => number;

/** Makes ClearCodec messages at random that follow one another: they hit what earlier ones stored ([MS-RDPEGFX] 2.2.4.1). */
export class ClearStreams {
  readonly #pick: Pick;
  /** Messages one after another. */
  #sequence = 0;
  /** Heights of the columns kept: a hit is of the band's height. */
  readonly #bars: number[] = [];
  #shortBars = 0;
  /** Cursors of the storages: they begin again at a reset. */
  #barAt = 0;
  #shortBarAt = 0;
  readonly #glyphs = new Map<number, string>();

  constructor(seed: number) {
    this.#pick = makePicker(seed);
  }

  /** The next message for a picture of this size; `subcodecs` brings NSCodec streams where given. */
  next(
    width: number,
    height: number,
    makeNsStream?: (width: number, height: number) => Uint8Array,
  ): Uint8Array {
    const pick = this.#pick;
    const isSmall = width * height <= 1024;
    const glyph = isSmall && pick(2) === 0 ? pick(5) : -1;
    const isHit = glyph >= 0 && this.#glyphs.get(glyph) === `${width}x${height}` && pick(2) === 0;
    const isReset = pick(10) === 0;
    const writer = new ByteWriter();
    writer.u8((glyph >= 0 ? 1 : 0) | (isHit ? 2 : 0) | (isReset ? 4 : 0)).u8(this.#sequence);
    this.#sequence = (this.#sequence + 1) & 255;
    if (isReset) {
      this.#barAt = 0;
      this.#shortBarAt = 0;
    }
    if (glyph >= 0) writer.u16le(glyph);
    if (isHit) return writer.finish();
    if (glyph >= 0) this.#glyphs.set(glyph, `${width}x${height}`);
    const residual = glyph >= 0 || pick(3) > 0 ? this.#residual(width * height) : new Uint8Array(0);
    const bands = this.#bands(width, height);
    const subcodecs = this.#subcodecs(width, height, makeNsStream);
    writer.u32le(residual.length).u32le(bands.length).u32le(subcodecs.length);
    return writer.put(residual).put(bands).put(subcodecs).finish();
  }

  #colour(writer: ByteWriter): ByteWriter {
    const pick = this.#pick;
    return writer.u8(pick(256)).u8(pick(256)).u8(pick(256));
  }

  #residual(pixels: number): Uint8Array {
    const writer = new ByteWriter();
    for (let left = pixels; left > 0; ) {
      const length = Math.min(left, 1 + this.#pick(this.#pick(3) === 0 ? 70000 : 40));
      this.#colour(writer);
      putRunLength(writer, length);
      left -= length;
    }
    return writer.finish();
  }

  #bands(width: number, height: number): Uint8Array {
    const pick = this.#pick;
    const writer = new ByteWriter();
    for (let count = pick(4); count > 0; count--) {
      const left = pick(width);
      const right = left + pick(width - left);
      const top = pick(height);
      // Few heights, so that columns are hit often.
      const bottom =
        pick(3) > 0 ? top + Math.min(15, height - top - 1) : top + pick(Math.min(52, height - top));
      writer.u16le(left).u16le(right).u16le(top).u16le(bottom);
      this.#colour(writer);
      for (let column = left; column <= right; column++) this.#bar(writer, bottom - top + 1);
    }
    return writer.finish();
  }

  #bar(writer: ByteWriter, height: number): void {
    const pick = this.#pick;
    const kept = pick(this.#bars.length + 1);
    if (this.#bars[kept] === height) {
      writer.u16le(0x8000 | kept);
      return;
    }
    if (this.#shortBars > 0 && pick(2) === 0) {
      writer.u16le(0x4000 | pick(this.#shortBars)).u8(pick(height));
    } else {
      const first = pick(height);
      const last = first + pick(height - first + 1);
      writer.u16le(first | (last << 8));
      for (let index = first; index < last; index++) this.#colour(writer);
      this.#shortBarAt = (this.#shortBarAt + 1) % SHORT_BAR_SLOTS;
      this.#shortBars = Math.max(this.#shortBars, this.#shortBarAt);
    }
    this.#bars[this.#barAt] = height;
    this.#barAt = (this.#barAt + 1) % BAR_SLOTS;
  }

  #subcodecs(
    width: number,
    height: number,
    makeNsStream?: (width: number, height: number) => Uint8Array,
  ): Uint8Array {
    const pick = this.#pick;
    const writer = new ByteWriter();
    for (let count = pick(4); count > 0; count--) {
      const left = pick(width);
      const top = pick(height);
      const wide = 1 + pick(width - left);
      const high = 1 + pick(height - top);
      const kind = pick(makeNsStream === undefined ? 2 : 3);
      const data =
        kind === 0
          ? this.#raw(wide * high)
          : kind === 1
            ? this.#rlex(wide * high)
            : makeNsStream?.(wide, high);
      if (data === undefined) continue;
      writer.u16le(left).u16le(top).u16le(wide).u16le(high).u32le(data.length);
      writer.u8([0, RLEX, 1][kind] ?? 0).put(data);
    }
    return writer.finish();
  }

  #raw(pixels: number): Uint8Array {
    const writer = new ByteWriter();
    for (let index = 0; index < pixels; index++) this.#colour(writer);
    return writer.finish();
  }

  #rlex(pixels: number): Uint8Array {
    const pick = this.#pick;
    const colours = 1 + pick(127);
    const stopBits = Math.max(1, Math.ceil(Math.log2(colours)));
    const writer = new ByteWriter().u8(colours);
    for (let index = 0; index < colours; index++) this.#colour(writer);
    for (let left = pixels; left > 0; ) {
      const stop = pick(colours);
      const depth = pick(Math.min(stop + 1, 1 << (8 - stopBits), left));
      const length = Math.min(left - depth - 1, pick(pick(3) === 0 ? 70000 : 40));
      writer.u8(stop | (depth << stopBits));
      putRunLength(writer, length);
      left -= length + depth + 1;
    }
    return writer.finish();
  }
}

function putRunLength(writer: ByteWriter, length: number): void {
  if (length < 0xff) writer.u8(length);
  else if (length < 0xffff) writer.u8(0xff).u16le(length);
  else writer.u8(0xff).u16le(0xffff).u32le(length);
}
