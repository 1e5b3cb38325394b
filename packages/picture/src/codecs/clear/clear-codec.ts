import { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import type { DecodeRectangle } from "../codec.ts";
import { bgrAt } from "../rgb.ts";
import { Bands } from "./bands.ts";
import { Glyphs } from "./glyphs.ts";
import { PixelRuns, readRunLength } from "./pixel-runs.ts";
import { decodeSubcodecs } from "./subcodecs.ts";

/** [MS-RDPEGFX] 2.2.4.1 flags. */
const CLEARCODEC_FLAG_GLYPH_INDEX = 0x01;
const CLEARCODEC_FLAG_GLYPH_HIT = 0x02;
const CLEARCODEC_FLAG_CACHE_RESET = 0x04;

/**
 * [MS-RDPEGFX] 2.2.4.1 ClearCodec of one stream of frames: glyphs and columns sent before are drawn again by number. The
 * sequence number is not checked: a viewer may start anywhere, and frames come in order.
 */
export class ClearCodec {
  readonly #glyphs = new Glyphs();
  readonly #bands = new Bands();

  /** As new. */
  clear(): void {
    this.#glyphs.clear();
    this.#bands.clear();
  }

  readonly decode: DecodeRectangle = (payload, surface, rectangle) => {
    const reader = new ByteReader(payload, "ClearCodec bitmap");
    const flags = reader.u8();
    reader.advance(1);
    const hasGlyph = (flags & CLEARCODEC_FLAG_GLYPH_INDEX) !== 0;
    const isHit = (flags & CLEARCODEC_FLAG_GLYPH_HIT) !== 0;
    if (isHit && !hasGlyph) throw reader.fail("invalid", "a glyph without its number");
    const glyph = hasGlyph ? reader.u16le() : 0;
    if ((flags & CLEARCODEC_FLAG_CACHE_RESET) !== 0) this.#bands.rewind();
    if (isHit) return this.#glyphs.draw(glyph, surface, rectangle);
    // An empty picture may leave its payload out.
    if (reader.remaining > 0) this.#decodeComposite(reader, surface, rectangle);
    if (hasGlyph) this.#glyphs.store(glyph, surface, rectangle);
  };

  /** [MS-RDPEGFX] 2.2.4.1.1 CLEARCODEC_COMPOSITE_PAYLOAD: three layers, one over the other. */
  #decodeComposite(reader: ByteReader, surface: Surface, rectangle: Rectangle): void {
    const residualBytes = reader.u32le();
    const bandsBytes = reader.u32le();
    const subcodecBytes = reader.u32le();
    const residual = new ByteReader(reader.take(residualBytes), "ClearCodec residual");
    const bands = new ByteReader(reader.take(bandsBytes), "ClearCodec band");
    const subcodecs = new ByteReader(reader.take(subcodecBytes), "ClearCodec subcodec");
    if (residual.remaining > 0) decodeResidual(residual, surface, rectangle);
    this.#bands.decode(bands, surface, rectangle);
    decodeSubcodecs(subcodecs, surface, rectangle);
  }
}

/** [MS-RDPEGFX] 2.2.4.1.1.1 the residual layer: runs of colours that make the whole picture. */
function decodeResidual(reader: ByteReader, surface: Surface, rectangle: Rectangle): void {
  const runs = new PixelRuns(reader, surface, rectangle);
  while (reader.remaining > 0) {
    const pixel = bgrAt(reader.bytes, reader.advance(3));
    runs.put(readRunLength(reader), pixel);
  }
  if (runs.left > 0) throw reader.fail("truncated", `${runs.left} pixels are missing`);
}
