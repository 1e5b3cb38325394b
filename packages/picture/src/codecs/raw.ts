import { DecodeError } from "@poterne/bytes";
import type { DecodeRectangle } from "./codec.ts";

/** RFC 6143 §7.7.1 Raw: rows of B, G, R, X pixels. */
export const decodeRaw: DecodeRectangle = (payload, surface, { x, y, width, height }) => {
  if (payload.length !== width * height * 4) throw new DecodeError("invalid", "raw rectangle", 0, "length");
  const { pixels } = surface;
  let from = 0;
  for (let row = y; row < y + height; row++) {
    const start = row * surface.width + x;
    for (let at = start; at < start + width; at++) {
      pixels[at] =
        0xff000000 |
        ((payload[from] as number) << 16) |
        ((payload[from + 1] as number) << 8) |
        (payload[from + 2] as number);
      from += 4;
    }
  }
};
