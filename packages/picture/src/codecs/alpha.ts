import { ByteReader } from "@poterne/bytes";
import { readRunLength } from "./clear/pixel-runs.ts";
import type { DecodeRectangle } from "./codec.ts";

const ALPHA_SIGNATURE = 0x414c;
const COLOUR_BITS = 0x00ffffff;

/**
 * [MS-RDPEGFX] 2.2.4.3 ALPHACODEC_BITMAP_STREAM: changes how opaque a surface's pixels are, not their colours. Screens show
 * surfaces as opaque all the same.
 */
export const decodeAlpha: DecodeRectangle = (payload, surface, { x, y, width, height }) => {
  const reader = new ByteReader(payload, "alpha bitmap");
  if (reader.u16le() !== ALPHA_SIGNATURE) throw reader.fail("invalid", "signature");
  const isCompressed = reader.u16le() !== 0;
  if (!isCompressed && reader.remaining < width * height) throw reader.fail("truncated");
  surface.hasAlpha = true;
  let left = 0;
  let alpha = 0;
  for (let row = y; row < y + height; row++) {
    const start = row * surface.width + x;
    for (let at = start; at < start + width; at++) {
      while (left === 0) {
        alpha = reader.u8() << 24;
        left = isCompressed ? readRunLength(reader) : 1;
      }
      left--;
      surface.pixels[at] = ((surface.pixels[at] as number) & COLOUR_BITS) | alpha;
    }
  }
  if (left > 0) throw reader.fail("invalid", "a run past the end");
};
