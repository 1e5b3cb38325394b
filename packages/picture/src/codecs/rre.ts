import { ByteReader } from "@poterne/bytes";
import { bgrxAt, type DecodeRectangle } from "./codec.ts";

const SUBRECTANGLE_BYTES = 12;

/** RFC 6143 §7.7.3 RRE: a background and rectangles of one colour. */
export const decodeRre: DecodeRectangle = (payload, surface, { x, y, width, height }) => {
  const reader = new ByteReader(payload, "RRE rectangle");
  const count = reader.u32();
  const background = bgrxAt(reader.take(4), 0);
  if (reader.remaining !== count * SUBRECTANGLE_BYTES) throw reader.fail("invalid", "length");
  surface.fill(x, y, width, height, background);
  for (let index = 0; index < count; index++) {
    const pixel = bgrxAt(reader.take(4), 0);
    const left = reader.u16();
    const top = reader.u16();
    const wide = reader.u16();
    const high = reader.u16();
    if (left + wide > width || top + high > height) throw reader.fail("invalid", "outside the rectangle");
    surface.fill(x + left, y + top, wide, high, pixel);
  }
};
